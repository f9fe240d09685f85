// The work of checking rows, in slices that let the page answer: first what each row means, then all of them tried by the very operations on
// a copy of the organisation, seats, addresses and limits included. Nothing is queued.
import { device } from '#lib/device.svelte.ts'
import type { Settings } from './settings.ts'
import { toNameKey, type GroupId, type NewGroup, type ProductId, type UserId } from '#shared/model.ts'
import { v7 as newId } from 'uuid'
import type { Columns, DraftField } from './fields.ts'
import { planOf, type Entry } from './plan.ts'
import { isBlank, type DraftRow } from './rows.ts'
import { createTally, type Tally, type Verdicts } from './tally.ts'
import { understand, type Ground, type Understood } from './understand.ts'
import { judge, stateOf, type Verdict } from './verdict.ts'

const REHEARSED_AT_ONCE = 200

export interface Checked {
  /** Read anew while a file is still coming. */
  rows: () => readonly DraftRow[]
  isReading: () => boolean
  settings: Settings
  columns: Columns
  /** What the rows came to in earlier checks, the latest first: what a row means is found out once. */
  before: readonly Verdicts[]
  breathe: () => Promise<void> | void
  /** Hears how far it is; answering false ends it. */
  onprogress: (so: Verdicts, progress: { done: number; total: number }) => boolean
}

/** One for a page: it remembers the ids of groups that are to be made. */
export function createChecker() {
  const groupIds = new Map<string, GroupId>()

  /** The groups that are to be made and are not there yet, each with the id that it will have. */
  function newGroups({ newGroups: names }: Settings): NewGroup[] {
    const there = new Set(device.groups.map(({ nameKey }) => nameKey))
    return names.flatMap((name) => {
      const key = toNameKey(name)
      if (there.has(key)) return []
      there.add(key)
      const id = groupIds.get(key) ?? (newId() as GroupId)
      groupIds.set(key, id)
      return [{ id, name, memberLimit: null, poolLimit: null }]
    })
  }

  /** Undefined where it was ended. */
  async function check(asked: Checked): Promise<Verdicts | undefined> {
    const { settings, columns } = asked
    const groups = newGroups(settings)
    const { existing: _existing, ...matters } = settings
    const key = JSON.stringify([matters, columns, device.rosterVersion, device.products.length])
    const verdicts = createTally(key)
    const entries = await read(asked, groundOf(settings, columns, groups), verdicts)
    const whole = entries && (await rehearse(asked, verdicts, entries, usedGroups(groups, entries)))
    return whole ? verdicts : undefined
  }

  /** What each row means, also of those that are still coming; answers the rows that operations are to try. */
  async function read(
    { rows, isReading, settings, before, breathe, onprogress }: Checked,
    ground: Ground,
    verdicts: Tally,
  ): Promise<Entry[] | undefined> {
    const entries: Entry[] = []
    const firstOf = new Map<UserId, number>()
    let number = 0
    for (let at = 0; ;) {
      const row = rows()[at]
      if (!row) {
        if (!isReading()) return entries
        await new Promise((resolve) => setTimeout(resolve, 20))
        if (!onprogress(verdicts, { done: at, total: at * 2 })) return undefined
        continue
      }
      at += 1
      number = row.number ?? number + 1
      if (!isBlank(row) || row.tooMany) {
        const { last, meaning = understand(row, ground) } = known(row, before, verdicts.ground)
        const verdict = judge(row, number, meaning, settings.existing, firstOf)
        // What it came to is shown until the operations have been tried again.
        const stands = verdict.state === 'checking' && last?.understood === meaning && last.state !== 'ask'
        verdicts.put(row.id, stands ? { ...last, number } : verdict)
        if (verdict.state === 'checking' && (meaning.kind === 'new' || meaning.kind === 'change'))
          entries.push({ row: row.id, understood: meaning })
      }
      if (at % 50 > 0) continue
      await breathe()
      if (!onprogress(verdicts, { done: at, total: rows().length * 2 })) return undefined
    }
  }

  return { check, newGroups }
}

/** What the row came to last, and what it means where it is still the same on the same ground. */
function known(row: DraftRow, before: readonly Verdicts[], ground: string): { last?: Verdict; meaning?: Understood } {
  let last: Verdict | undefined
  for (const verdicts of before) {
    const verdict = verdicts.get(row.id)
    last ??= verdict
    if (verdict?.row === row && verdicts.ground === ground)
      return { last: last ?? verdict, meaning: verdict.understood }
  }
  return last ? { last } : {}
}

async function rehearse(
  { breathe, onprogress }: Checked,
  verdicts: Tally,
  entries: readonly Entry[],
  groups: readonly NewGroup[],
): Promise<boolean> {
  const parts = await planOf(entries, groups, { size: REHEARSED_AT_ONCE, bytes: Infinity, breathe })
  const attempt = device.rehearse()
  const refused = new Set<UserId>()
  const firstWithout = new Map<ProductId, number>()
  const numberOf = (id: string) => verdicts.get(id as UserId)?.number
  for (const [done, { call, rows }] of parts.entries()) {
    const outcomes = attempt(call)
    for (const [at, id] of rows.entries()) {
      const [verdict, outcome] = [verdicts.get(id), outcomes[at]]
      // A row may stand in several operations: the first refusal is its answer.
      if (!verdict || !outcome || refused.has(id)) continue
      verdicts.put(id, stateOf(verdict, outcome, { numberOf, firstWithout }))
      if (outcome.result === 'rejected') refused.add(id)
    }
    await breathe()
    const half = entries.length
    if (!onprogress(verdicts, { done: half + Math.round(((done + 1) / parts.length) * half), total: half * 2 }))
      return false
  }
  return true
}

function groundOf({ product, group, clears }: Settings, columns: Columns, groups: readonly NewGroup[]): Ground {
  const fields = columns.flatMap((column): DraftField[] =>
    column === 'name' ? ['firstName', 'lastName'] : column && column !== 'term' && column !== 'id' ? [column] : [],
  )
  return {
    products: new Map(device.products.map(({ name, id }) => [toNameKey(name), id])),
    groups: new Map([
      ...groups.map(({ name, id }): [string, GroupId] => [toNameKey(name), id]),
      ...device.groups.map(({ nameKey, id }): [string, GroupId] => [nameKey, id]),
    ]),
    user: (id) => device.layer.get('users', id),
    userByEmail: (key) => {
      const id = device.layer.userIdByEmail(key)
      return id ? device.layer.get('users', id) : undefined
    },
    productName: (id) => device.product(id)?.name ?? '',
    groupName: (id) => device.group(id)?.name ?? '',
    fallback: { productId: product, groupId: group },
    clears: new Set(clears ? fields : []),
  }
}

/** Groups that a row names: nobody wants the others. */
export function usedGroups(groups: readonly NewGroup[], entries: readonly Entry[]): NewGroup[] {
  if (groups.length === 0) return []
  const used = new Set(
    entries.map(({ understood: meaning }) =>
      meaning.kind === 'new' ? meaning.user.groupId : (meaning.wanted.groupId ?? null),
    ),
  )
  return groups.filter(({ id }) => used.has(id))
}
