// The way into an installation that has nobody yet: a link that the server prints at its start, good for one use, by which the first
// organisation and its first admin are made. Never a default password.
import * as v from 'valibot'
import { toEmailKey } from '#shared/email.ts'
import { filledText } from '#shared/text.ts'
import type { Identity } from '../identity.ts'
import { Refusal } from '../problem.ts'
import { addAdmin, createOrganisation } from '../provider.ts'
import type { Store, Tx } from '../store/index.ts'
import type { By } from '../sync/record.ts'
import { judgePassword } from './follow.ts'
import { addressOf, dead, makeLink, openLink, Token, useLink } from './links.ts'

const nobodyYet = async (tx: Tx): Promise<boolean> =>
  (await tx.db.selectFrom('heads').select('orgId').limit(1).executeTakeFirst()) === undefined

/** @returns the address to open; undefined where there is an organisation already. Links of earlier starts die. */
export const firstAdminLink = (store: Store, base: string, now: number): Promise<string | undefined> =>
  store.transaction(async (tx) => {
    if (!(await nobodyYet(tx))) return undefined
    const nobody = { purpose: 'first-admin', orgId: '', userId: '', accountId: null, email: '' } as const
    return addressOf(base, 'first-admin', await makeLink(tx, nobody, now))
  })

export const Setup = v.strictObject({
  token: Token,
  organisation: filledText(),
  timeZone: v.pipe(v.string(), v.maxLength(64)),
  name: filledText(),
  email: v.pipe(v.string(), v.maxLength(254)),
  password: v.pipe(v.string(), v.maxLength(1_000)),
})
export type Setup = v.InferOutput<typeof Setup>

/** Makes organisation and admin. @returns who can sign in @throws {Refusal} `link-dead`, `malformed`, `password-weak` */
export async function setUp(
  { store, identity }: { store: Store; identity: Identity },
  { token, organisation: name, timeZone, name: person, email, password }: Setup,
  by: By,
): Promise<{ email: string; password: string }> {
  const key = toEmailKey(email)
  if (!key) throw new Refusal(400, 'malformed', { path: 'email', message: 'Is no e-mail address.' })
  if (timeZone !== 'UTC' && !Intl.supportedValuesOf('timeZone').includes(timeZone))
    throw new Refusal(400, 'malformed', { path: 'timeZone', message: 'Is no time zone.' })
  await store.read((tx) => firstLink(tx, token, by.now))
  judgePassword(password, [person, key, name])
  await store.transaction(async (tx) => {
    await firstLink(tx, token, by.now)
    await useLink(tx, token, by.now)
  })
  const organisation = await createOrganisation(store, { name, timeZone, weekStart: 1, fiscalYearStart: 1 }, by)
  await addAdmin({ store, identity }, organisation, { email, name: person, password }, by)
  return { email: key, password }
}

/** @throws {Refusal} `link-dead`: also where somebody has been here meanwhile, by a command say */
export async function firstLink(tx: Tx, token: string, now: number): Promise<void> {
  const link = await openLink(tx, token, now)
  if (link.purpose !== 'first-admin') throw dead('unknown')
  if (!(await nobodyYet(tx))) throw dead('ended', link.purpose)
}
