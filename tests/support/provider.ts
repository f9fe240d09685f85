// The provider's side of a small world: keys, and requests that carry one.
import { serve } from '@hono/node-server'
import { addKey, SCOPES, type Scope } from '../../sync-server/provider/keys.ts'
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
