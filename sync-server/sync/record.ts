// A change that no device asked for: a load, or a command on the server's host. It takes a version and an entry in the log like an
// operation, so that devices fetch it and an undo can tell who changed a row.
import { v7 } from 'uuid'
import * as v from 'valibot'
import { OperationId, type OrganisationId } from '#shared/model.ts'
import type { Call, Reads } from '#shared/operations/definition.ts'
import { imagesOf, noImages } from '#shared/operations/images.ts'
import { createView, type View } from '#shared/view.ts'
import type { Prepared } from '../erasure/log.ts'
import type { Tx } from '../store/index.ts'
import type { By } from './by.ts'
import { createLedger } from './ledger.ts'
import { lockHead, noVersions, type Entry, type Head } from './log.ts'
import { previousVersions } from './write.ts'

export type { By }

/** Locks the organisation. @throws Error where there is none */
export async function locked(tx: Tx, organisation: OrganisationId): Promise<Head> {
  const head = await lockHead(tx, organisation)
  if (!head) throw new Error('There is no such organisation.')
  return head
}

/** Changes rows through a view, as one version. `reads` names what `change` looks at. */
export async function recordChange(
  tx: Tx,
  organisation: OrganisationId,
  call: Call,
  by: By,
  reads: readonly Reads[],
  change: (view: View) => void,
  prepared?: ReadonlyMap<string, Prepared>,
): Promise<void> {
  const head = await locked(tx, organisation)
  const ledger = createLedger(tx, organisation, head, by.random, prepared)
  const { source } = await ledger.load(reads)
  const view = createView(source)
  change(view)
  await ledger.keep(view, entryOf(call, by, { images: imagesOf(view.changes), rows: previousVersions(view.changes) }))
  await ledger.flush()
}

/** The entry of something that nobody asked for by an operation. */
export const entryOf = (
  { type, args }: Call,
  { now, random, key, actor = null }: By,
  done: Partial<Pick<Entry, 'images' | 'rows'>> = {},
): Entry => ({
  id: v.parse(OperationId, v7({ msecs: now, random: random(16) })),
  type,
  args: key === undefined ? args : { ...asObject(args), key },
  names: { users: {}, groups: {}, products: {} },
  clientId: null,
  sequence: null,
  actor,
  batch: null,
  atomic: false,
  madeAt: now,
  at: now,
  outcomes: [],
  images: noImages,
  rows: noVersions,
  ...done,
})

const asObject = (args: unknown): object => (typeof args === 'object' && args !== null ? args : {})
