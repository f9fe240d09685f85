// A person with a second factor, in API tests: adds one as the app does, takes the second step of a sign-in, and keeps the cookies.
import { TOTP } from 'otpauth'
import { authenticator, type Ways } from './authenticator.ts'
import { PASSWORD, type Served } from './app.ts'

/** Where the app of tests is reached by passkeys: browsers take no bare address for them. */
export const PAGE = 'http://localhost:8080'

export interface Answered {
  status: number
  body: Record<string, unknown>
  response: Response
}

/** A browser: it keeps its cookies and sends all of them. */
export function browserOf(acme: Pick<Served, 'call' | 'post'>) {
  const jar = new Map<string, string>()
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  /** Keeps the cookies of an answer. */
  const take = (response: Response): Response => {
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
  const answered = async (response: Response): Promise<Answered> => ({
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    response,
  })
  const browser = {
    jar,
    cookies,
    take,
    get: async (path: string): Promise<Answered> => answered(take(await acme.call(path, { as: cookies() }))),
    post: async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answered> =>
      answered(take(await acme.post(path, body, cookies(), headers))),
    signIn: (name: string, password = PASSWORD) =>
      browser.post('/api/auth/sign-in/email', { email: `${name}@tern.example`, password }),
    secondStep: (answer: unknown, headers: Record<string, string> = {}) =>
      browser.post('/api/auth/second-factor', answer, headers),
    /** Adds an authenticator app. @returns its secret, and the recovery codes if there were any */
    addApp: async (now: number, name = 'Phone') => {
      const begun = await browser.post('/api/second-factor/totp/begin', {})
      const { id, secret } = begun.body as { id: string; secret: string }
      const added = await browser.post('/api/second-factor/totp', { id, code: codeOf(secret, now), name })
      return { ...added, secret, codes: (added.body['recoveryCodes'] ?? []) as string[] }
    },
    /** Adds a passkey of this authenticator. */
    addPasskey: async (device = authenticator(PAGE), name = 'Laptop', ways: Ways = {}) => {
      const begun = await browser.post('/api/second-factor/passkey/begin', {})
      const response = device.create(begun.body as never, ways)
      const added = await browser.post('/api/second-factor/passkey', { response, name })
      return { ...added, device, codes: (added.body['recoveryCodes'] ?? []) as string[] }
    },
    /** Takes the second step by a passkey. */
    stepByPasskey: async (device: ReturnType<typeof authenticator>, ways: Ways = {}) => {
      const { body } = await browser.post('/api/auth/second-factor/passkey/options', {})
      return await browser.secondStep({ way: 'passkey', response: device.get(body as never, ways) })
    },
    /** Signs in by a passkey alone. */
    signInByPasskey: async (device: ReturnType<typeof authenticator>, ways: Ways = {}) => {
      const { body } = await browser.post('/api/auth/passkey/options', {})
      return await browser.post('/api/auth/passkey', { response: device.get(body as never, ways) })
    },
  }
  return browser
}

export type Browser = ReturnType<typeof browserOf>

/** The code that an app shows at this moment. */
export const codeOf = (secret: string, now: number): string => new TOTP({ secret }).generate({ timestamp: now })
