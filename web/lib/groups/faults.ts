// What is wrong with a group's form, field by field: said by the very operation that would be performed.
import { formatNumber, formatWhen } from '#lib/format.ts'
import type { Call } from '#shared/operations/definition.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import type { GroupField } from '#shared/operations/update-group.ts'
import { sentence } from '#shared/words.ts'

export type GroupFaults = { [F in GroupField]?: string | undefined }

export function nameFault(name: string): string | undefined {
  if (!name.trim()) return 'Enter a name.'
  return name.trim().length > 200 ? 'A name has 200 characters at most.' : undefined
}

/** @param eachCredits of the limit for each member: where a limit is too high, this tells which one it is */
export function faultsOf(
  outcomes: readonly Outcome[],
  { type, args }: Call,
  eachCredits: number | null | undefined,
  now: number,
): GroupFaults {
  const faults: GroupFaults = {}
  for (const outcome of outcomes) {
    if (outcome.result !== 'rejected') continue
    const { title, fact } = sentence(outcome, {
      type,
      args,
      names: { users: {}, groups: {}, products: {} },
      when: (at) => formatWhen(at, now),
      number: formatNumber,
    })
    if (outcome.code === 'limit-exceeds-credits')
      faults[outcome.fact.credits === eachCredits ? 'memberLimit' : 'poolLimit'] = title
    else if (outcome.code === 'group-name-taken') faults.name = fact
    else faults[fieldOf(outcome.item)] = `${title} ${fact}`.trim()
  }
  return faults
}

const fieldOf = (item: string): GroupField => (item === 'memberLimit' || item === 'poolLimit' ? item : 'name')
