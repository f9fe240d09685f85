// Replaying pending operations over the server's rows: the guess, computed. Each runs as it was made, by the same definition that
// the server runs, on a view of its own; what it changed goes into the overlay, and what it predicts is kept for the queue.
import type { Organisation, UserId } from '#shared/model.ts'
import { parseCall, run } from '#shared/operations/index.ts'
import { rejected, withItem, type Outcome } from '#shared/operations/outcome.ts'
import { WITHDRAWN } from '#shared/protocol.ts'
import { createView, type View } from '#shared/view.ts'
import { sourceOf, type Layer, type Overlay } from './rows.ts'
import type { Draft } from './storage.ts'

export interface Acting {
  organisation: Organisation
  userId: UserId
}

/** Runs one operation over the overlay and answers what it predicts, item by item, adding the rows it changed to `touched`. */
export function replay(overlay: Overlay, draft: Draft, acting: Acting, touched?: Set<string>): Outcome[] {
  const { view, outcomes } = attempt(overlay, draft, acting)
  overlay.takeOver(view.changes)
  if (touched) for (const rows of Object.values(view.changes)) for (const id of rows.keys()) touched.add(id)
  return outcomes
}

/** The same on a view that the caller may throw away: a preview. */
export function attempt(
  layer: Layer,
  { type, args, madeAt, atomic }: Pick<Draft, 'type' | 'args' | 'madeAt' | 'atomic'>,
  { organisation, userId }: Acting,
): { view: View; outcomes: Outcome[] } {
  const view = createView(sourceOf(layer, organisation))
  if (type === WITHDRAWN) return { view, outcomes: [] }
  const parsed = parseCall(type, args)
  // Made by a newer version of the app in another tab, or damaged: the server will say so, nothing is guessed.
  if (!parsed.ok) return { view, outcomes: [withItem('', rejected('malformed', parsed.fault))] }
  return { view, outcomes: run(view, parsed.call, { actor: userId, now: madeAt }, atomic) }
}
