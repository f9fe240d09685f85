// Codes of authenticator apps (RFC 6238: SHA-1, six digits, a new one every 30 seconds). The one before and the one after are good as
// well, for clocks that are off. Each step of time is good once for a secret: who has looked over a shoulder has nothing.
import { Secret, TOTP } from 'otpauth'
import { randomBytes } from 'node:crypto'
import type { Tx } from '../../store/index.ts'

const PERIOD = 30
const WINDOW = 1
const ISSUER = 'Quartermaster'

const totp = (secret: string, label = '') =>
  new TOTP({ issuer: ISSUER, label, algorithm: 'SHA1', digits: 6, period: PERIOD, secret: Secret.fromBase32(secret) })

/** 160 bits, as apps take them. */
export const newSecret = (): string => new Secret({ buffer: new Uint8Array(randomBytes(20)).buffer }).base32

/** What an app reads from the picture. */
export const uriOf = (secret: string, email: string): string => totp(secret, email).toString()

/** Which step of time a code is of; undefined where it is of none that is near. */
export function stepOf(secret: string, code: string, now: number): number | undefined {
  const token = code.replace(/\s/g, '')
  if (!/^\d{6}$/.test(token)) return undefined
  const delta = totp(secret).validate({ token, timestamp: now, window: WINDOW })
  return delta === null ? undefined : Math.floor(now / 1000 / PERIOD) + delta
}

/** Uses a step up, and all before it. @returns false where it was used already: of many who try at once one gets true */
export async function useStep(tx: Tx, factor: string, step: number, now: number): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('auth_factors')
    .set({ lastStep: step, lastUsedAt: now })
    .where('id', '=', factor)
    .where((is) => is.or([is('lastStep', 'is', null), is('lastStep', '<', step)]))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
