// The work of checking rows, in slices that let the page answer: first what each row means, then all of them tried by the very operations on
// a copy of the organisation, seats, addresses and limits included. What a row meant is kept until it is edited. Nothing is queued.
import { device } from '#lib/device.svelte.ts'
import type { Settings } from '#lib/users/drafts.svelte.ts'
import { toNameKey, type GroupId, type NewGroup, type ProductId, type UserId } from '#shared/model.ts'
import { v7 as newId } from 'uuid'
import type { Columns, DraftField } from './fields.ts'
import { planOf, type Entry } from './plan.ts'
import { isBlank, type DraftRow } from './rows.ts'
import { understand, type Ground, type Understood } from './understand.ts'
import { judge, stateOf, type State, type Verdict } from './verdict.ts'

const REHEARSED_AT_ONCE = 200

export type Verdicts = ReadonlyMap<UserId, Verdict>
export type Counts = Readonly<Record<State, number>>
export const NO_COUNTS: Counts = { checking: 0, ready: 0, changed: 0, same: 0, ask: 0, left: 0, mend: 0, 'no-seat': 0 }
export const NO_VERDICTS: Verdicts = new Map()

export interface Checked {
  /** Read anew while a file is still coming. */
  rows: () => readonly DraftRow[]
  isReading: () => boolean
  settings: Settings
  columns: Columns
  /** What the rows came to last. */
  before: Verdicts
  breathe: () => Promise<void> | void
  /** Hears how far it is; answering false ends it. */
  onprogress: (so: Verdicts, progress: { done: number; total: number }) => boolean
}

/** One for a page: it remembers what each row meant. */
export function createChecker() {
  let understood = new WeakMap<DraftRow, Understood>()
  let groundKey = ''
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
    if (key !== groundKey) understood = new WeakMap()
    groundKey = key
    const verdicts = new Map<UserId, Verdict>()
    const entries = await read(asked, groundOf(settings, columns, groups), verdicts)
    const whole = entries && (await rehearse(asked, verdicts, entries, usedGroups(groups, entries)))
    return whole ? verdicts : undefined
  }

  /** What each row means, also of those that are still coming; answers the rows that operations are to try. */
  async function read(
    { rows, isReading, settings, before, breathe, onprogress }: Checked,
    ground: Ground,
    verdicts: Map<UserId, Verdict>,
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
        const meaning = understood.get(row) ?? understand(row, ground)
        understood.set(row, meaning)
        const verdict = judge(row, number, meaning, settings.existing, firstOf)
        const last = before.get(row.id)
        // What it came to is shown until the operations have been tried again.
        const stands = verdict.state === 'checking' && last?.understood === meaning && last.state !== 'ask'
        verdicts.set(row.id, stands ? { ...last, number } : verdict)
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

async function rehearse(
  { breathe, onprogress }: Checked,
  verdicts: Map<UserId, Verdict>,
  entries: readonly Entry[],
  groups: readonly NewGroup[],
): Promise<boolean> {
  const parts = await planOf(entries, groups, { size: REHEARSED_AT_ONCE, breathe })
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
      verdicts.set(id, stateOf(verdict, outcome, { numberOf, firstWithout }))
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

export interface Summary {
  counts: Counts
  /** Seats that the rows take, by product. */
  seats: ReadonlyMap<ProductId, number>
  /** Names of groups that are not there. */
  missingGroups: readonly string[]
}

/** Counts what the rows came to. */
export function summaryOf(verdicts: Verdicts): Summary {
  const counts = { ...NO_COUNTS }
  const seats = new Map<ProductId, number>()
  const missing = new Map<string, string>()
  for (const { state, understood } of verdicts.values()) {
    counts[state] += 1
    if (understood.kind === 'fault' && understood.fault.newGroup)
      missing.set(toNameKey(understood.fault.newGroup), understood.fault.newGroup)
    if (state === 'mend' || state === 'ask' || state === 'left') continue
    const productId =
      understood.kind === 'new'
        ? understood.user.productId
        : understood.kind === 'change'
          ? understood.wanted.productId
          : undefined
    if (productId) seats.set(productId, (seats.get(productId) ?? 0) + 1)
  }
  return { counts, seats, missingGroups: [...missing.values()] }
}
