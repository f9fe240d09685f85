// Looks up what an erasure will have to touch before it has its turn, so that nobody waits for it behind the organisation's lock.
import * as v from 'valibot'
import type { UserId } from '#shared/model.ts'
import { eraseUser } from '#shared/operations/erase-user.ts'
import type { Store } from '../store/index.ts'
import type { Random } from '../sync/log.ts'
import type { Device } from '../sync/perform.ts'
import { prepare, type Prepared } from './log.ts'

const Sent = v.object({ type: v.literal(eraseUser.type), args: eraseUser.args })

/** Of the operations of a request; nothing for who may not erase anybody, and for users who are not there. */
export async function prepareErasures(
  store: Pick<Store, 'read' | 'db'>,
  { organisation, userId: actor }: Device,
  operations: readonly unknown[],
  how: { random: Random; pause: () => Promise<void> },
): Promise<ReadonlyMap<string, Prepared>> {
  const found = new Map<string, Prepared>()
  const users = operations.flatMap((operation) => {
    const sent = v.safeParse(Sent, operation)
    return sent.success ? [sent.output.args.userId] : []
  })
  if (users.length === 0) return found
  const present = async (id: UserId) =>
    await store.read((tx) =>
      tx.db
        .selectFrom('users')
        .select(['role', 'status'])
        .where('orgId', '=', organisation)
        .where('id', '=', id)
        .executeTakeFirst(),
    )
  const who = await present(actor)
  if (who?.role !== 'admin' || who.status !== 'active') return found
  for (const userId of new Set(users))
    if (userId !== actor && (await present(userId))) found.set(userId, await prepare(store, organisation, userId, how))
  return found
}
