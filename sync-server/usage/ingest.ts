// Takes reported usage: it has happened, so it is always recorded, past a limit and of a deactivated user too. Answers event by event; one
// that can't be taken stops no other. Loads the users, groups and meters that the events name and no more.
import { Refusal } from '../problem.ts'
import type { OrganisationId } from '#shared/model.ts'
import type { Tx } from '../store/index.ts'
import { lockHead } from '../sync/log.ts'
import type { By } from '../sync/record.ts'
import { openBooks, type Books } from './books.ts'
import { noteCall } from './calls.ts'
import { eventKey, knownEvents, noteSources, RESERVED_SOURCES, writeEvents, type LedgerEvent } from './events.ts'
import { findPayers, findProducts, groupsOf, type Payer } from './payers.ts'
import type { Taken, UsageEvent } from './usage.ts'

/** How far the clock of a source may be ahead of ours. */
const AHEAD = 5 * 60 * 1000

type Refused = Extract<Taken, { result: 'refused' }>
type Resolved = { event: LedgerEvent; payer: Payer } | Refused

/** @throws {Refusal} where there is no such organisation */
export async function ingest(
  tx: Tx,
  organisation: OrganisationId,
  events: readonly UsageEvent[],
  by: By,
): Promise<Taken[]> {
  if (!(await lockHead(tx, organisation))) throw new Refusal(404, 'not-found')
  const books = await openBooks(tx, organisation, by)
  const payers = await findPayers(tx, organisation, new Set(events.map(({ user }) => user)))
  const products = await findProducts(tx, organisation, new Set(events.map(({ product }) => product)))
  const resolved = events.map((event) => resolve(event, payers, products, books, by.now))

  // Whatever it says now: what was taken before is repeated. A reserved source is never asked about.
  const refused = events.filter((_, index) => {
    const one = resolved[index]
    return isRefused(one) && one.code !== 'source-reserved'
  })
  const known = await knownEvents(tx, organisation, refused)
  const good = resolved.flatMap((one) => (isRefused(one) ? [] : [one]))
  const isNew = await writeEvents(
    tx,
    organisation,
    by.now,
    good.map(({ event }) => event),
  )
  const users = new Map(good.filter((_, index) => isNew[index]).map(({ payer }) => [payer.id, payer]))
  await books.load(users.values(), await groupsOf(tx, organisation, users.values()))

  const sources = new Map<string, { source: string; lastId: string; lastAt: number; events: number }>()
  let next = 0
  const answers = resolved.map((one, index): Taken => {
    if (isRefused(one)) {
      const event = events[index]
      return event && known.has(eventKey(event.source, event.id)) ? { result: 'repeated' } : one
    }
    const { event, payer } = one
    const fresh = isNew[next]
    next += 1
    if (!fresh) return { result: 'repeated' }
    if (refused.length > 0) known.add(eventKey(event.source, event.eventId))
    books.count(event)
    const { source, eventId: lastId, at: lastAt } = event
    sources.set(source, { source, lastId, lastAt, events: (sources.get(source)?.events ?? 0) + 1 })
    return { result: 'taken', day: event.day, over: books.boundsOf(payer, by.now)[0].over }
  })
  await books.write()
  await noteSources(tx, organisation, sources.values())
  if (sources.size > 0) await noteCall(tx, organisation, by, 'report')
  return answers
}

const isRefused = (one: Resolved | undefined): one is Refused => one !== undefined && 'result' in one

function resolve(
  { source, id, at, user, product, credits, contactViews }: UsageEvent,
  payers: ReadonlyMap<string, Payer>,
  products: Awaited<ReturnType<typeof findProducts>>,
  books: Books,
  now: number,
): Resolved {
  if (RESERVED_SOURCES.has(source)) return { result: 'refused', code: 'source-reserved', fact: { source } }
  if (at > now + AHEAD) return { result: 'refused', code: 'not-yet', fact: { at, now } }
  const payer = payers.get(user)
  if (!payer) return { result: 'refused', code: 'user-unknown', fact: { user } }
  const productId = products.get(product)
  if (!productId) return { result: 'refused', code: 'product-unknown', fact: { product } }
  const { id: userId, groupId } = payer
  const use = { at, day: books.dayOf(at), userId, productId, groupId, credits, contactViews }
  return { event: { source, eventId: id, ...use }, payer }
}
