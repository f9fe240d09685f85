// What a spend or a reservation must be answered, reckoned from rows and books: each ceiling over a user, and what is left under it.
import type { Group, Instant, Limit, Meter, Organisation, User } from '#shared/model.ts'
import { toNameKey } from '#shared/model.ts'
import { balanceAt, sum, type Books, type Held } from './books.ts'
import { startsAt } from './calendar.ts'
import type { Tables } from './model.ts'

/** What the provider asked. */
export interface Asked {
  user: string
  product: string
  credits: number
  /** Of a reservation. */
  seconds?: number
}

interface Ceiling {
  kind: string
  left: number
}

export const userNamed = (tables: Tables, name: string): User | undefined =>
  tables.users.get(name) ?? [...tables.users.values()].find(({ emailKey }) => emailKey === name.trim().toLowerCase())

export const productNamed = (tables: Tables, name: string) =>
  tables.products.get(name) ??
  [...tables.products.values()].find((product) => toNameKey(product.name) === toNameKey(name))

/** Every ceiling over a user at a moment, the one that binds first. @param without reservations that count no more */
export function ceilingsOver(
  user: User,
  { tables, books, now, without }: { tables: Tables; books: Books; now: Instant; without: ReadonlySet<string> },
): Ceiling[] {
  const [own] = tables.organisations.values()
  if (!own) return []
  const group = user.groupId ? tables.groups.get(user.groupId) : undefined
  const [meter, pool] = [tables.meters.get(user.id), user.groupId ? tables.meters.get(user.groupId) : undefined]
  const at = Math.max(now, ...[meter, pool].flatMap((one) => (one ? latestSince(one) : [])))
  const starts = startsAt(at, books.sold.values(), own)
  const reserved = (of: (held: Held) => boolean) =>
    sum(
      [...books.held.values()]
        .filter((held) => held.state === 'open' && held.expiresAt > now && !without.has(held.id) && of(held))
        .map(({ credits }) => credits),
    )
  const ceilings: Ceiling[] = []
  const add = (kind: string, limit: Limit | null | undefined, counting: Meter | undefined, held: number) => {
    if (!limit) return
    const counts = counting !== undefined && counting[`${limit.term}Since`] >= starts[limit.term]
    const used = counts ? counting[limit.term] : 0
    ceilings.push({ kind, left: limit.credits === null ? Infinity : Math.max(0, limit.credits - used - held) })
  }
  const [kind, limit] = limitOf(user, group, own)
  add(
    kind,
    limit,
    meter,
    reserved(({ userId }) => userId === user.id),
  )
  add(
    'pool',
    group?.poolLimit,
    pool,
    reserved(({ groupId }) => groupId === user.groupId),
  )
  const { available } = balanceAt(books, at, own)
  ceilings.push({ kind: 'credits', left: Math.max(0, available - reserved(() => true)) })
  return ceilings.toSorted((a, b) => (a.left === b.left ? 0 : a.left - b.left))
}

const latestSince = (meter: Meter): number[] => [
  meter.monthSince,
  meter.quarterSince,
  meter.yearSince,
  meter.contractSince,
]

function limitOf(user: User, group: Group | undefined, own: Organisation): [kind: string, limit: Limit | null] {
  if (user.limit) return ['own', user.limit]
  return group?.memberLimit ? ['group', group.memberLimit] : ['default', own.defaultLimit]
}

/**
 * What is wrong with an answer; undefined where it is what must be answered.
 * @param loose reservations that were released in the same transaction, who knows whether before
 */
export function misjudged(
  answer: { allowed: boolean; left: number | null; binds?: string; deniedBy?: string },
  asked: Asked,
  world: { tables: Tables; books: Books; now: Instant; loose: ReadonlySet<string> },
): string | undefined {
  const user = userNamed(world.tables, asked.user)
  if (!user || !productNamed(world.tables, asked.product)) return 'was answered, and user or product are unknown'
  const [least] = ceilingsOver(user, { ...world, without: new Set() })
  const [most] = ceilingsOver(user, { ...world, without: world.loose })
  if (!least || !most) return 'has no ceiling'
  const text = `${asked.credits} credits, ${least.left} to ${most.left} left under ${least.kind}`
  if (user.status === 'deactivated')
    return !answer.allowed && answer.deniedBy === 'deactivated' ? undefined : `was allowed to nobody: ${text}`
  if (answer.allowed ? asked.credits > most.left : asked.credits <= least.left)
    return `was ${answer.allowed ? 'allowed' : 'denied'}: ${text}`
  if (world.loose.size > 0) return undefined
  const left = least.left - (answer.allowed ? asked.credits : 0)
  if ((answer.binds ?? answer.deniedBy) !== least.kind || answer.left !== left)
    return `was answered ${JSON.stringify(answer)}, expected ${left} left under ${least.kind}`
  return undefined
}
