// The body of a request by its schema, at the border and nowhere else. A fault is answered with the path that leads to it, and never
// with the input, which may hold what does not belong in a log.
import type { Context } from 'hono'
import * as v from 'valibot'
import { read } from '#shared/faults.ts'
import { Refusal } from './problem.ts'
import { judgeProtocol } from './sync/judge.ts'

/** @param before looks at the body before the schema does @throws {Refusal} 400 `malformed`, its fact `{ path, message }` */
export async function parsed<Output>(
  c: Context,
  schema: v.GenericSchema<unknown, Output>,
  before?: (body: unknown) => void,
): Promise<Output> {
  const body = await c.req.text().then(asJson)
  before?.(body)
  const result = read(schema, body)
  if (result.ok) return result.output
  throw new Refusal(400, 'malformed', { ...result.fault })
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, 'malformed', { path: '', message: 'Is not JSON.' })
  }
}

/** Another protocol is refused before the schema of this one is held against it. */
export function spokenProtocol(body: unknown): void {
  const named = v.safeParse(v.object({ protocol: SyncProtocol }), body)
  if (named.success) judgeProtocol(named.output.protocol)
}
const SyncProtocol = v.pipe(v.number(), v.safeInteger())
