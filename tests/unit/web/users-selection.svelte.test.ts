// The selection survives a reload of this tab, for its account alone, and keeps the order in which people were selected.
import { beforeEach, expect, test, vi } from 'vitest'
import { UserId } from '#shared/model.ts'
import * as v from 'valibot'

const idOf = (n: number) => v.parse(UserId, `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`)
const fresh = async () => {
  vi.resetModules()
  return (await import('#lib/users/selection.svelte.ts')).selection
}

beforeEach(() => sessionStorage.clear())

test('is there again after a reload, in the same order', async () => {
  const before = await fresh()
  before.open('account-1')
  before.add([idOf(3), idOf(1)])
  before.set(idOf(2), true)
  before.set(idOf(1), false)
  before.flush()
  const after = await fresh()
  after.open('account-1')
  expect([...after.ids]).toEqual([idOf(3), idOf(2)])
})

test('belongs to one account', async () => {
  const one = await fresh()
  one.open('account-1')
  one.replaceWith([idOf(1)])
  one.flush()
  const other = await fresh()
  other.open('account-2')
  expect(other.size).toBe(0)
})

test('what a tab cannot keep is lost with the tab, not at once', async () => {
  const selection = await fresh()
  selection.open('account-1')
  selection.add([idOf(1)])
  const full = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  selection.flush()
  full.mockRestore()
  expect(selection.has(idOf(1))).toBe(true)
})
