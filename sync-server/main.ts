// The command line. Each command opens what it needs, does one thing and closes; what goes wrong is one line and a non-zero exit.
import { randomBytes } from 'node:crypto'
import { backup, DatabaseSync } from 'node:sqlite'
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import * as v from 'valibot'
import { auditVerify } from './activity/command.ts'
import { resetLink } from './accounts/break-glass.ts'
import { resetFactors } from './accounts/factors/reset.ts'
import { addressOf } from './accounts/links.ts'
import { build } from './build.ts'
import { readConfig } from './config.ts'
import { DATABASE, openData, type Data } from './data.ts'
import { DEMO_USERS, fillDemo } from './demo/fill.ts'
import { eraseOnHost } from './erasure/command.ts'
import { refusalLine, Refusal } from './problem.ts'
import { addAdmin, createOrganisation, onlyOrganisation, recordEverywhere, restoreAdmin } from './provider.ts'
import { addKey, listKeys, revokeKey } from './provider/keys.ts'
import { setProduct } from './provider/products.ts'
import { linkBase } from './mail/open.ts'
import { serve } from './serve.ts'
import { addGrant } from './usage/grants.ts'

const HELP = `Usage: quartermaster COMMAND [options]

  serve                 Serve app and API.
    --build             Build the app first if its sources are newer.
    --demo              Fill an empty database with the demo organisation.
  seed                  Fill an empty database with a demo organisation of another size.
    --users N           How many users (2500). --seed N chooses other ones.
  create-organisation   --name NAME [--time-zone Europe/Oslo] [--week-start 1] [--fiscal-year-start 1]
  add-admin             --email ADDRESS --name "First Last": makes a first admin, and prints a link to choose a password
                        where the person has no account yet.
  restore-admin         --email ADDRESS: makes a user of the organisation an admin again, and prints a link to choose
                        a password, the first one or another.
  erase-user            --user ID: erases a user as an admin does, for good; after a restore, for whom it brought back.
  reset-factors         --email ADDRESS: removes all second factors of a user's account and ends its sessions.
  set-product           --name NAME --seats N: adds a product or changes its seats.
  add-grant             --credits N --starts 2026-04-01 --ends 2027-03-31 [--kind contract|top-up]
  add-provider-key      --name NAME --scopes contract,usage,spend: makes a key for the provider's programs, and prints it
                        this once.
  provider-keys         Lists them.
  revoke-provider-key   --key ID
  audit-verify          Holds the log of every organisation, or of --organisation ID, against its chain of hashes, and
                        names each entry that was changed, removed or put in. --head VERSION:HASH: a head that was
                        noted earlier; a log that was written anew throughout does not have it.
  backup                --to FILE: copies the database while the server runs.

From add-admin on all but audit-verify and backup act on the only organisation, or on --organisation ID.
Environment: PORT (8080), HOST (127.0.0.1), DATA_DIR (./data), PUBLIC_URL (the origin that browsers
see, behind a proxy), SMTP_URL and MAIL_FROM (where mails leave, and whom they are from),
TRUSTED_PROXIES (whose forwarding headers are believed), ALLOWED_PRIVATE_HOSTS (hosts in private
networks at which an organisation's sign-in may be), LOG_LEVEL (info; silent, error, debug),
API_DOCS (open: everybody may read the description of the API).
`

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const options = {
  serve: { build: flag, demo: flag },
  seed: { users: text, seed: text },
  'create-organisation': { name: text, 'time-zone': text, 'week-start': text, 'fiscal-year-start': text },
  'add-admin': { organisation: text, email: text, name: text },
  'restore-admin': { organisation: text, email: text },
  'erase-user': { organisation: text, user: text },
  'reset-factors': { organisation: text, email: text },
  'set-product': { organisation: text, name: text, seats: text },
  'add-grant': { organisation: text, credits: text, starts: text, ends: text, kind: text },
  'add-provider-key': { organisation: text, name: text, scopes: text },
  'provider-keys': { organisation: text },
  'revoke-provider-key': { organisation: text, key: text },
  'audit-verify': { organisation: text, head: text },
  backup: { to: text },
} satisfies Record<string, ParseArgsOptionsConfig>
type Command = keyof typeof options
type Values = Readonly<Record<string, string | boolean | undefined>>

