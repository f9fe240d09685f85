// Who was erased is gone from the server: its log says nothing more of such a user than the id, whatever arrived before, together with
// the erasure or long after it.
import { USER_FIELDS } from '#shared/model.ts'
import type { Law } from '../state.ts'

type Fields = Readonly<Record<string, unknown>>

export const erased: Law = {
  promise: 'The server’s log says nothing of a user who was erased but the bare id.',
  async whenQuiet({ server }) {
    const { entries, users } = await server.said()
    const gone = new Set(users)
    return entries.flatMap(({ version, type, contents }) =>
      contents.flatMap((content) => [...saidIn(content, gone)].map((text) => `${type} at version ${version} ${text}`)),
    )
  },
}

/** Every object that is of one of them: a part with the id in it, or one that stands under the id. */
function* saidIn(value: unknown, gone: ReadonlySet<string>): Generator<string> {
  if (typeof value !== 'object' || value === null) return
  const { id, userId, changes } = value as Fields
  const whose = [id, userId].find((one) => typeof one === 'string' && gone.has(one))
  if (typeof whose === 'string') {
    yield* details(value as Fields, whose)
    yield* details((changes ?? {}) as Fields, whose)
  }
  for (const [key, part] of Object.entries(value)) {
    if (!gone.has(key)) yield* saidIn(part, gone)
    else if (typeof part === 'string') yield `calls ${key} ${part}`
    else for (const side of Object.values(part as Fields)) yield* details((side ?? {}) as Fields, key)
  }
}

function* details(fields: Fields, of: string): Generator<string> {
  for (const field of USER_FIELDS) {
    const value = fields[field]
    const { from, to } = (typeof value === 'object' && value !== null ? value : { from: value, to: value }) as Fields
    for (const one of [from, to]) if (one !== undefined && one !== '') yield `has ${field} of ${of}: ${String(one)}`
  }
}
