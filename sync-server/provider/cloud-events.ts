// Usage as it arrives: CloudEvents 1.0 over HTTP, in structured, batch and binary mode. An event that can't be read is answered in its
// place and keeps no other from being taken; only a request that can't be read at all is refused.
import * as v from 'valibot'
import { Refusal } from '../problem.ts'
import type { UsageEvent } from '../usage/usage.ts'
import { momentOf, UsageCloudEvent } from './schemas.ts'

export const STRUCTURED = 'application/cloudevents+json'
export const BATCH = 'application/cloudevents-batch+json'
export const JSON_TYPE = 'application/json'
/** Each event has an answer, so their number is bounded as well as their size. */
export const MAX_EVENTS = 5_000

/** An event as it was read, or why it could not be; `source` and `id` as sent, null where they are no text. */
export type ReadEvent = { source: string | null; id: string | null } & (
  { event: UsageEvent; fault?: undefined } | { event?: undefined; fault: { path: string; message: string } }
)

export interface ReadRequest {
  /** Sent by itself, so that it is answered by itself. */
  single: boolean
  events: ReadEvent[]
}

/** @throws {Refusal} 400 `malformed` (no JSON), 413 `too-large` (too many events), 415 `media-type` */
export async function readEvents(request: Request): Promise<ReadRequest> {
  const { headers } = request
  const binary = [...headers.keys()].some((name) => name.startsWith(CE))
  switch (mediaTypeOf(headers)) {
    case STRUCTURED:
      return { single: true, events: [readEvent(await json(request))] }
    case BATCH:
      return { single: false, events: batch(await json(request)) }
    case JSON_TYPE:
      if (binary) return { single: true, events: [readBinary(headers, await json(request))] }
      return { single: false, events: batch(await json(request)) }
    default:
      throw new Refusal(415, 'media-type', { types: [STRUCTURED, BATCH, JSON_TYPE] })
  }
}

/** Without its parameters. */
export const mediaTypeOf = (headers: Headers): string =>
  (headers.get('content-type') ?? '').split(';', 1).join('').trim().toLowerCase()

/** @throws {Refusal} 400 `malformed` */
export async function json(request: Request): Promise<unknown> {
  const text = await request.text()
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, 'malformed', { path: '', message: 'Is not JSON.' })
  }
}

function batch(body: unknown): ReadEvent[] {
  if (!Array.isArray(body))
    throw new Refusal(400, 'malformed', {
      path: '',
      message: `Is no array of events. Send one event as ${STRUCTURED}, or with its attributes as ce- headers.`,
    })
  if (body.length > MAX_EVENTS) throw new Refusal(413, 'too-large', { most: MAX_EVENTS, unit: 'events' })
  return body.map(readEvent)
}

const CE = 'ce-'

/** The attributes are headers, the body is the data. */
function readBinary(headers: Headers, data: unknown): ReadEvent {
  const attributes: Record<string, string> = {}
  for (const [name, value] of headers) if (name.startsWith(CE)) attributes[name.slice(CE.length)] = decoded(value)
  return readEvent({ ...attributes, data })
}

/** A header's value is percent-encoded UTF-8, perhaps in quotes; one that isn't stays as it is. */
function decoded(value: string): string {
  const plain = /^".*"$/s.test(value) ? value.slice(1, -1).replace(/\\(.)/gs, '$1') : value
  try {
    return decodeURIComponent(plain)
  } catch {
    return plain
  }
}

function readEvent(body: unknown): ReadEvent {
  const known = { source: textIn(body, 'source'), id: textIn(body, 'id') }
  const stranger = Object.keys(Object(body) as object).find((name) => name !== 'data' && !/^[a-z0-9]+$/.test(name))
  if (stranger !== undefined)
    return { ...known, fault: { path: stranger, message: 'Is no name that an attribute of a CloudEvent may have.' } }
  const parsed = v.safeParse(UsageCloudEvent, body)
  if (!parsed.success) {
    const [issue] = parsed.issues
    return { ...known, fault: { path: v.getDotPath(issue) ?? '', message: issue.message } }
  }
  const { source, id, time, data } = parsed.output
  // The schema has asked it already.
  const at = momentOf(time) ?? 0
  return { source, id, event: { source, id, at, ...data, contactViews: data.contactViews ?? 0 } }
}

function textIn(body: unknown, name: 'source' | 'id'): string | null {
  const parsed = v.safeParse(v.object({ [name]: v.string() }), body)
  return parsed.success ? (parsed.output[name] ?? null) : null
}
