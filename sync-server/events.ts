// Pokes: tells the devices of an organisation that there is something to fetch, and nothing about what. A stream ends with its session.
import type { Context } from 'hono'
import { streamSSE, type SSEStreamingApi } from 'hono/streaming'
import type { OrganisationId } from '#shared/model.ts'
import type { SignedIn } from './identity.ts'
import type { Commit } from './sync.ts'

/** A silent connection is cut by proxies after half a minute or more. */
const HEARTBEAT = 25_000

interface Listener {
  who: SignedIn
  stream: SSEStreamingApi
  end(): void
}

export interface Events {
  /** Answers with a stream of `poke` events. `still` is asked at each heartbeat and throws when the session has ended. */
  stream(c: Context, who: SignedIn, still: () => Promise<unknown>): Response
  /**
   * Pokes the devices of the organisation that has moved, and ends the streams of users whose sessions ended, or lack the second factor
   * that it asks for now.
   */
  committed(commit: Commit): void
  /** How it is known which sessions of an organisation lack a second factor. */
  watch(
    lackFactor: (organisation: OrganisationId) => Promise<ReadonlySet<string>>,
    report: (error: unknown) => void,
  ): void
  endSession(session: string): void
  /** Ends the streams of whom this is true. */
  end(which: (who: SignedIn) => boolean): void
  close(): void
}

export function createEvents(): Events {
  const listeners = new Set<Listener>()
  const end = (which: (listener: Listener) => boolean) => {
    for (const listener of listeners) if (which(listener)) listener.end()
  }
  let endWithoutFactor: (organisation: OrganisationId) => Promise<void> = async () => undefined

  return {
    stream: (c, who, still) => {
      // Proxies that buffer would hold a poke back.
      c.header('x-accel-buffering', 'no')
      return streamSSE(c, async (stream) => {
        await new Promise<void>((resolve) => {
          const listener: Listener = { who, stream, end: resolve }
          const heartbeat = setInterval(() => {
            still().then(() => stream.write(': still here\n\n'), resolve)
          }, HEARTBEAT)
          listeners.add(listener)
          stream.onAbort(resolve)
          listener.end = () => {
            clearInterval(heartbeat)
            listeners.delete(listener)
            resolve()
          }
          stream.onAbort(listener.end)
          void stream.write(': listening\n\n')
        })
      })
    },

    committed: ({ organisation, version, ended }) => {
      const gone = new Set<string>(ended)
      if (gone.size > 0) end(({ who }) => who.organisation === organisation && gone.has(who.userId))
      for (const { who, stream } of listeners)
        if (who.organisation === organisation)
          void stream.writeSSE({ event: 'poke', data: JSON.stringify({ version }) })
      // By a policy that was changed, or by a role that it is asked of.
      if ([...listeners].some(({ who }) => who.organisation === organisation && who.factor === null))
        void endWithoutFactor(organisation)
    },

    watch: (lackFactor, report) => {
      endWithoutFactor = (organisation) =>
        lackFactor(organisation).then((sessions) => end(({ who }) => sessions.has(who.session)), report)
    },

    endSession: (session) => end(({ who }) => who.session === session),
    end: (which) => end(({ who }) => which(who)),
    close: () => end(() => true),
  }
}
