// The second factors of an account as rows, and what organisations ask of it.
import { needsSecondFactor } from '#shared/policies.ts'
import type { Tx } from '../../store/index.ts'
import type { Schema } from '../../store/schema.ts'
import { codesLeft, forgetCodes } from './recovery.ts'

export type FactorRow = Schema['auth_factors']
export type Kind = FactorRow['kind']
/** How a second step can be taken. */
export type Way = Kind | 'recovery'

/** Nobody needs more, and a list stays short. */
export const MOST_FACTORS = 10

export const factorsOf = (tx: Tx, account: string): Promise<FactorRow[]> =>
  tx.db.selectFrom('auth_factors').selectAll().where('accountId', '=', account).orderBy('createdAt').execute()

/** Empty where the account has no second factor. */
export async function waysOf(tx: Tx, account: string): Promise<Way[]> {
  const kinds = new Set((await factorsOf(tx, account)).map(({ kind }) => kind))
  if (kinds.size === 0) return []
  const ways = (['passkey', 'totp'] as const).filter((kind) => kinds.has(kind))
  return (await codesLeft(tx, account)) > 0 ? [...ways, 'recovery'] : ways
}

/** Whether any organisation whose console the account may enter asks for a second factor. */
export async function isAsked(tx: Tx, account: string): Promise<boolean> {
  const rows = await tx.db
    .selectFrom('auth_memberships as m')
    .innerJoin('users as u', (on) => on.onRef('u.orgId', '=', 'm.orgId').onRef('u.id', '=', 'm.userId'))
    .innerJoin('organisations as o', 'o.orgId', 'm.orgId')
    .select(['o.secondFactor', 'u.role'])
    .where('m.accountId', '=', account)
    .where('u.status', '=', 'active')
    .where('u.role', '<>', 'member')
    .execute()
  return rows.some((row) => needsSecondFactor(row, row.role))
}

/** Takes all of an account's second factors away, with what goes by them. */
export async function forgetFactors(tx: Tx, account: string): Promise<void> {
  await tx.db.deleteFrom('auth_factors').where('accountId', '=', account).execute()
  await tx.db.deleteFrom('auth_halves').where('accountId', '=', account).execute()
  await tx.db.deleteFrom('auth_challenges').where('accountId', '=', account).execute()
  await forgetCodes(tx, account)
}
