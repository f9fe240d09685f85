// The list of users as it stands: what is asked for, who was found, and where one was in it. A module, so that coming back shows
// at once what was left. Rows are read through it; nothing here writes but the address of the page.
import { device } from '#lib/device.svelte.ts'
import { everyone, type Found, type Query } from '#lib/replica/roster.ts'
import { isUnfiltered, writeQuery } from '#lib/users/query.ts'
import { selection } from '#lib/users/selection.svelte.ts'
import type { User, UserId } from '#shared/model.ts'

let query = $state.raw<Query>(everyone)
let found = $state.raw<Found>()
/** The query that `found` answers. */
let answered = $state.raw<string>()
/** Head and line above the table both ask. */
let counted: { found: Found | undefined; ids: ReadonlySet<UserId>; count: number } | undefined
let looking = false
let again = false
/** While a first copy comes in, each page of it moves everything: looking every second is enough. */
const WHILE_LOADING = 1_500

/** While the copy on this device is being opened, the rows that were kept for that moment stand for all. */
const opening = (): User[] | undefined => {
  if (device.phase !== 'opening' && device.phase !== 'closed') return undefined
  return writeQuery(query) === '' ? [...device.layer.values('users')] : []
}

export const list = {
  get query(): Query {
    return query
  },
  /** Asks for something else; answers the new end of the page's address. */
  ask(change: Partial<Query>): string {
    query = { ...query, ...change }
    return writeQuery(query)
  },
  /** Looks again: called when the query or the rows have changed; one look at a time, and the last word counts. */
  async refresh(): Promise<void> {
    again = true
    if (looking) return
    looking = true
    try {
      while (again) {
        again = false
        const wanted = query
        const next = await device.find(wanted)
        // Typing goes on: what was found for less is not shown for a moment.
        if (wanted === query || !found) {
          found = next
          answered = writeQuery(wanted)
        }
        if (device.phase === 'loading') await new Promise((resolve) => setTimeout(resolve, WHILE_LOADING))
      }
    } finally {
      looking = false
    }
  },
  /** Undefined until the first rows are there. */
  get length(): number | undefined {
    const first = opening()
    if (first) return first.length > 0 ? device.userCount : undefined
    return found?.length
  },
  /** The row at a place; undefined where it is not at hand yet. Follows every change of the row. */
  at(index: number): User | undefined {
    void device.rosterVersion
    const first = opening()
    return first ? first[index] : found?.at(index)
  },
  /** Whether what is shown answers what is asked. */
  get isSettled(): boolean {
    return device.phase === 'ready' && found !== undefined && answered === writeQuery(query)
  },
  get isUnfiltered(): boolean {
    return isUnfiltered(query)
  },
  /** All that match, in order. */
  ids: (): UserId[] => found?.ids() ?? [],
  /** Selects all that match: then it is known without counting how many of the selected do. */
  selectAll(): void {
    if (!found) return
    selection.add(found.ids())
    counted = { found, ids: selection.ids, count: found.length }
  },
  indexOf: (id: UserId): number => found?.indexOf(id) ?? -1,
  /** How many of the selected match. */
  countIn(ids: ReadonlySet<UserId>): number {
    if (counted?.found !== found || counted?.ids !== ids) counted = { found, ids, count: found?.countIn(ids) ?? 0 }
    return counted.count
  },
}
