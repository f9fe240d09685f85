// What is not saved yet of the rows on this device: the guess beside what the server has said. Pure.
import type { User } from '#shared/model.ts'
import type { Replica } from '#lib/replica/replica.ts'

export type GuessedEntity = 'users' | 'groups' | 'products' | 'organisations' | 'meters'
type Guess = Pick<Replica, 'guessed' | 'settledLayer'>

/** Whether a row is not saved yet as it is shown: `field` as the model has it, or any. */
export function isUnsaved(
  { guessed, settledLayer }: Guess,
  entity: GuessedEntity,
  id: string,
  field?: string,
): boolean {
  const guess = guessed[entity]
  if (!guess.has(id)) return false
  const mine = guess.get(id) as Record<string, unknown> | undefined
  const theirs = settledLayer.get(entity, id) as Record<string, unknown> | undefined
  if (!mine || !theirs) return true
  if (field === undefined) return mine !== theirs
  return JSON.stringify(mine[field]) !== JSON.stringify(theirs[field])
}

/** How many users have taken, left or changed a seat in what is not saved yet. */
export function unsavedSeats({ guessed, settledLayer }: Guess): number {
  const seat = (user: User | undefined) => (user && user.status !== 'deactivated' ? user.productId : null)
  let count = 0
  for (const [id, user] of guessed.users) if (seat(user) !== seat(settledLayer.get('users', id))) count += 1
  return count
}
