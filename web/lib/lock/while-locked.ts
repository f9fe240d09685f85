// What a locked device still does: it ends its session on the server, so that the cookie in this browser opens nothing either, and asks
// from time to time whether it was revoked, so that what it holds goes. It sends and fetches nothing: whatever waits is sent after the
// next sign-in, by its author.
import { ApiError, request } from '#lib/api.ts'
import { keepLock, keptLock } from './locked.ts'

const ASKED_EVERY = 5 * 60_000

/** Begins; what is returned ends it. */
export function whileLocked({
  onrevoked,
  report,
}: {
  onrevoked: (why: 'revoked' | 'no-console') => void
  report: (error: unknown) => void
}): () => void {
  let over = false
  const ask = () => {
    if (!over && navigator.onLine) inOneTab(onrevoked).catch(report)
  }
  ask()
  const timer = setInterval(ask, ASKED_EVERY)
  addEventListener('online', ask)
  return () => {
    over = true
    clearInterval(timer)
    removeEventListener('online', ask)
  }
}

/** One tab does it at a time, and none once somebody has signed in: that session is not this one's to end. */
const inOneTab = (onrevoked: (why: 'revoked' | 'no-console') => void): Promise<void> =>
  navigator.locks.request('quartermaster/locked', { ifAvailable: true }, async (mine) => {
    const locked = keptLock()
    if (!mine || !locked) return
    const refused = await refusal(request('/api/session'))
    if (refused === 'device-revoked') return onrevoked('revoked')
    if (refused === 'no-console') return onrevoked('no-console')
    // Somebody may have signed in while that was asked.
    if (locked.sessionEnded || !keptLock()) return
    // The session may have ended by itself meanwhile: that is as good.
    const left = await refusal(request('/api/auth/sign-out', { method: 'POST', json: { keep: true } }))
    if (left === undefined && keptLock()) keepLock({ ...locked, sessionEnded: true })
  })

/** The code with which the server refuses, or with which it can't be reached; undefined where it does as asked. */
const refusal = (asked: Promise<unknown>): Promise<string | undefined> =>
  asked.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof ApiError) return error.code
      throw error
    },
  )
