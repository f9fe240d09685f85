// What the provider was told is what the server has, each once: events taken, spends allowed, reservations settled.
import type { Reservation } from '../../../sync-server/usage/usage.ts'
import { eventKey } from '../books.ts'
import { wasTaken } from '../source.ts'
import { epochOf, type Law, type Run } from '../state.ts'

export const asTold: Law = {
  promise: 'The ledger holds what the provider was told is taken, each once, and nothing else.',
  *whenQuiet(run) {
    yield* sources(run)
    yield* spends(run)
    yield* reservations(run)
  },
}

function* sources({ provider, epochs }: Run): Generator<string> {
  const { books } = epochOf({ epochs })
  const sent = new Map(
    provider.sources.flatMap(({ name, log }) =>
      log.map((event) => [eventKey({ source: name, eventId: event.id }), event]),
    ),
  )
  for (const { name, log, told, next } of provider.sources) {
    if (next < log.length) yield `${name} was never answered from its event ${next} on`
    for (const { id } of log) {
      const has = books.events.has(eventKey({ source: name, eventId: id }))
      if (wasTaken(told.get(id)) && !has) yield `${id} was told to be taken, and is not in the ledger`
      if (!told.has(id)) yield `${id} was never answered`
    }
  }
  for (const [key, event] of books.events) {
    if (event.source === 'quartermaster:spends' || event.source === 'before') continue
    const its = sent.get(key)
    const same = its && its.at === event.at && its.credits === event.credits && its.contactViews === event.contactViews
    if (!same) yield `${event.eventId} is in the ledger, which its source never sent so`
  }
}

function* spends({ provider, epochs }: Run): Generator<string> {
  const { books } = epochOf({ epochs })
  for (const [key, text] of provider.answered) {
    const kept = books.answers.get(key)
    const { answer } = JSON.parse(kept ?? '{}') as { answer?: unknown }
    if (JSON.stringify(answer) !== text) yield `${key} was answered ${text}, the server keeps ${kept}`
  }
  const expected = new Map<string, number>()
  for (const [key, text] of books.answers) {
    const { answer, reservation } = JSON.parse(text) as {
      answer: { allowed: boolean; credits: number }
      reservation: string | null
    }
    if (answer.allowed && reservation === null) expected.set(`spend ${key}`, answer.credits)
  }
  for (const { id, state, confirmed } of books.held.values())
    if (state === 'confirmed') expected.set(`reservation ${id}`, confirmed)
  for (const { source, eventId, credits } of books.events.values()) {
    if (source !== 'quartermaster:spends') continue
    if (expected.get(eventId) !== credits)
      yield `${eventId} of ${credits} is in the ledger, expected ${expected.get(eventId)}`
    expected.delete(eventId)
  }
  for (const eventId of expected.keys()) yield `${eventId} is not in the ledger`
}

function* reservations({ provider, epochs }: Run): Generator<string> {
  const { books } = epochOf({ epochs })
  for (const told of provider.reservations.values()) {
    const held = books.held.get(told.id)
    if (!held) yield `reservation ${told.id} is unknown`
    else if (!agree(told, held)) yield `reservation ${told.id} was told to be ${told.state}, it is ${held.state}`
  }
}

/** One that was open or has expired may have been settled by a call whose answer was lost. */
const agree = (told: Reservation, held: { state: string; confirmed: number }): boolean =>
  told.state === 'confirmed' || told.state === 'released'
    ? told.state === held.state && told.confirmed === held.confirmed
    : told.state === 'open' || held.state === 'open'
