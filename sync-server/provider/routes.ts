// Serves the provider's API from its table of routes. At each route the key comes first: a stranger learns nothing of what is there.
// It sends no Origin and no cookie, so the rule of same origin has nothing to say here.
import { Hono } from 'hono'
import * as v from 'valibot'
import { read } from '#shared/faults.ts'
import { Refusal } from '../problem.ts'
import { contractRoutes } from './contract-routes.ts'
import { keyHolder } from './keys.ts'
import type { ProviderParts, Route } from './route.ts'
import { spendRoutes } from './spend-routes.ts'
import { usageRoutes } from './usage-routes.ts'

/** Where the API is mounted. */
export const PROVIDER_API = '/api/provider/v1'

/** All that the provider's API can do, and all that its document tells. */
export const PROVIDER_ROUTES: readonly Route[] = [...contractRoutes, ...usageRoutes, ...spendRoutes]

export function providerApi(parts: ProviderParts): Hono {
  const api = new Hono()
  for (const route of PROVIDER_ROUTES)
    api.on(route.method.toUpperCase(), route.path.replace(/\{(\w+)\}/, ':$1'), async (c) => {
      const { organisation, name } = await keyHolder(parts.store, c.req.raw.headers, route.scope, parts.clock())
      const parameter = parameterOf(route, c.req.param())
      const answer = await route
        .run(c.req.raw, { organisation, parameter }, { ...parts, key: name })
        .catch((error: unknown) => {
          throw parts.store.isFault(error) ? new Refusal(503, 'store-failed', undefined, error) : error
        })
      c.header('cache-control', 'no-store')
      return answer === undefined ? c.body(null, 204) : c.json(answer, route.status === 204 ? 200 : route.status)
    })
  return api
}

function parameterOf({ parameters = [] }: Route, given: Readonly<Record<string, string>>): string {
  const parameter = parameters.find((one) => one.in === 'path')
  if (!parameter) return ''
  const parsed = read(v.pipe(parameter.schema, v.string()), given[parameter.name])
  if (parsed.ok) return parsed.output
  throw new Refusal(400, 'malformed', { path: parameter.name, message: parsed.fault.message })
}
