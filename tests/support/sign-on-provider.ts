// A real OpenID provider on this machine, and a browser without a screen that signs in there. Also one that lies, for what must not pass.
import { createHmac, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export const CLIENT = { id: 'quartermaster', secret: 'the secret of the client' }

/** Who can sign in there, by what is typed: what the provider says of each. */
export type People = Record<string, { email?: string; email_verified?: boolean | string }>

export interface Running {
  issuer: string
  /** `host:port`, for ALLOWED_PRIVATE_HOSTS. */
  host: string
  /** Ends it; `start` has it answer again at the same address. */
  stop(): Promise<void>
  start(): Promise<void>
}

async function running(listenerFor: (issuer: string) => RequestListener): Promise<Running> {
  let port = 0
  let server: Server
  const start = async () => {
    server = createServer((request, response) => listener(request, response)).listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  let listener: RequestListener = () => undefined
  await start()
  const host = `127.0.0.1:${port}`
  const issuer = `http://${host}`
  listener = listenerFor(issuer)
  const stop = async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return { issuer, host, start, stop }
}

/** @param back the redirect addresses of the client, asked for at the first request */
export async function provider(people: People, back: () => readonly string[]): Promise<Running> {
  // Loaded here: it takes its time, which the runner of browser tests does not give a file.
  const { Provider } = await import('oidc-provider')
  return await running((issuer) => {
    let callback: RequestListener | undefined
    const made = () =>
      new Provider(issuer, {
        clients: [
          {
            client_id: CLIENT.id,
            client_secret: CLIENT.secret,
            redirect_uris: [...back()],
            grant_types: ['authorization_code'],
            response_types: ['code'],
          },
        ],
        claims: { openid: ['sub'], email: ['email', 'email_verified'] },
        findAccount: async (_context, id) =>
          people[id] && { accountId: id, claims: async () => ({ sub: `sub of ${id}`, ...people[id] }) },
        cookies: { keys: ['a key of tests'] },
      }).callback()
    return (request, response) => (callback ??= made())(request, response)
  })
}

/** Signs in at the provider as a person does by its pages. @returns the address to which it sends the browser back */
export async function signInThere(location: string, login: string): Promise<string> {
  const jar = new Map<string, string>()
  const { origin } = new URL(location)
  let next: { address: string; body?: URLSearchParams } = { address: location }
  for (let steps = 0; steps < 20; steps += 1) {
    if (new URL(next.address).origin !== origin) return next.address
    const response = await fetch(next.address, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(next.body ? { method: 'POST', body: next.body } : {}),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split(/=(.*)/)
      jar.set(name, value)
    }
    const to = response.headers.get('location')
    const page = await response.text()
    if (to !== null) next = { address: new URL(to, next.address).href }
    else {
      const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1]
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
      if (!action || !prompt) throw new Error(`The provider shows no form: ${response.status} ${page}`)
      next = {
        address: new URL(action, next.address).href,
        body: new URLSearchParams(prompt === 'login' ? { prompt, login, password: 'any' } : { prompt }),
      }
    }
  }
  throw new Error('The provider leads round in circles.')
}

/** What a lying provider changes of an ID token that would be right. */
export interface Lie {
  claims?: Readonly<Record<string, unknown>>
  alg?: 'none' | 'HS256'
  /** Signed by a key that it does not publish. */
  otherKey?: boolean
}

/**
 * A provider that lets everybody in without asking, as the person that is named, and lies as it is told to. It says all in its ID token.
 * @returns what `signInThere` finds there is a code at once
 */
export async function lyingProvider(person: Record<string, unknown>): Promise<Running & { lie: Lie; asked: string[] }> {
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const nonces = new Map<string, string>()
  const state: { lie: Lie; asked: string[] } = { lie: {}, asked: [] }
  const run = await running((issuer) => (request, response) => {
    const url = new URL(request.url ?? '/', issuer)
    state.asked.push(url.pathname)
    const answer = (body: object) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(body))
    }
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return answer({
          issuer,
          authorization_endpoint: `${issuer}/auth`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
          response_types_supported: ['code'],
          id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
        })
      case '/jwks':
        return answer({ keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'own', use: 'sig', alg: 'RS256' }] })
      case '/auth': {
        const code = randomBytes(16).toString('hex')
        nonces.set(code, url.searchParams.get('nonce') ?? '')
        const back = new URL(url.searchParams.get('redirect_uri') ?? '')
        back.searchParams.set('code', code)
        back.searchParams.set('state', url.searchParams.get('state') ?? '')
        return void response.writeHead(302, { location: back.href }).end()
      }
      case '/token':
        return void bodyOf(request).then((body) => {
          const now = Math.floor(Date.now() / 1000)
          const nonce = nonces.get(body.get('code') ?? '')
          const { claims, alg, otherKey } = state.lie
          const right = { iss: issuer, aud: CLIENT.id, iat: now, exp: now + 60, nonce, ...person }
          const key = otherKey ? other.privateKey : own.privateKey
          answer({ access_token: 'x', token_type: 'Bearer', id_token: token({ ...right, ...claims }, key, alg) })
        })
      default:
        return void response.writeHead(404).end()
    }
  })
  return Object.assign(state, run)
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

function token(claims: object, key: KeyObject, alg: 'RS256' | 'HS256' | 'none' = 'RS256'): string {
  const signed = `${part({ alg, kid: 'own' })}.${part(claims)}`
  if (alg === 'none') return `${signed}.`
  const signature =
    alg === 'HS256'
      ? createHmac('sha256', CLIENT.secret).update(signed).digest('base64url')
      : sign('sha256', Buffer.from(signed), key).toString('base64url')
  return `${signed}.${signature}`
}

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  const parts: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) parts.push(chunk)
  return new URLSearchParams(Buffer.concat(parts).toString())
}
