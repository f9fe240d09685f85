// What the environment configures, parsed once at the start; nothing else reads the environment.
import * as v from 'valibot'
import { readProxies, type Proxies } from './address.ts'
import { readFrom } from './mail/from.ts'
import { readNamedHosts, type NamedHosts } from './outgoing/named-hosts.ts'

/** 0 takes any free one. */
const port = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}$/, 'PORT is no port number.'),
  v.transform(Number),
  v.maxValue(65_535, 'PORT is no port number.'),
)
const publicUrl = v.pipe(
  v.string(),
  v.check(
    (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
    'PUBLIC_URL must begin with http:// or https://.',
  ),
  v.transform((text) => new URL(text).origin),
)

const Environment = v.object({
  PORT: v.optional(port, '8080'),
  HOST: v.optional(v.pipe(v.string(), v.nonEmpty('HOST is empty.')), '127.0.0.1'),
  DATA_DIR: v.optional(v.pipe(v.string(), v.nonEmpty('DATA_DIR is empty.')), './data'),
  PUBLIC_URL: v.optional(publicUrl),
  SMTP_URL: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (text) => /^smtps?:$/.test(URL.parse(text)?.protocol ?? ''),
        'SMTP_URL must begin with smtp:// or smtps://.',
      ),
    ),
  ),
  MAIL_FROM: v.optional(v.string()),
  TRUSTED_PROXIES: v.optional(v.string(), ''),
  ALLOWED_PRIVATE_HOSTS: v.optional(v.string(), ''),
  LOG_LEVEL: v.optional(
    v.picklist(['silent', 'error', 'info', 'debug'], 'LOG_LEVEL is silent, error, info or debug.'),
    'info',
  ),
  API_DOCS: v.optional(v.picklist(['open'], 'API_DOCS is open, or nothing.')),
})

export interface Config {
  port: number
  host: string
  dataDir: string
  /** The origin that browsers see, where it is another than the host's own: behind a proxy that ends TLS. */
  publicUrl: string | undefined
  logLevel: 'silent' | 'error' | 'info' | 'debug'
  /** Where mails leave; without it they go to a folder. */
  smtpUrl: string | undefined
  /** Who they are from: `Name <address>`. */
  mailFrom: string | undefined
  /** Whose forwarding headers are believed. */
  proxies: Proxies
  /** Which hosts in private networks an organisation's sign-in may be at. */
  privateHosts: NamedHosts
  /** Whether everybody may read the description of the API. */
  openDocs: boolean
}

/** @throws Error with one sentence that names the setting */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  // An empty setting means none, as in a file of settings with nothing behind the sign.
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = v.safeParse(Environment, given)
  if (!parsed.success) throw new Error(parsed.issues[0].message)
  const { SMTP_URL, MAIL_FROM, TRUSTED_PROXIES, ALLOWED_PRIVATE_HOSTS } = parsed.output
  if (SMTP_URL !== undefined && MAIL_FROM === undefined)
    throw new Error('SMTP_URL needs MAIL_FROM: the address that mails are from.')
  if (MAIL_FROM !== undefined) readFrom(MAIL_FROM)
  const { PORT, HOST, DATA_DIR, PUBLIC_URL, LOG_LEVEL, API_DOCS } = parsed.output
  return {
    port: PORT,
    host: HOST,
    dataDir: DATA_DIR,
    publicUrl: PUBLIC_URL,
    logLevel: LOG_LEVEL,
    smtpUrl: SMTP_URL,
    mailFrom: MAIL_FROM,
    proxies: readProxies(TRUSTED_PROXIES),
    privateHosts: readNamedHosts(ALLOWED_PRIVATE_HOSTS),
    openDocs: API_DOCS === 'open',
  }
}
