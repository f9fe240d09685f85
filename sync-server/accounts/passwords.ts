// Passwords as they are stored: argon2id with the parameters that OWASP names, in PHC's form. Hashes of an older kind still verify, and
// are made anew at the next sign-in.
import { verifyPassword } from 'better-auth/crypto'
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)

/** 19 MiB and two passes: OWASP's minimum that keeps a sign-in well under a tenth of a second. */
const MEMORY = 19_456
const PASSES = 2
const LENGTH = 32
const PREFIX = `$argon2id$v=19$m=${MEMORY},t=${PASSES},p=1$`
const STORED = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,})\$([A-Za-z0-9+/]{22,})$/

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '')
/** The same letters in another composition are the same password: keyboards differ. */
const message = (password: string): Buffer => Buffer.from(password.normalize('NFKC'))

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  const parameters = { message: message(password), nonce, memory: MEMORY, passes: PASSES, parallelism: 1 }
  return `${PREFIX}${text(nonce)}$${text(await derive('argon2id', { ...parameters, tagLength: LENGTH }))}`
}

export async function isPassword(stored: string, password: string): Promise<boolean> {
  const found = STORED.exec(stored)
  // As the identity library's own default made it.
  if (!found) return await verifyPassword({ hash: stored, password })
  const [, memory, passes, parallelism, nonce = '', tag = ''] = found
  const expected = Buffer.from(tag, 'base64')
  const actual = await derive('argon2id', {
    message: message(password),
    nonce: Buffer.from(nonce, 'base64'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: expected.length,
  })
  return timingSafeEqual(actual, expected)
}

/** Whether it was made with other parameters than today's. */
export const isOutdated = (stored: string): boolean => !stored.startsWith(PREFIX)
