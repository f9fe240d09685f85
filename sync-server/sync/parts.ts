// The log is read in parts, so that no part holds the process for long: as many entries as have so many bytes of contents together.
import { sql } from 'kysely'
import { CONTENTS } from './redactions.ts'

/** The bytes of an entry's contents, for a select. */
export const contentBytes = sql<number>`${sql.join(
  CONTENTS.map((name) => sql`coalesce(octet_length(${sql.ref(name)}), 0)`),
  sql` + `,
)}`

/** The first of these that make a part; at least one, since one entry alone may be larger. */
export function firstPart<Size extends { bytes: number }>(sizes: readonly Size[], most: number): readonly Size[] {
  let sum = 0
  const over = sizes.findIndex(({ bytes }) => (sum += bytes) > most)
  return over < 0 ? sizes : sizes.slice(0, Math.max(1, over))
}
