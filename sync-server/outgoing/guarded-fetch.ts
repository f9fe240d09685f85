// `fetch` for addresses that somebody else has named, an organisation's sign-in say: guarded in where it goes, bounded in time and in
// what it reads, never following a redirect, by no proxy of the environment, with a connection of its own each time.
import { request as requestPlainly, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestByTls } from 'node:https'
import { createGuard, ForbiddenAddress, type GuardParts } from './guard.ts'

/** Whatever a provider has to say fits in a tenth of it. */
const MOST_BYTES = 512 * 1024
const MOST_MILLISECONDS = 10_000

export interface GuardedInit {
  method?: string
  headers?: Readonly<Record<string, string>>
  body?: string | undefined
  signal?: AbortSignal | undefined
}
/** @throws {ForbiddenAddress} where it may not go; any other error where no whole answer came */
export type GuardedFetch = (url: string, init?: GuardedInit) => Promise<Response>

export interface FetchParts extends GuardParts {
  mostBytes?: number
  mostMilliseconds?: number
}

export function createGuardedFetch({
  mostBytes = MOST_BYTES,
  mostMilliseconds = MOST_MILLISECONDS,
  ...parts
}: FetchParts): GuardedFetch {
  const guard = createGuard(parts)
  return async (address, { method = 'GET', headers = {}, body, signal } = {}) => {
    const url = URL.parse(address)
    if (!url) throw new ForbiddenAddress('scheme')
    guard.judge(url)
    const over = AbortSignal.timeout(mostMilliseconds)
    const answer = await ask(url, body, {
      method,
      // Packed, a small answer could unfold to a large one.
      headers: { ...headers, 'accept-encoding': 'identity' },
      lookup: guard.lookupFor(url),
      agent: false,
      signal: signal ? AbortSignal.any([signal, over]) : over,
    })
    return await whole(answer, mostBytes)
  }
}

function ask(url: URL, body: string | undefined, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const begin = url.protocol === 'https:' ? requestByTls : requestPlainly
    begin(url, options, resolve).on('error', reject).end(body)
  })
}

/** A status without a body can't be given one, not even an empty one. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])

async function whole(answer: IncomingMessage, most: number): Promise<Response> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > most) {
      answer.destroy()
      throw new Error(`The answer is longer than ${most} bytes.`)
    }
    parts.push(part)
  }
  const status = answer.statusCode ?? 500
  const headers = new Headers()
  for (const [name, values] of Object.entries(answer.headersDistinct))
    for (const value of values ?? []) headers.append(name, value)
  return new Response(BODILESS.has(status) ? null : Buffer.concat(parts), { status, headers })
}
