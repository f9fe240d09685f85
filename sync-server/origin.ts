// Refuses what another site makes a browser send: every unsafe request must come from this app's own origin. The cookie alone does
// not say who asks, and JSON passes the checks that frameworks have for forms.
import { createMiddleware } from 'hono/factory'
import { Refusal } from './problem.ts'

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** @param publicUrl the origin that browsers see, where it is not the request's own host */
export const sameOrigin = (publicUrl: string | undefined) =>
  createMiddleware(async (c, next) => {
    if (!SAFE.has(c.req.method) && !isOwn(c.req.raw, publicUrl))
      throw new Refusal(403, 'cross-origin', { origin: c.req.header('origin') ?? null })
    await next()
  })

function isOwn({ headers, url }: Request, publicUrl: string | undefined): boolean {
  const origin = headers.get('origin')
  if (origin !== null) {
    if (origin === publicUrl) return true
    const host = headers.get('host') ?? new URL(url).host
    return URL.parse(origin)?.host === host
  }
  // No browser leaves both out of an unsafe request; a program that does holds the cookie itself.
  const site = headers.get('sec-fetch-site')
  return site === null || site === 'same-origin' || site === 'none'
}
