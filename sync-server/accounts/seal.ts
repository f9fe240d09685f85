// Secrets that the server must read again, sealed before they are stored: AES-256-GCM with a key derived from the server's own secret,
// which is not in the database. A text is sealed for one place, and opens nowhere else.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const ALGORITHM = 'aes-256-gcm'
const NONCE = 12
const TAG = 16

export interface Seal {
  /** @param place what the text belongs to, an id say */
  close(text: string, place: string): string
  /** @throws Error where the text was changed, or is of another place, purpose or server */
  open(sealed: string, place: string): string
}

/** @param purpose keys of different purposes have nothing to do with each other */
export function createSeal(secret: string, purpose: string): Seal {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `quartermaster ${purpose}`, 32))
  return {
    close: (text, place) => {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(place))
      const closed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), closed]).toString('base64url')
    },
    open: (sealed, place) => {
      const bytes = Buffer.from(sealed, 'base64url')
      try {
        const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE), { authTagLength: TAG })
        decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(NONCE, NONCE + TAG))
        return Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new Error('What was sealed can’t be opened: put back the file DATA_DIR/secret of before.', { cause })
      }
    },
  }
}
