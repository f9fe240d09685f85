// Serves the built app: what has its content in its name is kept for ever, everything else is asked for anew. A page's address that
// is no file gets the app itself, which finds its way by the address.
import { serveStatic } from '@hono/node-server/serve-static'
import { createMiddleware } from 'hono/factory'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NEVER_FRAMED } from './policy.ts'
import { Refusal } from './problem.ts'

const IMMUTABLE = '/_app/immutable/'

/** @param root the folder of the build */
export function staticFiles(root: string) {
  const files = serveStatic({ root, precompressed: true })
  const page = serveStatic({ root, precompressed: true, path: 'index.html' })
  const policy = policyOf(root)
  return createMiddleware(async (c, next) => {
    const { path } = c.req
    if (path.startsWith('/api/') || path === '/api') throw new Refusal(404, 'not-found')
    c.header('content-security-policy', policy)
    c.header('cache-control', path.startsWith(IMMUTABLE) ? 'public, max-age=31536000, immutable' : 'no-cache')
    const found = await files(c, async () => undefined)
    if (found) return found
    // A piece of an older build must not be answered with a page: the app would take it for a script.
    if (path.startsWith('/_app/')) {
      c.header('cache-control', 'no-store')
      throw new Refusal(404, 'not-found')
    }
    return (await page(c, next)) ?? c.notFound()
  })
}

/** The page's own policy, with the hashes of its scripts, stands in its head; as a header it holds for workers, too. */
function policyOf(root: string): string {
  const page = readFileSync(join(root, 'index.html'), 'utf8')
  const own = /<meta http-equiv="content-security-policy" content="([^"]+)">/.exec(page)?.[1]
  return `${own ?? "default-src 'self'; object-src 'none'; base-uri 'none'"}; ${NEVER_FRAMED}`
}
