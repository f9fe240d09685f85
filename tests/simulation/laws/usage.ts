// What must hold of usage and credits after every commit: the server's books are what the ledger gives, nothing passes a limit, and what
// is published adds up.
import { isDeepStrictEqual } from 'node:util'
import { burntOf, sum, usedByContract, type Books } from '../books.ts'
import { ALL_TERMS, contractOn } from '../calendar.ts'
import { epochOf, headOf, type Law, type Run } from '../state.ts'
import type { Block, UsageSeen } from '../usage-seen.ts'
import { isPublication, type Observed } from '../server.ts'

export const withinLimits: Law = {
  promise: 'No spend and no reservation passes a limit, and each is answered what is left.',
  afterCommit: (_run, { miscounted }) => miscounted,
}

export const recounted: Law = {
  promise: 'Days, meters and grants are what a recount of the ledger gives.',
  *afterCommit(run, { observed }) {
    yield* miscounts(run, observed.usage)
  },
  async whenQuiet(run) {
    const { usage } = await run.server.all()
    const { books } = epochOf(run)
    const texts = [...miscounts(run, usage), ...simpleSums(run)]
    if (usage.unpublished.length > 0 || usage.burnt.size > 0)
      texts.push(`${JSON.stringify(usage.unpublished)} was never published, nor what ${[...usage.burnt]} burnt`)
    if (usage.events.length !== books.events.size)
      texts.push(`the ledger has ${usage.events.length} events, ${books.events.size} are known`)
    return texts
  },
}

function* miscounts(run: Run, seen: UsageSeen): Generator<string> {
  const { books } = epochOf(run)
  const { tables } = headOf(run)
  yield* apart('day', books.days, seen.days)
  const grantDays = [...books.burnt].flatMap(([id, days]) =>
    [...days].map(([day, credits]): [string, number] => [`${day} ${id}`, credits]),
  )
  yield* apart('day of a grant', new Map(grantDays), seen.grantDays)
  yield* apart('meter', tables.meters, new Map(seen.meters.map((meter) => [meter.id, meter])))
  const [own] = tables.organisations.values()
  if (!own) return
  for (const { id, kind, credits, voided, used, usedBy } of seen.grants) {
    if (used !== burntOf(books, id)) yield `grant ${id} has used ${used}, by the ledger ${burntOf(books, id)}`
    if (kind !== 'overage' && used > credits - voided) yield `grant ${id} gave ${used} of ${credits} − ${voided}`
    if (!isDeepStrictEqual(usedBy, usedByContract(books, id, own)))
      yield `grant ${id} says ${JSON.stringify(usedBy)}, the ledger ${JSON.stringify(usedByContract(books, id, own))}`
  }
  if (seen.grants.length !== books.sold.size)
    yield `there are ${seen.grants.length} grants, ${books.sold.size} were sold`
  const { dirty } = books
  const waiting = [...[...dirty.days].map((id) => `day ${id}`), ...[...dirty.meters].map((id) => `meter ${id}`)]
  const noted = seen.unpublished.map(({ kind, id }) => `${kind} ${id}`)
  if (!isDeepStrictEqual(waiting.toSorted(), noted.toSorted()))
    yield `to be published are ${noted}, expected ${waiting}`
}

function* apart(what: string, expected: ReadonlyMap<string, unknown>, found: ReadonlyMap<string, unknown>) {
  for (const [key, value] of expected)
    if (!isDeepStrictEqual(found.get(key), value))
      yield `${what} ${key} is ${JSON.stringify(found.get(key))}, by the ledger ${JSON.stringify(value)}`
  for (const key of found.keys()) if (!expected.has(key)) yield `${what} ${key} stands in no ledger`
}

/** Where nothing was reset and no calendar has changed, a meter is a sum over moments. */
function* simpleSums(run: Run): Generator<string> {
  const { books } = epochOf(run)
  if (books.calendarMoved) return
  for (const meter of headOf(run).tables.meters.values()) {
    if (meter.markers.length > 0) continue
    for (const term of ALL_TERMS) {
      const its = [...books.events.values()].filter(
        ({ userId, groupId, at }) => (userId === meter.id || groupId === meter.id) && at >= meter[`${term}Since`],
      )
      const used = sum(its.map(({ credits }) => credits))
      if (used !== meter[term]) yield `meter ${meter.id} has ${meter[term]} by ${term}, the ledger ${used}`
    }
  }
}

export const publishedAddsUp: Law = {
  promise: 'At each published version the days add up to what the grants say, and a month names its days.',
  *afterCommit(run, { observed, judged }) {
    if (judged.some(({ judged: { entry } }) => isPublication(entry.type))) yield* publicationFaults(run, observed)
  },
  async whenQuiet(run) {
    return publicationFaults(run, await run.server.all())
  },
}

function* blockFaults(books: Books, { day, version, rows }: Block): Generator<string> {
  const expected = new Map(
    [...books.days].flatMap(([key, counts]) => (key.startsWith(day) ? [[key.slice(day.length + 1), counts]] : [])) as [
      string,
      [number, number],
    ][],
  )
  const known = books.blocks.get(day)
  if (known?.version !== version) yield `${day} was published at ${version}, expected at ${known?.version}`
  yield* apart(`published ${day}`, expected, rows)
}

/** All blocks together, against the rows that devices are given with them. */
function publicationFaults(run: Run, { blocks }: Observed): string[] {
  const { books } = epochOf(run)
  const { tables } = headOf(run)
  const [own] = tables.organisations.values()
  if (!own) return []
  const byContract = new Map<string, number>()
  for (const { day, rows } of blocks) {
    const contract = contractOn(day, books.sold.values(), own)
    const used = sum([...rows.values()].map(([credits]) => credits))
    byContract.set(contract, (byContract.get(contract) ?? 0) + used)
  }
  const texts = blocks.flatMap((block) => [...blockFaults(books, block)])
  for (const [contract, used] of byContract) {
    const ofGrants = sum([...tables.grants.values()].map(({ usedBy }) => usedBy[contract] ?? 0))
    if (ofGrants !== used) texts.push(`grants used ${ofGrants} in the contract of ${contract}, its days ${used}`)
  }
  const named = [...tables.months.values()].flatMap(({ id, days }) =>
    Object.entries(days).map(([day, version]): [string, number] => [`${id}-${day}`, version]),
  )
  texts.push(...apart('a month’s day', new Map(named), new Map(blocks.map(({ day, version }) => [day, version]))))
  return texts
}
