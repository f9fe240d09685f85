// By what a user is known in texts: ids, addresses of now and earlier, and whatever else was ever typed of that user. An address is only
// looked for as a whole: of `a@b.no` nothing stands in `ada@b.no`.
import { toEmailKey } from '#shared/email.ts'
import { USER_FIELDS } from '#shared/model.ts'

export interface Whom {
  /** The user's, and those of rows that were never made or are gone and had one of the addresses: the same person, added once more. */
  readonly ids: ReadonlySet<string>
  /** Lower-cased: each as it was typed, and its key. */
  readonly addresses: ReadonlySet<string>
  /** Lower-cased; of at least three characters. They are looked for where somebody typed freely, and nowhere else. */
  readonly values: ReadonlySet<string>
}

/** One that learns as the log is read. */
export interface Trace extends Whom {
  knowId(id: string): void
  knowAddress(typed: unknown): void
  /** What somebody typed as one of the details. */
  knowDetails(details: Readonly<Record<string, unknown>>): void
  /** Addresses that somebody else has now are that one's. */
  leave(keys: Iterable<string>): void
  /** One that goes on by itself: what is learnt in a transaction that is taken back was never learnt. */
  copy(): Trace
}

export const createTrace = (id: string): Trace => traceWith(new Set([id]), new Set(), new Set(), new Set())

function traceWith(ids: Set<string>, addresses: Set<string>, values: Set<string>, left: Set<string>): Trace {
  const knowAddress = (typed: unknown): void => {
    const key = typeof typed === 'string' ? toEmailKey(typed) : undefined
    if (typeof typed !== 'string' || key === undefined || left.has(key)) return
    addresses.add(key)
    addresses.add(typed.trim().toLowerCase())
    // As SQL has it in lower case, which knows no other letters.
    addresses.add(typed.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase()))
  }
  return {
    ids,
    addresses,
    values,
    knowId: (one) => void ids.add(one),
    knowAddress,
    knowDetails: (details) => {
      for (const field of USER_FIELDS) {
        const value = details[field]
        if (typeof value !== 'string') continue
        if (field === 'email') knowAddress(value)
        if (value.trim().length >= 3) values.add(value.trim().toLowerCase())
      }
    },
    leave: (keys) => {
      for (const key of keys) {
        left.add(key)
        for (const address of addresses) if (toEmailKey(address) === key) addresses.delete(address)
        values.delete(key)
      }
    },
    copy: () => traceWith(new Set(ids), new Set(addresses), new Set(values), new Set(left)),
  }
}

/** Only ids: of who was erased earlier nothing else is known. */
export const byIds = (ids: ReadonlySet<string>): Whom => ({ ids, addresses: new Set(), values: new Set() })

const IN_ADDRESS = String.raw`[\p{L}\p{N}._%+'-]`

/** Finds the addresses in a text; undefined where there is none to find. */
export function addressFinder({ addresses }: Pick<Whom, 'addresses'>): RegExp | undefined {
  if (addresses.size === 0) return undefined
  const any = [...addresses].map(RegExp.escape).join('|')
  return new RegExp(String.raw`(?<!${IN_ADDRESS})(?:${any})(?![\p{L}\p{N}-]|\.[\p{L}\p{N}])`, 'giu')
}
