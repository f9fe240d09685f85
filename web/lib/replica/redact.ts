// What the operations of this device still say of users who are gone, taken out: their names, what was typed about them, the addresses in
// answers. Ids stay, and so do counts. Pure: a record goes in, and comes out again without them.
import { toEmailKey, type EmailKey } from '#shared/email.ts'
import { USER_FIELDS } from '#shared/model.ts'
import { idOf } from './offered-again.ts'
import { isSettled, type Decide, type OutboxRecord } from './storage.ts'

/** In the place of a name: a user who was erased, or whose adding was undone. */
export const REMOVED = 'Removed user'

export interface Gone {
  is(id: string): boolean
  /** Addresses that they had and nobody has now, as keys: a safety net for what names them by no id. */
  emails: ReadonlySet<EmailKey>
}

/** A settled record without them; undefined where it says nothing of them. What is pending is still to be sent, or guessed, as it was made. */
export function redacted(record: OutboxRecord, gone: Gone, shownVersion: number): OutboxRecord | undefined {
  if (!isSettled(record, shownVersion)) return undefined
  const { settlement } = record
  const found = new Found(gone)
  const about = idOf(record.was?.args ?? record.args)
  const own = about !== undefined && gone.is(about)
  const next: OutboxRecord = {
    ...record,
    args: found.without(record.args),
    ...(record.was && { was: { ...record.was, args: found.without(record.was.args) } }),
    names: { ...record.names, users: found.names(record.names.users) },
    ...(settlement && {
      settlement: {
        ...settlement,
        notApplied: settlement.notApplied.map((outcome) =>
          outcome.result === 'rejected' ? found.answer(outcome, own) : outcome,
        ),
      },
    }),
  }
  if (!found.any) return undefined
  const erased = new Set([...(record.erased ?? []), ...found.ids])
  const dismissed = new Set([...(record.dismissed ?? []), ...found.byAddress])
  if (erased.size > 0) next.erased = [...erased]
  if (dismissed.size > 0) next.dismissed = [...dismissed]
  return next
}

/** Takes what is said of them out of all settled records, in one transaction. */
export const redactSettled =
  (gone: Gone): Decide =>
  ({ sync, records }) => {
    const changed = records.flatMap((record) => redacted(record, gone, sync.shown.version) ?? [])
    return changed.length > 0 ? { sync, records: changed, blocks: [] } : undefined
  }

type Answer = NonNullable<OutboxRecord['settlement']>['notApplied'][number] & { result: 'rejected' }

/** One look through one record, and what was found in it. */
class Found {
  /** Those of whom something was taken out of the args. */
  readonly ids = new Set<string>()
  /** Rejected items that wanted an address of theirs: nothing is left to be mended. */
  readonly byAddress = new Set<string>()
  any = false
  readonly #gone: Gone

  constructor(gone: Gone) {
    this.#gone = gone
  }

  names(users: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(users).map(([id, name]) => {
        if (name === REMOVED || !this.#gone.is(id)) return [id, name]
        this.any = true
        return [id, REMOVED]
      }),
    )
  }

  without(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value)
    if (Array.isArray(value)) {
      // Of ten thousand ids none is a text that says something.
      return value.every((part) => typeof part === 'string' && part.length === ID_LENGTH)
        ? value
        : value.map((part) => this.without(part))
    }
    if (typeof value !== 'object' || value === null) return value
    const id = idOf(value)
    if (id !== undefined && this.#gone.is(id)) return this.#blank(value, id)
    if (id !== undefined && this.#hasAddress(value)) return this.#blank(value, id)
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.without(part)]))
  }

  /** A rejection: the address and the value of theirs that it names. */
  answer(outcome: Answer, own: boolean): Answer {
    const fact: Readonly<Record<string, unknown>> = { ...outcome.fact }
    const theirs =
      own ||
      // An item may be a field's name, which nobody has for an id.
      [outcome.item, fact['userId'], fact['row']].some(
        (id) => typeof id === 'string' && id.length === ID_LENGTH && this.#gone.is(id),
      )
    const next = Object.fromEntries(
      Object.entries(fact).map(([name, value]) => {
        if (typeof value !== 'string') return [name, value]
        if (!theirs || !PERSONAL_FACTS.has(name)) return [name, this.#text(value)]
        if (value !== '') this.any = true
        return [name, '']
      }),
    )
    if (fact['email'] !== next['email']) this.byAddress.add(outcome.item)
    return { ...outcome, fact: next } as Answer
  }

  #blank(value: object, id: string): object {
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => {
        if (name === 'changes' && typeof part === 'object' && part !== null)
          return [name, this.#blank(part as object, id)]
        if (!FIELDS.has(name)) return [name, part]
        const blank = typeof part === 'object' && part !== null ? { from: UNSAID, to: UNSAID } : ''
        if (JSON.stringify(part) !== JSON.stringify(blank)) {
          this.any = true
          this.ids.add(id)
        }
        return [name, blank]
      }),
    )
  }

  #hasAddress(value: object): boolean {
    return Object.values(value).some((part) => typeof part === 'string' && this.#isAddress(part))
  }

  #text(value: string): string {
    if (!this.#isAddress(value)) return value
    this.any = true
    return ''
  }

  #isAddress(value: string): boolean {
    if (this.#gone.emails.size === 0 || !value.includes('@')) return false
    const key = toEmailKey(value)
    return key !== undefined && this.#gone.emails.has(key)
  }
}

const ID_LENGTH = 36
const UNSAID = '…'
const FIELDS: ReadonlySet<string> = new Set(USER_FIELDS)
const PERSONAL_FACTS: ReadonlySet<string> = new Set(['email', 'theirs'])