const say = (line: string) => void process.stdout.write(`${line}\n`)
const by = () => ({ now: Date.now(), random: randomBytes })
/** Where printed links lead. */
const base = (): string => {
  const config = readConfig(process.env)
  return linkBase(config, config.port, true) ?? ''
}
const invited = (email: string, token: string) =>
  `${email} is invited as an admin, and chooses a password within 7 days: ${addressOf(base(), 'invitation', token)}`
const minute = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

const commands: Record<Command, (values: Values) => Promise<void>> = {
  serve: async (values) => {
    if (values.build) build(say)
    await serve(readConfig(process.env), { demo: values.demo === true, say })
  },
  seed: (values) =>
    withData(async (data) => {
      const users = number(values, 'users', DEMO_USERS)
      const signIn = await fillDemo(data, { users, seed: number(values, 'seed', 1), now: Date.now() })
      if (!signIn) throw new Error('The data folder already holds an organisation. Name an empty one in DATA_DIR.')
      say(
        `Filled with ${users.toLocaleString('en')} users. Sign in as ${signIn.email} with the password ${signIn.password}`,
      )
    }),
  'create-organisation': (values) =>
    withData(async ({ store }) => {
      const organisation = await createOrganisation(
        store,
        {
          name: required(values, 'name'),
          timeZone: given(values, 'time-zone') ?? 'Europe/Oslo',
          weekStart: number(values, 'week-start', 1),
          fiscalYearStart: number(values, 'fiscal-year-start', 1),
        },
        by(),
      )
      say(`Made the organisation ${organisation}. Next: add-admin, set-product, add-grant.`)
    }),
  'add-admin': (values) =>
    withOrganisation(values, async ({ store, identity }, organisation) => {
      const email = required(values, 'email')
      const wanted = { email, name: required(values, 'name') }
      const token = await addAdmin({ store, identity }, organisation, wanted, by())
      say(
        token === undefined ? `${email} is an admin, and signs in with the password of before.` : invited(email, token),
      )
    }),
  'restore-admin': (values) =>
    withOrganisation(values, async ({ store }, organisation) => {
      const email = required(values, 'email')
      const token = await restoreAdmin({ store }, organisation, { email }, by())
      if (token !== undefined) {
        say(invited(email, token))
        return
      }
      say(`${email} is an active admin.`)
      const link = await resetLink(store, base(), organisation, email, by())
      if (link !== undefined) say(`Who has lost the password chooses another one within an hour: ${link}`)
    }),
  'erase-user': (values) =>
    withOrganisation(values, async ({ store }, organisation) => {
      const user = required(values, 'user')
      const { dataDir } = readConfig(process.env)
      const gone = await eraseOnHost({ store, dataDir }, organisation, user, by())
      say(`Erased ${user}.`)
      if (!gone)
        say(
          'The database was being read just now: restart the server, or run a backup to its end, and the last bytes go.',
        )
    }),
  'reset-factors': (values) =>
    withOrganisation(values, async ({ store }, organisation) => {
      const email = required(values, 'email')
      const count = await resetFactors(store, organisation, email, by())
      say(
        count === undefined
          ? `${email} has no account yet, and no second factor.`
          : `${email} has no second factor any more (there were ${count}), and signs in with the password. The owner is told by mail.`,
      )
    }),
  'set-product': (values) =>
    withOrganisation(values, async ({ store }, organisation) => {
      const wanted = { name: required(values, 'name'), seats: number(values, 'seats') }
      const product = await store.transaction((tx) => setProduct(tx, organisation, wanted, by()))
      say(`${product.name}: ${product.seatsUsed} of ${product.seatsPurchased} seats used.`)
    }),
  'add-grant': (values) =>
    withOrganisation(values, async ({ store }, organisation) => {
      const grant = {
        credits: number(values, 'credits'),
        startsOn: required(values, 'starts'),
        endsOn: required(values, 'ends'),
        kind: given(values, 'kind') ?? 'contract',
      }
      await store.transaction((tx) => addGrant(tx, organisation, grant, by()))
      say(`Granted ${grant.credits.toLocaleString('en')} credits from ${grant.startsOn} to ${grant.endsOn}.`)
    }),
  'add-provider-key': (values) =>
    withOrganisation(values, async ({ store }, organisation) => {
      const wanted = { name: required(values, 'name'), scopes: required(values, 'scopes').split(',') }
      const { id, key } = await addKey(store, organisation, wanted, by())
      say(`Made the key ${id}. The key itself, shown this once: ${key}`)
    }),
  'provider-keys': (values) =>
    withOrganisation(values, async ({ store }, organisation) => {
      const keys = await listKeys(store, organisation)
      if (keys.length === 0) say('There is no key yet. Make one with add-provider-key.')
      for (const { id, name, scopes, lastUsedAt, revokedAt } of keys) {
        const used = lastUsedAt === null ? 'never used' : `last used ${minute(lastUsedAt)}`
        say(`${id}  ${name}  ${scopes.join(',')}  ${revokedAt === null ? used : `revoked ${minute(revokedAt)}`}`)
      }
    }),
  'revoke-provider-key': (values) =>
    withOrganisation(values, async ({ store }, organisation) => {
      const id = required(values, 'key')
      await revokeKey(store, organisation, id, by())
      say(`The key ${id} opens nothing any more.`)
    }),
  'audit-verify': (values) =>
    withData(async ({ store }) => {
      const intact = await auditVerify(
        store,
        { organisation: given(values, 'organisation'), head: given(values, 'head') },
        say,
      )
      if (!intact) process.exitCode = 1
    }),
  backup: async (values) => {
    const { dataDir } = readConfig(process.env)
    const to = required(values, 'to')
    const database = new DatabaseSync(`${dataDir}/${DATABASE}`, { readOnly: true })
    await backup(database, to)
    database.close()
    say(`Copied to ${to}.`)
    // In the logs behind the copy, which must be there also when a full disk takes no entry any more.
    await withData(({ store }) => recordEverywhere(store, { type: 'backup', args: {} }, by()))
  },
}

