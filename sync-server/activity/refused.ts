// A device that was refused whole because it was revoked, or because its user has no console any more: with what it still held of its
// queue none of that is in the log as an operation, so that it was refused must be. The answer ends the session, so it comes once.
import * as v from 'valibot'
import { OrganisationId, UserId } from '#shared/model.ts'
import type { Store } from '../store/index.ts'
import type { Deed } from './deeds.ts'

const Answer = v.object({
  code: v.picklist(['device-revoked', 'no-console']),
  // Told to the session that it ends alone: who comes later has none.
  fact: v.object({ account: v.string(), organisation: OrganisationId }),
})

/** How many operations the device holds that have no outcome yet, as it says; undefined where it says nothing. */
export function unsentIn(headers: Headers): number | undefined {
  const told = headers.get('quartermaster-unsent') ?? ''
  return /^\d{1,9}$/.test(told) ? Number(told) : undefined
}

/** @param browser digest of the browser's cookie @returns what the log says of it; undefined where the answer is another one */
export async function refusedDevice(
  store: Store,
  browser: string | undefined,
  headers: Headers,
  answer: Response,
): Promise<Deed | undefined> {
  const refused = v.safeParse(v.pipe(v.string(), v.parseJson(), Answer), await answer.text())
  if (!refused.success || browser === undefined) return undefined
  const { code, fact } = refused.output
  const device = await store.db
    .selectFrom('auth_devices')
    .select(['id', 'userId', 'unsent'])
    .where('browser', '=', browser)
    .where('accountId', '=', fact.account)
    .where('orgId', '=', fact.organisation)
    .executeTakeFirst()
  if (!device) return undefined
  const { id, unsent } = device
  const userId = v.parse(UserId, device.userId)
  return {
    organisation: fact.organisation,
    by: { userId, device: id },
    type: code === 'device-revoked' ? 'refuse-device' : 'refuse-user',
    args: { userId, unsent: unsentIn(headers) ?? unsent },
  }
}
