// The one way in which the server refuses a request: a `Refusal` is thrown wherever the reason is known, and becomes an RFC 9457
// problem document here. Causes go to the log, never to the wire.
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { SyncRefusal } from '#shared/protocol.ts'
import type { Logger } from './logger.ts'

/** What a person reads who meets the refusal without the app in between; each says what to do next. */
const sentences = {
  'other-account':
    'The request names an account, organisation or client that is not the session’s. Sign in as its owner.',
  'client-forked': 'Another device has used this client’s sequence. Take a new client id and send again.',
  'client-expected': 'Operations are missing before the first one sent. Send from the expected sequence on.',
  'other-history': 'The server does not know the history that this device has seen. Take a new snapshot.',
  resnapshot: 'The cursor is older than what the server keeps, or above its head. Take a new snapshot.',
  'protocol-too-old': 'This app is older than the server understands. Update the app.',
  'protocol-too-new': 'This server is older than the app expects. Speak the protocol that it names.',
  'too-large': 'The request is too large. Send less at a time: the fact says how much is taken.',
  malformed: 'The request could not be read. Mend what the path names.',
  'sign-in-needed': 'Nobody is signed in. Sign in and send again.',
  'no-console': 'This account has no console. Ask an administrator.',
  'device-revoked': 'This device was revoked. Sign in anew.',
  'store-failed': 'The server could not keep the change. Send it again later.',
  'cross-origin': 'The request comes from another site. Open the console at its own address.',
  'not-found': 'There is nothing at this address.',
  'method-not-allowed': 'This address is not asked that way. Use one of the methods that the fact names.',
  'media-type': 'The body is of a type that is not read here. Send one of those that the fact names.',
  'wrong-password': 'E-mail and password do not match. Check both and try again.',
  'too-many-tries': 'Too many tries. Wait for as long as the fact says, and try again.',
  'second-factor-needed': 'The organisation asks for a second factor. Add one, then go on.',
  'wrong-code': 'This code is not right, or was used already. Take the next one.',
  'wrong-passkey': 'This passkey opens nothing here. Try another one, or sign in with e-mail and password.',
  'half-over': 'The sign-in took too long, or something has changed meanwhile. Begin anew with e-mail and password.',
  'enrolment-over': 'This took too long. Begin anew.',
  'passkey-taken': 'This passkey is in use already. Choose another one.',
  'too-many-factors': 'There are as many second factors as an account can have. Remove one first.',
  'factor-first': 'Recovery codes come with a second factor. Add one first.',
  'last-factor': 'The organisation asks for a second factor, and this is the last one. Add another one first.',
  'not-by-sign-on':
    'You came in by your organisation’s single sign-on. Sign in with e-mail and password to change how your account is protected.',
  'confirm-first': 'It is some time since you signed in. Enter your password first, then send again.',
  'admins-only': 'Only an admin may do this. Ask one.',
  'link-dead': 'This link no longer works: it was used, is too old, or a newer one was sent. Ask for a new one.',
  'password-weak': 'This password is too easy to guess. Choose another one.',
  'address-taken': 'Another account signs in with this address. Ask an administrator to enter another one.',
  'sign-on-name-taken': 'Another organisation has this short name. Choose another one.',
  'sign-on-unknown': 'No organisation signs in by this name. Check it, or ask an administrator.',
  'sign-on-unreachable':
    'Your organisation’s sign-in can’t be reached just now. Sign in with your password, or try again in a moment.',
  'key-needed': 'A key of the provider is needed. Send it as "Authorization: Bearer …".',
  'key-unknown': 'The key is unknown or was revoked. Have one made on the server’s host.',
  'scope-needed': 'The key may not do this. Use one with the scope that the fact names.',
  'user-unknown': 'No user has this id or e-mail address. Ask an administrator to add the user, then send again.',
  'product-unknown': 'No product has this id or name. Add the product, then send again.',
  'product-in-use': 'Users still have this product, deactivated ones included. Have them moved to another one first.',
  'product-name-taken': 'Another product has this name. Change that one, or choose another name.',
  'grant-unknown': 'No grant has this id. Ask for the list of grants.',
  'grant-exceeded': 'More than is left of the grant can’t be taken back. Name at most what the fact says.',
  'id-taken': 'This id stands for something else already. Use the id again only to repeat the same request.',
  'not-yet': 'The event lies in the future. Check the clock of its source, and send it again when it has happened.',
  'source-reserved': 'This source is the server’s own. Report usage under another name.',
  'key-reused': 'The idempotency key was used for another request. Take a new key.',
  'reservation-unknown': 'There is no such reservation. Check its id.',
  'reservation-expired': 'The reservation has expired and holds nothing any more. Reserve again.',
  'reservation-released': 'The reservation was released. Reserve again.',
  'reservation-confirmed': 'The reservation was confirmed and is usage now. It can’t be changed any more.',
  'reservation-exceeded': 'More was used than was reserved. Confirm what was reserved, and spend the rest.',
  failed: 'The server failed. Try again; if it fails again, look in its log.',
} as const satisfies Record<SyncRefusal, string> & Record<string, string>

