// How the oracle hears of usage: what a transaction adds to the ledger is judged and counted in the order of its moments, each part of a
// transaction having one of its own.
import type { Meter } from '#shared/model.ts'
import { metered, use, type Event } from './books.ts'
import { misjudged, type Asked } from './judging.ts'
import { putMeters, stateOf, type Epoch } from './model.ts'
import type { UsageSeen } from './usage-seen.ts'

/** Counts what is new. @returns what should not have been so, in words */
export function hearUsage(epoch: Epoch, seen: UsageSeen, askedUnder: (key: string) => readonly Asked[]): string[] {
  const { books } = epoch
  const breaches: string[] = []
  const reserved = new Map(seen.held.filter(({ id }) => !books.held.has(id)).map((held) => [held.createdAt, held]))
  const loose = new Set(
    seen.held
      .filter(({ id, state }) => state === 'released' && books.held.get(id)?.state === 'open')
      .map(({ id }) => id),
  )
  const overage = seen.grants.find(({ kind }) => kind === 'overage')?.id
  const parts = [
    ...seen.answers.map((answer) => ({ at: answer.at, answer, event: undefined })),
    ...seen.events.map((event) => ({ at: event.receivedAt, answer: undefined, event })),
  ].toSorted((a, b) => a.at - b.at)
  for (const { answer, event } of parts) {
    if (answer) {
      breaches.push(...hearAnswer(epoch, answer, askedUnder(answer.key), loose))
      const held = reserved.get(answer.at)
      if (held) books.held.set(held.id, { ...held, state: 'open', confirmed: 0 })
    } else {
      breaches.push(...hearConfirmed(epoch, event))
      count(epoch, event, overage)
    }
  }
  for (const id of loose) {
    const held = books.held.get(id)
    if (held) books.held.set(id, { ...held, state: 'released' })
  }
  return breaches
}

function hearAnswer(
  epoch: Epoch,
  { key, answer, at }: UsageSeen['answers'][number],
  asked: readonly Asked[],
  loose: ReadonlySet<string>,
): string[] {
  const { books } = epoch
  books.answers.set(key, answer)
  books.answeredAt = at
  const { answer: given } = JSON.parse(answer) as { answer: Parameters<typeof misjudged>[0] }
  const world = { tables: stateOf(epoch).tables, books, now: at, loose }
  const wrong = asked.map((one) => misjudged(given, one, world))
  // Under a key that was used for two things either may have come first.
  return wrong.some((one) => one === undefined) ? [] : [`The spend ${key} ${wrong[0] ?? 'was never asked for'}`]
}

/** Of a reservation only what was promised, and only in time, becomes usage. */
function hearConfirmed({ books }: Epoch, event: Event): string[] {
  if (event.source !== 'quartermaster:spends' || !event.eventId.startsWith('reservation ')) return []
  const held = books.held.get(event.eventId.slice('reservation '.length))
  if (!held) return [`${event.eventId} was confirmed, and nobody made it`]
  books.held.set(held.id, { ...held, state: 'confirmed', confirmed: event.credits })
  const late = held.expiresAt <= event.receivedAt
  const other = (['userId', 'productId', 'groupId'] as const).some((field) => held[field] !== event[field])
  return held.state !== 'open' || late || other || event.credits > held.credits
    ? [`${event.eventId} became ${JSON.stringify(event)}, it was ${JSON.stringify(held)}`]
    : []
}

function count(epoch: Epoch, event: Event, overage: string | undefined): void {
  const { tables } = stateOf(epoch)
  const [own] = tables.organisations.values()
  if (!own) return
  use(epoch.books, event, overage)
  const meters: Meter[] = [metered(tables.meters.get(event.userId), event.userId, 'user', event, epoch.books, own)]
  if (event.groupId !== '')
    meters.push(metered(tables.meters.get(event.groupId), event.groupId, 'pool', event, epoch.books, own))
  putMeters(epoch, meters)
}
