// The promises of sync.md that a run is held to, one law each.
import type { Law } from '../state.ts'
import { counters, lastAdmin, seats } from './bounds.ts'
import { erased } from './erased.ts'
import { forgotten } from './forgotten.ts'
import { oneEffect } from './one-effect.ts'
import { order } from './order.ts'
import { ownWrites } from './own-writes.ts'
import { asTold } from './told.ts'
import { undoOverwritesNothing } from './undo.ts'
import { publishedAddsUp, recounted, withinLimits } from './usage.ts'
import { chainVerifies, nothingLost, nothingStuck, sameRows, takenBack } from './quiet.ts'

export const laws: readonly Law[] = [
  oneEffect,
  order,
  seats,
  lastAdmin,
  counters,
  undoOverwritesNothing,
  withinLimits,
  recounted,
  publishedAddsUp,
  ownWrites,
  sameRows,
  nothingStuck,
  takenBack,
  nothingLost,
  chainVerifies,
  forgotten,
  erased,
  asTold,
]
