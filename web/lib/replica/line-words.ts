// What a line of the queue is called: a sentence from the operation's own definition, with the names that were kept with it.
// Reads args as they stand in the outbox; what a newer version of the app made is said to be that.
import type { Instant } from '#shared/model.ts'
import type { Names } from '#shared/operations/definition.ts'
import { routedDefinition } from '#shared/operations/index.ts'
import type { Line } from './status.ts'
import type { OutboxRecord } from './storage.ts'

export interface QueueLine extends Line {
  type: string
  /** "Assign 7 users to Americas Sales" */
  sentence: string
  madeAt: Instant
}

/** A line with its sentence; of a batch cut from one action the sentence speaks of all its items. */
export function describeLine(line: Line, byId: ReadonlyMap<string, OutboxRecord>): QueueLine {
  const { records } = line
  const [first] = records
  if (!first) return { ...line, type: '', sentence: '', madeAt: 0 }
  const { type, args, names } = original(first)
  const others = records.slice(1).map(original)
  const alike = others.every((other) => other.type === type)
  const whole = alike && others.length > 0 ? joined(args, others) : args
  const sentence = type === 'undo' ? undoSentence(records, byId) : describe(type, whole ?? args, names)
  const more = whole === undefined || !alike ? others.length : 0
  return {
    ...line,
    type: alike ? type : MIXED,
    sentence: more > 0 ? `${sentence}, and ${more} more` : sentence,
    madeAt: first.madeAt,
  }
}

/** The type of a line of several actions: a repair with what depended on it. */
const MIXED = 'mixed'

/** What was asked for, also of a record that was set aside or taken back since. */
const original = ({ type, args, was, names }: OutboxRecord) => ({ ...(was ?? { type, args }), names })

/** "Assign 7 users to EMEA Sales" for one operation; its title where this build can't read it. */
export function describe(type: string, args: unknown, names: Names): string {
  const definition = routedDefinition(type)
  if (!definition) return 'A change made by a newer version of the app'
  return readable(() => definition.describe(args, names)) ?? definition.title
}

/** What the queue calls an operation, whatever became of it. */
export function describeRecord(record: OutboxRecord): string {
  const { type, args, names } = original(record)
  return describe(type, args, names)
}

function undoSentence(records: readonly OutboxRecord[], byId: ReadonlyMap<string, OutboxRecord>): string {
  const undone = records.flatMap(({ args }) => byId.get(String((args as { operationId?: unknown }).operationId)) ?? [])
  if (undone.length === 0) return 'Undo an earlier action'
  return `Undo: ${describeLine({ key: '', records: undone.toReversed() }, byId).sentence}`
}

const LISTS = ['userIds', 'users', 'groupIds'] as const

/** The args with the items of the others joined to its own; undefined where they are no list. */
function joined(args: unknown, others: readonly { args: unknown }[]): unknown {
  const own = args as Record<string, unknown>
  const list = LISTS.find((name) => Array.isArray(own[name]))
  if (!list) return undefined
  const lists = [args, ...others.map((other) => other.args)].map((each) => (each as Record<string, unknown>)[list])
  return { ...own, [list]: lists.flat() }
}

/**
 * Reads args that were not parsed again: they were, when they were made, and a queue of 100,000 items is drawn at once. Those that a
 * newer version of the app made are not readable here.
 */
export function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
