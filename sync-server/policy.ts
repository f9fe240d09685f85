// What the browser may do with an answer that is no page: nothing at all, nor keep it. Pages and the app's files, and what is asked for
// again by its version, say otherwise themselves.
import { createMiddleware } from 'hono/factory'

/** Only a header can say this, so every policy ends with it. */
export const NEVER_FRAMED = "frame-ancestors 'none'"
const NOTHING = `default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'none'; ${NEVER_FRAMED}`

/** Every answer has a policy, and says how long it may be kept: where its route has said nothing, the strictest. */
export const strictest = createMiddleware(async (c, next) => {
  await next()
  const { headers } = c.res
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', NOTHING)
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
})
