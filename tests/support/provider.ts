// The provider's side of a small world: keys, and requests that carry one.
import { serve } from '@hono/node-server'
import { addKey, SCOPES, type Scope } from '../../sync-server/provider/keys.ts'
import type { Route } from '../../sync-server/provider/route.ts'
import type { Served } from './app.ts'

export const API = '/api/provider/v1'

/** A key of this organisation. */
export const keyOf = async (acme: Served, scopes: readonly Scope[] = SCOPES, name = 'Billing') =>
  await addKey(acme.store, acme.id, { name, scopes }, { now: acme.clock.now, random: acme.random })

export interface Answer {
  status: number
  headers: Headers
  body: unknown
}

/** Asks the API with this key; a body that is no text goes as JSON. */
export const provider =
  (acme: Served, key: string | undefined) =>
  async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const response = await acme.call(`${API}${path}`, {
      method,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
  }

/** What each route is sent so that all would be well, by operation id; users and products are those of `of`. */
export function providerBodies(of: Served): Record<string, unknown> {
  const spend = { user: of.user('ana'), product: of.product('Sales Pro'), credits: 1, idempotencyKey: 'k' }
  return {
    addProduct: { name: 'Insights', seatsPurchased: 1 },
    changeProduct: { seatsPurchased: 1 },
    addGrant: { credits: 1, startsOn: '2026-01-01', endsOn: '2026-12-31' },
    voidGrant: { voided: 1 },
    reportUsage: [reportedEvent(of)],
    spend,
    reserve: { ...spend, seconds: 60 },
    confirmReservation: { credits: 1 },
  }
}

export const reportedEvent = (of: Served) => ({
  specversion: '1.0',
  type: 'quartermaster.usage',
  source: '/meter',
  id: '1',
  time: '2026-11-24T08:00:00Z',
  data: { user: of.user('ana'), product: of.product('Sales Pro'), credits: 1 },
})

/** A route's address under the API's own; its ids are those of `of`. */
export async function providerAddress(
  { path }: Pick<Route, 'path'>,
  of: Served,
  { product = 'Sales Pro', reservation = of.newId() }: { product?: string; reservation?: string } = {},
): Promise<string> {
  const [grant] = await of.rows('grants')
  const id = path.startsWith('/products') ? of.product(product) : path.startsWith('/grants') ? grant?.id : reservation
  return path.replace('{id}', id ?? '').replace('{user}', of.user('ana'))
}

/** The app at a port of its own on this machine. */
export async function atPort({ app }: Served): Promise<{ url: string; close(): Promise<void> }> {
  return await new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () => new Promise((closed) => server.close(() => closed())),
      }),
    )
  })
}
