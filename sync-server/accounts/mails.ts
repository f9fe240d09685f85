// What Settings shows of the outbox: mails that could not be sent, and the way to send them once more. Never what stands in one.
import { Refusal } from '../problem.ts'
import type { Store } from '../store/index.ts'

export interface ListedMail {
  id: string
  template: string
  userId: string
  createdAt: number
  tries: number
  /** When it is tried again; null where it was given up. */
  nextTry: number | null
  error: string
}

const MOST = 200

export interface MailState {
  /** Tried at least once without success; given up ones first. */
  failing: ListedMail[]
  /** How many wait to be sent for the first time. */
  waiting: number
}

export async function mailState(store: Store, orgId: string): Promise<MailState> {
  const failing = await store.db
    .selectFrom('mails')
    .select(['id', 'template', 'userId', 'createdAt', 'tries', 'nextTry', 'error'])
    .where('orgId', '=', orgId)
    .where('error', 'is not', null)
    .where('sentAt', 'is', null)
    .orderBy('nextTry')
    .orderBy('createdAt', 'desc')
    .limit(MOST)
    .execute()
  const waiting = await store.db
    .selectFrom('mails')
    .select((count) => count.fn.countAll<number>().as('count'))
    .where('orgId', '=', orgId)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return {
    failing: failing.map((mail) => ({ ...mail, error: mail.error ?? '' })),
    waiting: Number(waiting?.count ?? 0),
  }
}

/** Has a mail that failed sent once more. @returns which, and whom it goes to @throws {Refusal} 404 where there is none such */
export async function sendAgain(
  store: Store,
  orgId: string,
  id: string,
  now: number,
): Promise<{ template: string; userId: string }> {
  const mail = await store.transaction((tx) =>
    tx.db
      .updateTable('mails')
      .set({ nextTry: now, tries: 0 })
      .where('orgId', '=', orgId)
      .where('id', '=', id)
      .where('error', 'is not', null)
      .where('sentAt', 'is', null)
      .returning(['template', 'userId'])
      .executeTakeFirst(),
  )
  if (!mail) throw new Refusal(404, 'not-found')
  return mail
}
