// Answers what no route of the API has taken: 405 where the address is there but is not asked that way, 404 where it isn't.
import type { Handler, Hono } from 'hono'
import { Refusal } from './problem.ts'

/** For `app.all`, after all routes. @throws {Refusal} 405 `method-not-allowed` with what is allowed, 404 `not-found` */
export function unknown(app: Hono): Handler {
  const known = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({ method, pattern: patternOf(path) }))
  return (c) => {
    const allow = [...new Set(known.filter(({ pattern }) => pattern.test(c.req.path)).map(({ method }) => method))]
    if (allow.length > 0) throw new Refusal(405, 'method-not-allowed', { allow })
    throw new Refusal(404, 'not-found')
  }
}

/** `/api/usage/:month{[0-9]{4}-[0-9]{2}}` as an expression of its own. */
function patternOf(path: string): RegExp {
  const parts = path.split('/').map((part) => {
    const [, form = '[^/]+'] = /^:\w+(?:\{(.+)\})?$/.exec(part) ?? []
    return part.startsWith(':') ? form : RegExp.escape(part)
  })
  return new RegExp(`^${parts.join('/')}$`)
}
