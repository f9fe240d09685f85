// An authenticator in software: makes passkeys (ES256, attestation "none") and signs with them as a browser would hand it on. Whatever it
// says can be made wrong, one thing at a time.
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

export interface Ways {
  origin?: string
  rpId?: string
  challenge?: string
  /** Whether the user was verified, by a PIN say. */
  verified?: boolean
  /** How often it says that it was used. */
  counter?: number
  type?: string
  /** Says whose passkey it is. */
  userHandle?: string
  crossOrigin?: boolean
  /** Changes the signature's last byte. */
  forged?: boolean
}

interface Passkey {
  id: Buffer
  key: KeyObject
  handle: string
  rpId: string
  counter: number
}
interface Creation {
  challenge: string
  rp: { id?: string; name: string }
  user: { id: string }
  excludeCredentials?: { id: string }[]
}
interface Request {
  challenge: string
  rpId?: string
  allowCredentials?: { id: string }[]
}

const PRESENT = 0x01
const VERIFIED = 0x04
const ATTESTED = 0x40

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const digest = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest()

/** @param page the origin that it is asked by */
export function authenticator(page: string) {
  const passkeys: Passkey[] = []

  const clientData = (type: string, challenge: string, over: Ways): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: over.type ?? type,
        challenge: over.challenge ?? challenge,
        origin: over.origin ?? page,
        crossOrigin: over.crossOrigin ?? false,
      }),
    )
  const head = (rpId: string, flags: number, counter: number): Buffer => {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    return Buffer.concat([digest(rpId), Buffer.from([flags]), count])
  }
  const flagsOf = ({ verified = true }: Ways): number => PRESENT | (verified ? VERIFIED : 0)

  return {
    passkeys,

    /** A new passkey, as `navigator.credentials.create` answers. */
    create: (options: Creation, over: Ways = {}) => {
      if (options.excludeCredentials?.some(({ id }) => passkeys.some((one) => base64url(one.id) === id)))
        throw new Error('This authenticator has a passkey of the account already.')
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
      const rpId = over.rpId ?? options.rp.id ?? ''
      const id = randomBytes(32)
      const counter = over.counter ?? 0
      passkeys.push({ id, key: privateKey, handle: options.user.id, rpId, counter })
      const cose = cbor(
        new Map<number, Value>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x, 'base64url')],
          [-3, Buffer.from(y, 'base64url')],
        ]),
      )
      const length = Buffer.alloc(2)
      length.writeUInt16BE(id.length)
      const data = Buffer.concat([head(rpId, flagsOf(over) | ATTESTED, counter), Buffer.alloc(16), length, id, cose])
      const attestation = new Map<string, Value>([
        ['fmt', 'none'],
        ['attStmt', new Map<string, Value>()],
        ['authData', data],
      ])
      return {
        id: base64url(id),
        rawId: base64url(id),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(clientData('webauthn.create', options.challenge, over)),
          attestationObject: base64url(cbor(attestation)),
          transports: ['internal'],
        },
      }
    },

    /** Signs with the first passkey that may answer, as `navigator.credentials.get` does. */
    get: (options: Request, over: Ways = {}) => {
      const wanted = options.allowCredentials?.map(({ id }) => id)
      const found = passkeys.find(({ id }) => wanted === undefined || wanted.includes(base64url(id)))
      if (!found) throw new Error('This authenticator has no passkey that may answer.')
      if (found.counter > 0) found.counter += 1
      const data = head(over.rpId ?? found.rpId, flagsOf(over), over.counter ?? found.counter)
      const client = clientData('webauthn.get', options.challenge, over)
      const signature = sign('sha256', Buffer.concat([data, digest(client)]), found.key)
      if (over.forged) signature.writeUInt8((signature.at(-1) ?? 0) ^ 1, signature.length - 1)
      return {
        id: base64url(found.id),
        rawId: base64url(found.id),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(client),
          authenticatorData: base64url(data),
          signature: base64url(signature),
          userHandle: over.userHandle ?? found.handle,
        },
      }
    },
  }
}

type Value = number | string | Uint8Array | ReadonlyMap<number | string, Value>

/** As much of CBOR (RFC 8949) as this needs. */
function cbor(value: Value): Buffer {
  if (typeof value === 'number') return value >= 0 ? start(0, value) : start(1, -1 - value)
  if (typeof value === 'string') return Buffer.concat([start(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([start(2, value.length), value])
  return Buffer.concat([start(5, value.size), ...[...value].flatMap(([key, item]) => [cbor(key), cbor(item)])])
}

function start(major: number, count: number): Buffer {
  if (count < 24) return Buffer.from([(major << 5) | count])
  if (count < 256) return Buffer.from([(major << 5) | 24, count])
  const wide = Buffer.from([(major << 5) | 25, 0, 0])
  wide.writeUInt16BE(count, 1)
  return wide
}
