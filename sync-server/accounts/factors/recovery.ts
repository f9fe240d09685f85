// Recovery codes: the way in for who has lost phone and passkey. Ten, 120 random bits each, so that a digest is enough to keep, shown once, good once.
import { createHash, randomBytes } from 'node:crypto'
import type { Tx } from '../../store/index.ts'

const HOW_MANY = 10
/** Crockford's letters: none that is taken for another. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 24

/** Twenty-four letters of five bits each, in groups of four. */
const newCode = (): string =>
  [...randomBytes(LENGTH)]
    .map((byte) => LETTERS.charAt(byte % 32))
    .join('')
    .replace(/(.{4})(?=.)/g, '$1-')

/** A code as it was shown, however it was typed; undefined where it can be none. */
function read(typed: string): string | undefined {
  const letters = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
  return letters.length === LENGTH && [...letters].every((letter) => LETTERS.includes(letter)) ? letters : undefined
}

const hashOf = (account: string, letters: string): string =>
  createHash('sha256').update(`${account} ${letters}`).digest('hex')

/** Makes ten codes; those of before are worth nothing any more. @returns them, to be shown this once */
export async function makeCodes(tx: Tx, account: string): Promise<string[]> {
  const codes = Array.from({ length: HOW_MANY }, newCode)
  await forgetCodes(tx, account)
  const rows = codes.map((code) => ({ hash: hashOf(account, code.replaceAll('-', '')), accountId: account }))
  await tx.db.insertInto('auth_recovery_codes').values(rows).execute()
  return codes
}

export const forgetCodes = (tx: Tx, account: string) =>
  tx.db.deleteFrom('auth_recovery_codes').where('accountId', '=', account).execute()

export async function codesLeft(tx: Tx, account: string): Promise<number> {
  const { left } = await tx.db
    .selectFrom('auth_recovery_codes')
    .select((count) => count.fn.countAll<number>().as('left'))
    .where('accountId', '=', account)
    .where('usedAt', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(left)
}

/** Uses a code up. @returns false where it is none, or was used: of many who try at once one gets true */
export async function useCode(tx: Tx, account: string, typed: string, now: number): Promise<boolean> {
  const letters = read(typed)
  if (letters === undefined) return false
  const { numUpdatedRows } = await tx.db
    .updateTable('auth_recovery_codes')
    .set({ usedAt: now })
    .where('hash', '=', hashOf(account, letters))
    .where('accountId', '=', account)
    .where('usedAt', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
