// The document and its readable page. Both tell what the server can do, so in production they are for those who have business with it:
// a signed-in console or a key of the provider opens them. The page loads nothing from any other host.
import { Hono, type Context } from 'hono'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { NEVER_FRAMED } from '../policy.ts'
import { openApi } from './openapi.ts'

const require = createRequire(import.meta.url)
const assets = dirname(require.resolve('swagger-ui-dist/package.json'))
const FILES = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
} as const
type File = keyof typeof FILES

/** Styles as attributes alone are allowed inline: the page's own library writes them. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  NEVER_FRAMED,
].join('; ')

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Quartermaster: the provider’s API</title>
    <link rel="stylesheet" href="/api/docs/swagger-ui.css">
  </head>
  <body>
    <main id="api"><p>This page needs JavaScript. <a href="/api/openapi.json">The document itself</a> can be read without.</p></main>
    <script src="/api/docs/swagger-ui-bundle.js"></script>
    <script src="/api/docs/start.js"></script>
  </body>
</html>
`

// Nothing is checked with a validator elsewhere, and a key that was typed in is forgotten with the page.
const START = `SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#api',
  validatorUrl: null,
  persistAuthorization: false,
  deepLinking: false,
  defaultModelsExpandDepth: 0,
})
`

/** @param admit throws where the one who asks may not read it */
export function apiDocs(admit: (headers: Headers) => Promise<void>): Hono {
  const docs = new Hono()
  const document = JSON.stringify(openApi())
  docs.use('/openapi.json', guarded(admit))
  docs.use('/docs', guarded(admit))
  docs.use('/docs/*', guarded(admit))

  docs.get('/openapi.json', (c) => c.body(document, 200, { 'content-type': 'application/json' }))
  docs.get('/docs', (c) => c.html(PAGE, 200, { 'content-security-policy': POLICY }))
  docs.get('/docs/start.js', (c) => c.body(START, 200, { 'content-type': 'text/javascript; charset=utf-8' }))
  for (const file of Object.keys(FILES) as File[])
    docs.get(`/docs/${file}`, async (c) => c.body(await contentOf(file), 200, { 'content-type': FILES[file] }))
  return docs
}

const guarded =
  (admit: (headers: Headers) => Promise<void>) =>
  async (c: Context, next: () => Promise<void>): Promise<void> => {
    await admit(c.req.raw.headers)
    c.header('cache-control', 'private, no-cache')
    await next()
  }

const contentOf = async (file: File): Promise<string> => await readFile(join(assets, file), 'utf8')