export type RefusalCode = keyof typeof sentences

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

export const sentenceOf = (code: RefusalCode): string => sentences[code]

/** The short name of a kind of problem: its code in words. */
export const titleOf = (code: RefusalCode): string =>
  code.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase())

/** A refusal at a terminal: what a malformed request's fact says is said there, too. */
export const refusalLine = ({ code, fact }: Pick<Refusal, 'code' | 'fact'>): string =>
  code === 'malformed' ? `${String(fact?.['path'])}: ${String(fact?.['message'])}` : sentences[code]

/** A refusal as a response: `application/problem+json`, RFC 9457, with our `code` and `fact` beside its members. */
export function problemResponse(refusal: Pick<Refusal, 'status' | 'code' | 'fact'>): Response {
  const { status, code, fact } = refusal
  const document = {
    type: `/api/docs#${code}`,
    title: titleOf(code),
    status,
    detail: sentences[code],
    code,
    ...(fact ? { fact } : {}),
  }
  return new Response(JSON.stringify(document), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headersOf(refusal) },
  })
}

/** What HTTP asks an answer of this kind to say in its head. */
function headersOf({ code, fact }: Pick<Refusal, 'code' | 'fact'>): Record<string, string> {
  switch (code) {
    case 'key-needed':
      return { 'www-authenticate': 'Bearer' }
    case 'key-unknown':
      return { 'www-authenticate': 'Bearer error="invalid_token"' }
    case 'scope-needed':
      return { 'www-authenticate': `Bearer error="insufficient_scope", scope="${String(fact?.['scope'])}"` }
    case 'method-not-allowed':
      return { allow: Array.isArray(fact?.['allow']) ? fact['allow'].join(', ') : '' }
    default:
      return {}
  }
}

/** The app's one error handler: what is no refusal is logged and answered with 500, without its cause. */
export const problem =
  (log: Logger) =>
  (error: Error, c: Context): Response => {
    if (error instanceof Refusal) {
      if (error.status >= 500) log.error({ err: error.cause ?? error, path: c.req.path }, 'refused')
      return problemResponse(error)
    }
    // Who asked is gone before all of it had come: nobody's duty, and anybody could fill the log with it.
    if ('code' in error && error.code === 'ECONNRESET') {
      log.debug({ path: c.req.path }, 'a request was broken off')
      return problemResponse(new Refusal(400, 'malformed', { path: '', message: 'Was broken off.' }))
    }
    if (error instanceof HTTPException && error.status === 413) return problemResponse(new Refusal(413, 'too-large'))
    log.error({ err: error, path: c.req.path }, 'a request failed')
    return problemResponse(new Refusal(500, 'failed'))
  }
