// The post: takes mails that are due out of the database and sends them. A mail is taken in a transaction of its own first, so it is
// either stopped or has left; the link in it is made when it is sent, so that no database ever holds one. What fails is tried again,
// later each time, and given up in the end: then it stands in Settings.
// Never called inside a transaction. Clock, chance and the way out come in by the door.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../logger.ts'
import type { Store } from '../store/index.ts'
import type { Schema } from '../store/schema.ts'
import { isTemplate, line, write, type Facts } from './letter.ts'
import { NeverDelivered, told, type Address, type Transport } from './transport.ts'

/** Tries before a mail is given up: some two days with the waits between them. */
const MOST_TRIES = 12
const FIRST_WAIT = 30_000
const LONGEST_WAIT = 6 * 60 * 60 * 1000
const AT_ONCE = 50

export type Mail = Pick<Schema['mails'], 'orgId' | 'id' | 'userId' | 'template' | 'tries'>

export interface PostParts {
  store: Store
  transport: Transport
  /** Looks up whom it goes to and makes the link; undefined where it is not needed any more. */
  addressed: (mail: Mail) => Promise<{ to: Address; facts: Facts } | undefined>
  clock: () => number
  /** From 0 to 1. */
  chance: () => number
  log: Logger
}

export interface Post {
  /** Sends all that is due. @returns how many left */
  send(): Promise<number>
  /** Sends whatever comes due, until it is stopped. */
  start(every: number): { stop: () => Promise<void> }
}

/** How long to wait after so many failed tries, in milliseconds: up to twice as long each time, by chance. */
export const waitAfter = (tries: number, chance: number): number =>
  Math.max(1_000, Math.round(chance * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries)))

export function createPost({ store, transport, addressed, clock, chance, log }: PostParts): Post {
  /** Organisations one by one: no transaction touches two. */
  async function due(): Promise<Mail[]> {
    const now = clock()
    const organisations = await store.db.selectFrom('heads').select('orgId').execute()
    const mails: Mail[] = []
    for (const { orgId } of organisations) {
      await take(orgId, now)
      mails.push(
        ...(await store.db
          .selectFrom('mails')
          .select(['orgId', 'id', 'userId', 'template', 'tries'])
          .where('orgId', '=', orgId)
          .where('nextTry', '<=', now)
          .orderBy('nextTry')
          .limit(AT_ONCE)
          .execute()),
      )
    }
    return mails
  }

  async function take(orgId: string, now: number): Promise<void> {
    const waits = await store.db
      .selectFrom('mails')
      .select('id')
      .where('orgId', '=', orgId)
      .where('state', '=', 'waiting')
      .where('notBefore', '<=', now)
      .limit(1)
      .executeTakeFirst()
    if (!waits) return
    await store.transaction((tx) =>
      tx.db
        .updateTable('mails')
        .set({ state: 'taken', nextTry: now })
        .where('orgId', '=', orgId)
        .where('state', '=', 'waiting')
        .where('notBefore', '<=', now)
        .execute(),
    )
  }

  /** @returns whether the mail is still there: whom it was for may have been erased meanwhile */
  async function note(
    { orgId, id }: Mail,
    set: Partial<Pick<Schema['mails'], 'tries' | 'nextTry' | 'sentAt' | 'error'>>,
  ): Promise<boolean> {
    const { numUpdatedRows } = await store.transaction((tx) =>
      tx.db.updateTable('mails').set(set).where('orgId', '=', orgId).where('id', '=', id).executeTakeFirst(),
    )
    return numUpdatedRows > 0n
  }

  async function sendOne(mail: Mail): Promise<boolean> {
    const { orgId, id, template } = mail
    try {
      const found = isTemplate(template) ? await addressed(mail) : undefined
      if (!found || !isTemplate(template)) {
        await note(mail, { nextTry: null, error: null })
        return false
      }
      const to = { name: line(found.to.name), address: found.to.address }
      await transport.send({ id, to, ...write(template, found.facts) })
      if (!(await note(mail, { nextTry: null, sentAt: clock(), error: null }))) transport.takeBack?.(id)
      return true
    } catch (error) {
      const tries = mail.tries + 1
      const over = error instanceof NeverDelivered || tries >= MOST_TRIES
      const nextTry = over ? null : clock() + waitAfter(mail.tries, chance())
      await note(mail, { tries, nextTry, error: told(error) })
      log.error({ organisation: orgId, mail: id, tries, over, reason: told(error) }, 'a mail could not be sent')
      return false
    }
  }

  async function send(): Promise<number> {
    let sent = 0
    for (const mail of await due()) if (await sendOne(mail)) sent += 1
    return sent
  }

  return {
    send,
    start: (every) => {
      const ended = new AbortController()
      const loop = async () => {
        while (!ended.signal.aborted) {
          const sent = await send().catch((error: unknown) => {
            log.error({ err: error }, 'the post failed')
            return 0
          })
          // Many at once leave one after the other, without a pause; stopping ends the pause as well.
          if (sent === 0) await sleep(every, undefined, { signal: ended.signal, ref: false }).catch(() => undefined)
        }
      }
      const running = loop()
      return {
        stop: async () => {
          ended.abort()
          await running
          transport.close()
        },
      }
    },
  }
}
