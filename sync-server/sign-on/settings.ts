// The provider that an organisation signs in by, as its admins set it up. The client's secret is sealed, goes to the provider alone, and
// never to another issuer than the one that it was entered for. Each change is in the log, in the transaction that makes it.
import * as v from 'valibot'
import { OrganisationId } from '#shared/model.ts'
import type { SignOnSettings } from '#shared/sign-on.ts'
import type { Seal } from '../accounts/seal.ts'
import type { SignedIn } from '../accounts/signed-in.ts'
import { Refusal } from '../problem.ts'
import type { Store, Tx } from '../store/index.ts'
import type { Schema } from '../store/schema.ts'
import { readHead, type Random } from '../sync/log.ts'
import { recordChange } from '../sync/record.ts'
import type { Pending } from './pending.ts'

export interface Settings {
  organisation: OrganisationId
  name: string
  issuer: string
  clientId: string
  /** The client's secret, sealed; null where there is none. */
  sealed: string | null
  enabled: boolean
}

const settingsIn = (row: Schema['auth_sign_on'] | undefined): Settings | undefined =>
  row && {
    organisation: v.parse(OrganisationId, row.orgId),
    name: row.name,
    issuer: row.issuer,
    clientId: row.clientId,
    sealed: row.clientSecret,
    enabled: row.enabled === 1,
  }

export const settingsOf = async (tx: Tx, organisation: OrganisationId): Promise<Settings | undefined> =>
  settingsIn(await tx.db.selectFrom('auth_sign_on').selectAll().where('orgId', '=', organisation).executeTakeFirst())

/** By the name that people know it by. */
export const settingsNamed = async (tx: Tx, name: string): Promise<Settings | undefined> =>
  settingsIn(await tx.db.selectFrom('auth_sign_on').selectAll().where('name', '=', name).executeTakeFirst())

/** As they were when a sign-in began; undefined where it leads nowhere any more. */
export async function settingsStill(
  tx: Tx,
  { orgId, issuer, clientId }: Pick<Pending, 'orgId' | 'issuer' | 'clientId'>,
): Promise<Settings | undefined> {
  const now = await settingsOf(tx, v.parse(OrganisationId, orgId))
  return now?.enabled && now.issuer === issuer && now.clientId === clientId ? now : undefined
}

export interface Change {
  store: Store
  seal: Seal
  now: number
  random: Random
}
/** What a change came to. `ended`: the sessions that are over with it. */
export interface Changed {
  version: number
  ended: ReadonlySet<string>
}

/** @throws {Refusal} 409 `sign-on-name-taken`; 400 `malformed` where the secret must be entered anew */
export const saveSettings = (who: SignedIn, wanted: SignOnSettings, change: Change): Promise<Changed> =>
  change.store.transaction(async (tx) => {
    const { organisation } = who
    const before = await settingsOf(tx, organisation)
    const holder = await settingsNamed(tx, wanted.name)
    if (holder && holder.organisation !== organisation) throw new Refusal(409, 'sign-on-name-taken', { path: 'name' })
    const same = before?.issuer === wanted.issuer && before.clientId === wanted.clientId
    const { sealed, secret } = secretFor(wanted, before, same, change.seal, organisation)
    const { name, issuer, clientId, enabled } = wanted
    const values = { name, issuer, clientId, clientSecret: sealed, enabled: enabled ? 1 : 0, updatedAt: change.now }
    await tx.db
      .insertInto('auth_sign_on')
      .values({ orgId: organisation, ...values })
      .onConflict((conflict) => conflict.column('orgId').doUpdateSet(values))
      .execute()
    const ended = same && enabled ? new Set<string>() : await endSessions(tx, who)
    return await noted(
      tx,
      who,
      { type: 'set-sign-on', args: { name, issuer, clientId, enabled, secret } },
      ended,
      change,
    )
  })

/** What stands as secret afterwards, and what the log says of it. */
function secretFor(
  { clientSecret }: SignOnSettings,
  before: Settings | undefined,
  same: boolean,
  seal: Seal,
  organisation: string,
): { sealed: string | null; secret: 'new' | 'kept' | 'none' } {
  if (clientSecret) return { sealed: seal.close(clientSecret, organisation), secret: 'new' }
  if (clientSecret === '' || !before || before.sealed === null) return { sealed: null, secret: 'none' }
  // It was entered for another provider, or another client of it: whoever changes that must not have it sent there.
  if (!same) throw new Refusal(400, 'malformed', { path: 'clientSecret', message: 'Enter the secret of this client.' })
  return { sealed: before.sealed, secret: 'kept' }
}

/** @throws {Refusal} 404 where there is nothing to remove */
export const removeSettings = (who: SignedIn, change: Change): Promise<Changed> =>
  change.store.transaction(async (tx) => {
    const { organisation } = who
    const before = await settingsOf(tx, organisation)
    if (!before) throw new Refusal(404, 'not-found')
    for (const table of ['auth_sign_on', 'sign_on_identities', 'auth_sign_ons'] as const)
      await tx.db.deleteFrom(table).where('orgId', '=', organisation).execute()
    const ended = await endSessions(tx, who)
    return await noted(tx, who, { type: 'remove-sign-on', args: { issuer: before.issuer } }, ended, change)
  })

/** The provider of before answers for nobody any more; who makes the change stays, to see what came of it. */
async function endSessions(tx: Tx, { organisation, session }: SignedIn): Promise<ReadonlySet<string>> {
  const ended = await tx.db
    .deleteFrom('auth_sessions')
    .where('bound', '=', organisation)
    .where('id', '<>', session)
    .returning('id')
    .execute()
  return new Set(ended.map(({ id }) => id))
}

async function noted(
  tx: Tx,
  { organisation, userId: actor, device }: SignedIn,
  { type, args }: { type: string; args: object },
  ended: ReadonlySet<string>,
  { now, random }: Change,
): Promise<Changed> {
  await recordChange(tx, organisation, { type, args: { ...args, device } }, { now, random, actor }, [], () => undefined)
  return { version: (await readHead(tx, organisation))?.version ?? 0, ended }
}
