// The word and the number of the sync pill: always true, derived from the outbox and from what the last exchange came to.
import type { OperationId } from '#shared/model.ts'
import { WITHDRAWN } from '#shared/protocol.ts'
import type { Exchanged } from './exchange.ts'
import { isSettled, rejectedOf, type Draft, type OutboxRecord } from './storage.ts'

export interface Status {
  /** `held`: the server answers, and takes nothing: it speaks another protocol, or refuses for a reason that the queue names. */
  state: 'sign-in' | 'offline' | 'held' | 'attention' | 'saving' | 'saved'
  /** Lines of the queue that wait, or items that need attention. */
  count: number
  alert: boolean
}

/** The operations of one line in the queue: a batch, or one alone. */
export interface Line {
  key: string
  records: OutboxRecord[]
}

/** Records by line, in order of place. */
export function linesOf(records: readonly OutboxRecord[]): Line[] {
  const lines = new Map<string, OutboxRecord[]>()
  for (const record of records) {
    const key = record.batch ?? record.id
    const line = lines.get(key)
    if (line) line.push(record)
    else lines.set(key, [record])
  }
  return [...lines].map(([key, own]) => ({ key, records: own }))
}

export const isWithdrawn = ({ type, aside }: Pick<OutboxRecord, 'type' | 'aside'>): boolean =>
  type === WITHDRAWN && !aside

/** Waiting lines: what was taken back holds its place but is nobody's concern. */
export const waitingLines = (
  records: readonly OutboxRecord[],
  drafts: readonly Draft[],
  shownVersion: number,
): number => {
  const waiting = records.filter((record) => !isSettled(record, shownVersion) && !isWithdrawn(record))
  return new Set([...waiting, ...drafts].map(({ batch, id }) => batch ?? id)).size
}

/** Rejected items that nobody has dealt with, and operations that were set aside. */
export const attentionItems = (records: readonly OutboxRecord[], shownVersion: number): number =>
  records
    .filter((record) => isSettled(record, shownVersion))
    .reduce(
      (sum, record) =>
        sum + (record.aside && !(record.dismissed ?? []).includes(record.id) ? 1 : rejectedOf(record).length),
      0,
    )

export function statusOf(input: {
  records: readonly OutboxRecord[]
  drafts: readonly Draft[]
  shownVersion: number
  state: Exchanged | undefined
  online: boolean
}): Status {
  const { records, drafts, shownVersion, state, online } = input
  const waiting = waitingLines(records, drafts, shownVersion)
  const confirm = state?.kind === 'waits-for-confirmation' ? 1 : 0
  const attention = attentionItems(records, shownVersion) + confirm
  if (needsSignIn(state)) return { state: 'sign-in', count: waiting, alert: attention > 0 }
  if (!online || state?.kind === 'offline' || state?.kind === 'failed')
    return { state: 'offline', count: waiting, alert: attention > 0 }
  if (state?.kind === 'refused') return { state: 'held', count: waiting, alert: attention > 0 }
  if (attention > 0) return { state: 'attention', count: attention, alert: false }
  return waiting > 0 ? { state: 'saving', count: waiting, alert: false } : { state: 'saved', count: 0, alert: false }
}

export const needsSignIn = (state: Exchanged | undefined): boolean =>
  state?.kind === 'refused' && ['sign-in-needed', 'other-account'].includes(state.problem.code)

/** The session has to show a second factor first: a pause, what waits stays and is sent afterwards. */
export const needsFactor = (state: Exchanged | undefined): boolean =>
  state?.kind === 'refused' && state.problem.code === 'second-factor-needed'

/** The operation that asks before it is sent, if there is one. */
export const asksId = (state: Exchanged | undefined): OperationId | undefined =>
  state?.kind === 'waits-for-confirmation' ? state.id : undefined
