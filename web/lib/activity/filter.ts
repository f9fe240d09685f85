// What the Activity page asks for, as its address has it: ids, closed lists and periods. What is typed into the search stays on the device.
import type { ActivityEntry } from '#shared/activity.ts'

export const PERIODS = { today: 'Today', yesterday: 'Yesterday', week: 'Last 7 days', month: 'Last 30 days' } as const
export type Period = keyof typeof PERIODS
export const OUTCOMES = { rejected: 'Something was rejected', unchanged: 'Something was unchanged' } as const
export type OutcomeKind = keyof typeof OUTCOMES

export interface ActivityFilter {
  /** A user's id, or `provider`. */
  who: string | undefined
  actions: readonly string[]
  outcome: OutcomeKind | undefined
  period: Period | undefined
  /** The id of a user or a group. */
  item: string | undefined
  /** What a device sends its operations under. */
  device: string | undefined
}
export const NO_FILTER: ActivityFilter = {
  who: undefined,
  actions: [],
  outcome: undefined,
  period: undefined,
  item: undefined,
  device: undefined,
}

const isOf = <Key extends string>(list: Readonly<Record<Key, string>>, value: string | null): value is Key =>
  value !== null && Object.hasOwn(list, value)

/** Reads it from an address; what is none of the lists is left out. */
export function filterIn(search: Pick<URLSearchParams, 'get'>): ActivityFilter {
  const [outcome, period] = [search.get('outcome'), search.get('period')]
  return {
    who: search.get('who') ?? undefined,
    actions: search.get('action')?.split(',').filter(Boolean) ?? [],
    outcome: isOf(OUTCOMES, outcome) ? outcome : undefined,
    period: isOf(PERIODS, period) ? period : undefined,
    item: search.get('item') ?? undefined,
    device: search.get('device') ?? undefined,
  }
}

/** The page's address for it. */
export function addressOf({ who, actions, outcome, period, item, device }: ActivityFilter): string {
  const parts = Object.entries({ who, action: actions.join(','), outcome, period, item, device }).filter(
    ([, value]) => value,
  )
  const search = new URLSearchParams(parts.map(([name, value]): [string, string] => [name, String(value)])).toString()
  return search ? `?${search}` : '?'
}

export const isFiltered = (filter: ActivityFilter): boolean => addressOf(filter) !== '?'

/** First and last moment of a period, by this device's calendar; the end is left open where it is now. */
export function momentsOf(period: Period | undefined, now: number): { from?: number; to?: number } {
  if (!period) return {}
  const day = new Date(now)
  const midnight = (daysAgo: number) => new Date(day.getFullYear(), day.getMonth(), day.getDate() - daysAgo).getTime()
  if (period === 'yesterday') return { from: midnight(1), to: midnight(0) }
  return { from: midnight({ today: 0, week: 6, month: 29 }[period]) }
}

/** What the server is asked for. */
export function queryOf({ who, actions, outcome, period, item, device }: ActivityFilter, now: number): string {
  const { from, to } = momentsOf(period, now)
  const parts = Object.entries({ actor: who, type: actions.join(','), outcome, item, client: device, from, to }).filter(
    ([, value]) => value !== undefined && value !== '',
  )
  return new URLSearchParams(parts.map(([name, value]): [string, string] => [name, String(value)])).toString()
}

/** Whether an entry that is kept on this device fits; of a large one only the items that are kept are known. */
export function fits(entry: ActivityEntry, filter: ActivityFilter, now: number): boolean {
  const { who, actions, outcome, period, item, device } = filter
  const { from = -Infinity, to = Infinity } = momentsOf(period, now)
  if (entry.at < from || entry.at >= to) return false
  if (who !== undefined && (entry.actor ?? 'provider') !== who) return false
  if (actions.length > 0 ? !actions.includes(entry.type) : entry.type === 'publish-usage') return false
  if (outcome !== undefined && entry[outcome] === 0) return false
  if (device !== undefined && entry.clientId !== device) return false
  if (item === undefined || entry.actor === item) return true
  const { users, groups } = entry.names
  return entry.items.some((one) => one.item === item) || item in users || item in groups
}
