// Who is selected in the list of users: ids, in the order of selection, that survive search, sort, paging and reload. Kept for this tab
// and account alone, and written when the page is idle: a hundred thousand ids must not stop a click.
import { UserId } from '#shared/model.ts'
import * as v from 'valibot'
import { minus, plus, setOf, toggled } from './sets.ts'

const ID_LENGTH = 36

let ids = $state.raw(setOf<UserId>([]))
let key: string | undefined
let unwritten = false
let timer: ReturnType<typeof setTimeout> | undefined

export const selection = {
  get ids(): ReadonlySet<UserId> {
    return ids
  },
  get size(): number {
    return ids.size
  },
  has: (id: UserId): boolean => ids.has(id),
  /** Reads what this tab had selected for the account; a second call for the same account changes nothing. */
  open(account: string): void {
    const name = `quartermaster.selected.${account}`
    if (key === name) return
    key = name
    ids = setOf(read(sessionStorage.getItem(name) ?? ''))
  },
  set(id: UserId, selected: boolean): void {
    if (ids.has(id) !== selected) replace(toggled(ids, id, selected))
  },
  add: (more: Iterable<UserId>): void => replace(plus(ids, more)),
  remove: (fewer: Iterable<UserId>): void => replace(minus(ids, fewer)),
  /** Selects these and no others: a pasted list, the rejected of an operation, the users behind a bar. */
  replaceWith: (only: Iterable<UserId>): void => replace(setOf(only)),
  clear: (): void => replace(setOf([])),
  /** Writes now what waits to be written: before the page goes. */
  flush(): void {
    clearTimeout(timer)
    if (!unwritten || !key) return
    unwritten = false
    try {
      sessionStorage.setItem(key, [...ids].join(''))
    } catch {
      // More than a tab may keep: the selection holds until the page is reloaded, which is all that is lost.
      sessionStorage.removeItem(key)
    }
  },
}

function replace(next: ReadonlySet<UserId>): void {
  ids = next
  unwritten = true
  clearTimeout(timer)
  timer = setTimeout(() => whenIdle(() => selection.flush()), 300)
}

const whenIdle = (run: () => void) => ('requestIdleCallback' in globalThis ? requestIdleCallback(run) : run())

function* read(text: string): Iterable<UserId> {
  for (let at = 0; at < text.length; at += ID_LENGTH) {
    const id = v.safeParse(UserId, text.slice(at, at + ID_LENGTH))
    if (id.success) yield id.output
  }
}
