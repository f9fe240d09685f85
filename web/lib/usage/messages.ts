// What the page and the worker of usage tell each other. Small values alone: the blocks stay in the worker.
import type { Instant, OrganisationId, UserId } from '#shared/model.ts'
import type { UsageAnswer, UsageQuery } from './types.ts'

/** What the replica knows, for the worker to follow. */
export interface Told {
  organisation: OrganisationId
  born: string
  /** The shown generation. */
  generation: number
  months: Readonly<Record<string, { version: number; entries: number }>>
  /** The oldest month that is kept here. */
  keepFrom: string
  /** The server's clock at the last sync. */
  upTo: Instant | undefined
}

export type ToWorker =
  /** `keeps`: whether the store is on this device's disk; else it is the worker's memory. */
  | { kind: 'open'; name: string; keeps: boolean }
  | { kind: 'follow'; told: Told }
  /** What is missing may be asked for again. */
  | { kind: 'nudge' }
  | { kind: 'ask'; id: number; query: UsageQuery; top: number }
  | { kind: 'users'; id: number; query: UsageQuery }

export type FromWorker =
  | { kind: 'answer'; id: number; answer: UsageAnswer }
  | { kind: 'users'; id: number; users: UserId[] }
  | { kind: 'failed'; id: number; message: string }
  | { kind: 'state'; state: HeldState }
  | { kind: 'fault'; message: string }

export interface MonthState {
  /** `2026-11`. */
  month: string
  /** `missing`: not here; `fetching`: on its way, or newer days of it are. */
  state: 'here' | 'fetching' | 'missing'
  /** As held; 0 where nothing is. */
  version: number
  entries: number
  /** In the store. */
  bytes: number
}

export interface HeldState {
  /** Newest first. */
  months: readonly MonthState[]
  memoryBytes: number
  diskBytes: number
  /** Why something is not here that should be, other than for want of a network. */
  fault: string | undefined
}
