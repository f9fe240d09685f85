// Usage as it arrives: CloudEvents 1.0 over HTTP, in structured, batch and binary mode. An event that can't be read is answered in its
// place and keeps no other from being taken; only a request that can't be read at all is refused.
import * as v from 'valibot'
import { read, type Malformed } from '#shared/faults.ts'
import { Refusal } from '../problem.ts'
import type { UsageEvent } from '../usage/usage.ts'
import { canonical, fromHeader } from './attributes.ts'
import { momentOf, UsageCloudEvent } from './schemas.ts'

export const STRUCTURED = 'application/cloudevents+json'
export const BATCH = 'application/cloudevents-batch+json'
export const JSON_TYPE = 'application/json'
/** Each event has an answer, so their number is bounded as well as their size. */
export const MAX_EVENTS = 5_000

/** An event as it was read, or why it could not be; `source` and `id` as sent, null where they are no text; the event's own are canonical. */
export type ReadEvent = { source: string | null; id: string | null } & (
  { event: UsageEvent; fault?: undefined } | { event?: undefined; fault: Malformed }
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
  for (const [name, value] of headers) if (name.startsWith(CE)) attributes[name.slice(CE.length)] = fromHeader(value)
  return readEvent({ ...attributes, data })
}

function readEvent(sent: unknown): ReadEvent {
  const known = { source: textIn(sent, 'source'), id: textIn(sent, 'id') }
  const { body, fault } = withData(sent)
  if (fault) return { ...known, fault }
  const stranger = Object.keys(Object(body) as object).find((name) => name !== 'data' && !/^[a-z0-9]+$/.test(name))
  if (stranger !== undefined)
    return { ...known, fault: { path: stranger, message: 'Is no name that an attribute of a CloudEvent may have.' } }
  const parsed = read(UsageCloudEvent, body)
  if (!parsed.ok) return { ...known, fault: parsed.fault }
  const { source, id, time, data } = parsed.output
  // The schema has asked it already.
  const at = momentOf(time) ?? 0
  const identity = { source: canonical(source), id: canonical(id) }
  return { source, id, event: { ...identity, at, ...data, contactViews: data.contactViews ?? 0 } }
}

const BASE64 = 'data_base64'
const Packed = v.looseObject({ [BASE64]: v.unknown() })

/** JSON may have its data as `data_base64`: what that holds, as `data`. */
function withData(sent: unknown): { body: unknown; fault?: undefined } | { body?: undefined; fault: Malformed } {
  if (!v.is(Packed, sent)) return { body: sent }
  const { [BASE64]: packed, ...attributes } = sent
  const fault = (message: string) => ({ fault: { path: BASE64, message } })
  if ('data' in attributes) return fault('Stands beside data. Send one of the two.')
  if (typeof packed !== 'string') return fault('Is no text in Base64.')
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.fromBase64(packed))
    return { body: { ...attributes, data: JSON.parse(text) } }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return fault('Is not JSON in Base64.')
    throw error
  }
}

function textIn(body: unknown, name: 'source' | 'id'): string | null {
  const parsed = v.safeParse(v.object({ [name]: v.string() }), body)
  return parsed.success ? (parsed.output[name] ?? null) : null
}
