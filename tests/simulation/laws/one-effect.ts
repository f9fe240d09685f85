// Exactly one effect per operation: the log has each id once, and what the server wrote is what the oracle finds by telling the log.
import { ENTITIES, type Entity, type Rows } from '#shared/model.ts'
import type { Outcome } from '#shared/operations/outcome.ts'
import { parseCall } from '#shared/operations/index.ts'
import { isDeepStrictEqual } from 'node:util'
import { differences, type Judged, type Tables } from '../model.ts'
import { epochOf, headOf, type Law, type Run } from '../state.ts'

export const oneEffect: Law = {
  promise: 'Each operation has exactly one effect, the one that its rules give it.',

  *afterCommit(run, { observed, after, judged }) {
    for (const { judged: one } of judged) yield* breaches(run, one)
    const { tables, removed } = headOf(run)
    for (const entity of ENTITIES) {
      const rows: ReadonlyMap<string, Rows[Entity]> = tables[entity]
      const expected = new Map([...rows].filter(([, { version }]) => version > after))
      const found = new Map(observed.rows[entity].map((row) => [row.id as string, row]))
      const none = Object.fromEntries(ENTITIES.map((name) => [name, new Map()])) as unknown as Tables
      for (const text of differences({ ...none, [entity]: expected }, { ...none, [entity]: found }))
        yield `after version ${headOf(run).version} the server’s rows differ: ${text}`
    }
    const gone = new Map(observed.gone.map(({ key, version }) => [key, version]))
    const expected = new Map([...removed].filter(([, version]) => version > after))
    if (!isDeepStrictEqual(gone, expected))
      yield `tombstones are ${JSON.stringify([...gone])}, expected ${JSON.stringify([...expected])}`
  },

  async whenQuiet(run) {
    const { tables } = await run.server.all()
    return differences(headOf(run).tables, tables).map((text) => `at the end the server’s rows differ: ${text}`)
  },
}

function* breaches(run: Run, { entry, outcomes }: Judged): Generator<string> {
  const name = `${entry.type} ${entry.operationId} at version ${entry.version}`
  const first = epochOf(run).judged.get(entry.operationId)
  if (first && first.entry.version !== entry.version) yield `${name} was logged before, at ${first.entry.version}`
  if (entry.clientId === null) return
  const made = run.made.get(entry.operationId)
  if (made && made.device.session.userId !== entry.actor) yield `${name} was logged as another’s`
  if (isFailed(entry.notApplied, entry.total)) {
    if (!run.poisoned.has(entry.operationId)) yield `${name} was set aside as failed without a reason`
    return
  }
  if (entry.type === 'withdrawn') {
    if (entry.total > 0) yield `${name} was withdrawn and has outcomes`
    return
  }
  const malformed = !parseCall(entry.type, entry.args).ok
  const codes = entry.notApplied.map((outcome) => ('code' in outcome ? outcome.code : outcome.result))
  if (malformed !== (codes[0] === 'malformed'))
    yield `${name} is ${malformed ? '' : 'not '}malformed, answered ${codes}`
  if (malformed) return
  const expected = outcomes.filter(({ result }) => result !== 'applied').map(withoutNames)
  if (outcomes.length !== entry.total) yield `${name} has ${entry.total} items, expected ${outcomes.length}`
  if (!isDeepStrictEqual(entry.notApplied.map(withoutNames), expected))
    yield `${name} was answered ${JSON.stringify(entry.notApplied)}, expected ${JSON.stringify(expected)}`
}

/** Who changed it meanwhile is found by the server alone. */
function withoutNames(outcome: Outcome): Outcome {
  if (outcome.result !== 'rejected' || outcome.code !== 'changed-meanwhile') return outcome
  return { ...outcome, fact: { ...outcome.fact, by: null, at: null } }
}

export const isFailed = (notApplied: readonly Outcome[], total: number): boolean =>
  total > 0 &&
  notApplied.length === total &&
  notApplied.every((outcome) => outcome.result === 'rejected' && outcome.code === 'failed')
