// The list of users as it stands: what is asked for, who was found, and where one was in it. A module, so that coming back shows
// at once what was left. Rows are read through it; nothing here writes but the address of the page.
import { device } from '#lib/device.svelte.ts'
import type { Found } from '#lib/replica/roster.ts'
import { createResolve, type Behind } from '#lib/users/behind.ts'
import { everybody, isUnfiltered, writeQuery, type ListQuery } from '#lib/users/query.ts'
import { selection } from '#lib/users/selection.svelte.ts'
import type { User, UserId } from '#shared/model.ts'

let query = $state.raw<ListQuery>(everybody)
let found = $state.raw<Found>()
/** What is known of the usage that `found` was found by; undefined where none was asked for. */
let behind = $state.raw<Behind>()
/** The query that `found` answers. */
let answered = $state.raw<string>()
/** Head and line above the table both ask. */
let counted: { found: Found | undefined; ids: ReadonlySet<UserId>; count: number } | undefined
const resolved = createResolve()
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
  get query(): ListQuery {
    return query
  },
  /** Asks for something else; answers the new end of the page's address. */
  ask(change: Partial<ListQuery>): string {
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
        const asked = await resolved(wanted)
        const next = await device.find(asked.query)
        // Typing goes on: what was found for less is not shown for a moment.
        if (wanted === query || !found) {
          found = next
          behind = asked.behind
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
  /** What the usage here says of itself, where the list shows who used it. */
  get behind(): Behind | undefined {
    return query.usedIn ? behind : undefined
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
  /** Selects all that match and nobody else: what a link asks for. */
  selectOnly(): void {
    if (!found) return
    selection.replaceWith(found.ids())
    counted = { found, ids: selection.ids, count: found.length }
  },
  indexOf: (id: UserId): number => found?.indexOf(id) ?? -1,
  /** How many of the selected match. */
  countIn(ids: ReadonlySet<UserId>): number {
    if (counted?.found !== found || counted?.ids !== ids) counted = { found, ids, count: found?.countIn(ids) ?? 0 }
    return counted.count
  },
}