async function withData(work: (data: Data) => Promise<void>): Promise<void> {
  const data = await openData(readConfig(process.env))
  try {
    await work(data)
  } finally {
    await data.store.close()
  }
}

const withOrganisation = (
  values: Values,
  work: (data: Data, organisation: Awaited<ReturnType<typeof onlyOrganisation>>) => Promise<void>,
) => withData(async (data) => await work(data, await onlyOrganisation(data.store, given(values, 'organisation'))))

const given = (values: Values, name: string): string | undefined => {
  const value = values[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function required(values: Values, name: string): string {
  const value = given(values, name)
  if (value === undefined) throw new Error(`--${name} is missing.`)
  return value
}

function number(values: Values, name: string, otherwise?: number): number {
  const value = given(values, name)
  if (value === undefined && otherwise !== undefined) return otherwise
  const parsed = v.safeParse(v.pipe(v.string(), v.regex(/^\d{1,13}$/), v.transform(Number)), value)
  if (!parsed.success) throw new Error(`--${name} must be a whole number.`)
  return parsed.output
}

const isCommand = (name: string | undefined): name is Command => name !== undefined && name in options

// Whatever is written (database, secret, backup) is the owner's alone.
process.umask(0o077)
const [command, ...rest] = process.argv.slice(2)
if (command === undefined || command === 'help' || command === '--help') say(HELP)
else if (!isCommand(command)) {
  process.stderr.write(`There is no command ${command}. --help lists them.\n`)
  process.exitCode = 1
} else
  try {
    const { values } = parseArgs({ args: rest, options: { ...options[command], help: flag } as ParseArgsOptionsConfig })
    if (values['help']) say(HELP)
    else await commands[command](values as Values)
  } catch (error) {
    process.stderr.write(`${lineOf(error)}\n`)
    process.exitCode = 1
  }

function lineOf(error: unknown): string {
  if (error instanceof Refusal) return refusalLine(error)
  return error instanceof Error ? error.message : String(error)
}
