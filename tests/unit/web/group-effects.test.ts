// What editing or deleting a group does to the limits of its members.
import { changeSentence, effectsOf, insteadOf, moveSentence, type World } from '#lib/groups/effects.ts'
import { TERMS, type LimitChoice, type Meter, type User } from '#shared/model.ts'
import { expect, test } from 'vitest'

const month = (credits: number | null): LimitChoice => ({ credits, term: 'month' })
const starts = { month: 100, quarter: 100, year: 100, contract: 100 }
const used = new Map<string, number>()
const member = (id: string, spent: number, own: LimitChoice | null = null): User => {
  used.set(id, spent)
  // Only what the effects read.
  return { id, limit: own, status: 'active' } as unknown as User
}
const world = (fallback: LimitChoice | null): World => ({
  organisation: { defaultLimit: fallback as World['organisation']['defaultLimit'] },
  starts,
  meter: ({ id }) =>
    Object.fromEntries(
      TERMS.flatMap((term) => [
        [term, used.get(id)],
        [`${term}Since`, 100],
      ]),
    ) as unknown as Meter,
})
const members = [member('a', 1870), member('b', 1612, month(1500)), member('c', 300), member('d', 2000)]

test('a lower limit: who changes, who keeps one, who is blocked at once', () => {
  const effects = effectsOf(members, { memberLimit: month(2000) }, { memberLimit: month(1500) }, world(null))
  expect(effects.blocked.map(({ user, over }) => [user.id, over])).toEqual([['a', 370]])
  expect(changeSentence(effects)).toBe(
    '4 members: 3 change, 1 keeps a limit of their own. 1 has used more already and is blocked at once.',
  )
  expect(insteadOf(effects)).toBe('1,500 a month instead of 2,000')
})

test('without a limit of the group the default holds', () => {
  const effects = effectsOf(members, { memberLimit: month(2000) }, undefined, world(month(500)))
  expect(moveSentence(effects, ['leaves', 'leave'])).toBe(
    '4 members leave: 3 get 500 a month instead of 2,000, 1 keeps a limit of their own. 1 has used more already and is blocked at once.',
  )
})

test('blocked at once by a limit of 0, without having used more', () => {
  const effects = effectsOf([member('e', 0)], { memberLimit: null }, { memberLimit: month(0) }, world(null))
  expect(changeSentence(effects)).toBe('1 member: 1 changes. 1 is blocked at once.')
  expect(insteadOf(effects)).toBe('0 (blocked) instead of no limit')
})

test('nothing changes where the limit stays, or nobody is there', () => {
  const same = { memberLimit: month(2000) }
  expect(changeSentence(effectsOf(members, same, same, world(null)))).toBe('4 members: no limit changes.')
  expect(changeSentence(effectsOf([], same, undefined, world(null)))).toBe(
    'The group has no members: no limit changes.',
  )
})
