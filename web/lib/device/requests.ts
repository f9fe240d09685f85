// The server as the replica of this tab knows it: a post for its exchanges, who is signed in, and a stream of pokes.
import * as v from 'valibot'
import { ApiError, request } from '#lib/api.ts'
import { SignedIn } from '#lib/remembered.ts'
import type { Network } from '#lib/replica/exchange.ts'

/**
 * Posts JSON: every answer is a value, only silence rejects. Each answer of the server is shown to `onanswer` as well.
 * @param unsent how many operations have no outcome yet: the list of devices tells it to who would revoke this one
 */
export const postTo =
  (onanswer: (answer: unknown) => void, unsent: () => number): Network =>
  async (path, body) => {
    try {
      const headers = { 'quartermaster-unsent': String(unsent()) }
      const answer = await request(path as `/api/${string}`, { method: 'POST', json: body, headers })
      onanswer(answer)
      return { status: 200, body: answer }
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === 0) throw error
      const { status, message, code, fact } = error
      return { status, body: { title: message, status, code, fact: fact ?? {} } }
    }
  }

/**
 * Who the server says is signed in; null where nobody is or it can't be reached.
 * @throws {ApiError} `second-factor-needed`: somebody is, and has to set one up first
 */
export async function askSession(): Promise<SignedIn | null> {
  const found = await lookForSession()
  return typeof found === 'string' ? null : found
}

/** As `askSession`, and says why there is none. */
export async function lookForSession(): Promise<SignedIn | 'nobody' | 'unreachable'> {
  try {
    return v.parse(SignedIn, await request('/api/session'))
  } catch (error) {
    if (!(error instanceof ApiError) || error.code === 'second-factor-needed') throw error
    return error.status === 0 || error.status >= 500 ? 'unreachable' : 'nobody'
  }
}

/** A stream that was refused (the session had ended) is asked for again after so long. */
const ASK_AGAIN = 15_000

/**
 * The server's pokes, by one stream of the syncing tab. The browser itself opens it again when it breaks; what was poked meanwhile is
 * made up for by one poke at each opening.
 */
export function listenForPokes(onpoke: () => void): () => void {
  let source: EventSource
  let timer: ReturnType<typeof setTimeout> | undefined
  const open = () => {
    source = new EventSource('/api/events')
    source.addEventListener('open', onpoke)
    source.addEventListener('poke', onpoke)
    source.addEventListener('error', () => {
      if (source.readyState !== EventSource.CLOSED) return
      // Refused: the next exchange says why, and what this device holds may have to go at once.
      onpoke()
      timer = setTimeout(open, ASK_AGAIN)
    })
  }
  open()
  return () => {
    clearTimeout(timer)
    source.close()
  }
}

/** The server's clock, as an answer of sync tells it. */
export function serversTime(answer: unknown): number | undefined {
  const told = v.safeParse(v.object({ now: v.number(), cursor: v.unknown() }), answer)
  return told.success ? told.output.now : undefined
}

export interface Progress {
  done: number
  total: number
}

/** How far a copy of many pages has come, from an answer; undefined once it is complete. Any other answer changes nothing. */
export function progressAfter(before: Progress | undefined, answer: unknown): Progress | undefined {
  const page = v.safeParse(v.object({ more: v.boolean(), total: v.number() }), answer)
  if (!page.success) return before
  const { more, total: left } = page.output
  if (!more) return undefined
  const total = Math.max(before?.total ?? 0, left)
  return { done: total - left, total }
}
