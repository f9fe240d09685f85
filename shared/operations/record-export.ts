// Says that somebody took data out as a file: what, how much of it, and in which columns. Changes no row: it is there for the log, and
// so the one operation that a viewer may perform too. Never holds what was exported.
import * as v from 'valibot'
import { isolated } from '../bidi.ts'
import { text } from '../text.ts'
import { defineOperation } from './definition.ts'
import { count } from './each.ts'
import { applied, withItem } from './outcome.ts'

export const recordExport = defineOperation({
  type: 'record-export',
  title: 'Export as CSV',
  args: v.strictObject({
    what: v.picklist(['users', 'groups', 'usage']),
    /** Rows in the file, without its header. */
    rows: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    scope: v.picklist(['selection', 'filter', 'all', 'period']),
    /** The filter as the list's address has it, or the days of a period. */
    filter: text(2_000),
    /** Heads of the columns. */
    columns: v.pipe(v.array(text()), v.maxLength(100)),
  }),
  itemsAre: 'nothing',
  items: ({ what }) => [what],
  reads: () => ({}),
  apply: (_view, { what }) => [withItem(what, applied())],
  // A file that has left can't be called back.
  inverse: () => null,
  describe: ({ what, rows, filter }) => {
    if (what === 'usage') return `Export the usage of ${isolated(filter) || 'a period'} as CSV`
    return `Export ${count(rows, what === 'users' ? 'user' : 'group')} as CSV`
  },
  may: ['viewer', 'admin'],
})
export type RecordedExport = Parameters<typeof recordExport.items>[0]
