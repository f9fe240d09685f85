// The one way in which the server refuses a request: a `Refusal` is thrown wherever the reason is known, and becomes an RFC 9457
// problem document here. Causes go to the log, never to the wire.
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { SyncRefusal } from '#shared/protocol.ts'
import type { Logger } from './logger.ts'

export type RefusalCode = SyncRefusal | 'cross-origin' | 'not-found' | 'wrong-password' | 'too-many-tries' | 'failed'

/** An expected refusal of a whole request: the status, a code that the app acts upon, and the fact behind it. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: ContentfulStatusCode
  readonly code: RefusalCode
  readonly fact: Readonly<Record<string, unknown>> | undefined

  constructor(
    status: ContentfulStatusCode,
    code: RefusalCode,
    fact?: Readonly<Record<string, unknown>>,
    cause?: unknown,
  ) {
    super(code, cause === undefined ? undefined : { cause })
    this.status = status
    this.code = code
    this.fact = fact
  }
}

/** What a person reads who meets the refusal without the app in between; each says what to do next. */
const sentences: Record<RefusalCode, string> = {
  'other-account':
    'The request names an account, organisation or client that is not the session’s. Sign in as its owner.',
  'client-forked': 'Another device has used this client’s sequence. Take a new client id and send again.',
  'client-expected': 'Operations are missing before the first one sent. Send from the expected sequence on.',
  'other-history': 'The server does not know the history that this device has seen. Take a new snapshot.',
  resnapshot: 'The cursor is older than what the server keeps, or above its head. Take a new snapshot.',
  'protocol-too-old': 'This app is older than the server understands. Update the app.',
  'protocol-too-new': 'This server is older than the app expects. Speak the protocol that it names.',
  'too-large': 'The request is too large. Send fewer operations at a time.',
  malformed: 'The request could not be read. Mend what the path names.',
  'sign-in-needed': 'Nobody is signed in. Sign in and send again.',
  'no-console': 'This account has no console. Ask an administrator.',
  'device-revoked': 'This device was revoked. Sign in anew.',
  'store-failed': 'The server could not keep the change. Send it again later.',
  'cross-origin': 'The request comes from another site. Open the console at its own address.',
  'not-found': 'There is nothing at this address.',
  'wrong-password': 'E-mail and password do not match. Check both and try again.',
  'too-many-tries': 'Too many tries. Wait a minute and try again.',
  failed: 'The server failed. Try again; if it fails again, look in its log.',
}

/** A refusal as a response: `application/problem+json`. */
export function problemResponse({ status, code, fact }: Pick<Refusal, 'status' | 'code' | 'fact'>): Response {
  return new Response(JSON.stringify({ title: sentences[code], status, code, ...(fact ? { fact } : {}) }), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  })
}

/** The app's one error handler: what is no refusal is logged and answered with 500, without its cause. */
export const problem =
  (log: Logger) =>
  (error: Error, c: Context): Response => {
    if (error instanceof Refusal) {
      if (error.status >= 500) log.error({ err: error.cause ?? error, path: c.req.path }, 'refused')
      return problemResponse(error)
    }
    if (error instanceof HTTPException && error.status === 413) return problemResponse(new Refusal(413, 'too-large'))
    log.error({ err: error, path: c.req.path }, 'a request failed')
    return problemResponse(new Refusal(500, 'failed'))
  }
