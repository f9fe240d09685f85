// Who is selected in the list of users: ids, in the order of selection, that survive search, sort, paging and reload. Kept for this tab
// and account alone, and written in parts when the page is idle: a hundred thousand ids must not stop a click.
import { keptForTab } from '#lib/kept-for-tab.ts'
import type { UserId } from '#shared/model.ts'
import { minus, plus, setOf, toggled } from './sets.ts'

const ID_LENGTH = 36
/** Ids in one record: writing them takes a few milliseconds. */
const IN_ONE_PART = 5_000

let ids = $state.raw(setOf<UserId>([]))
let key: string | undefined
/** What is still to be written, part by part, the number of parts last; undefined once all is. */
let writing: Iterator<void> | undefined
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
    ids = setOf(read(name))
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
    while (writing) writeOn()
  },
}

function replace(next: ReadonlySet<UserId>): void {
  ids = next
  writing = key === undefined ? undefined : parts(key, next)
  clearTimeout(timer)
  timer = setTimeout(() => whenIdle(writeWhenIdle), 300)
}

function writeWhenIdle(): void {
  writeOn()
  if (writing) whenIdle(writeWhenIdle)
}

function writeOn(): void {
  try {
    if (writing?.next().done) writing = undefined
  } catch {
    // More than a tab may keep: the selection holds until the page is reloaded, which is all that is lost.
    if (key !== undefined) forget(key)
    writing = undefined
  }
}

const whenIdle = (run: () => void) => ('requestIdleCallback' in globalThis ? requestIdleCallback(run) : run())

const partName = (name: string, part: number) => `${name}.${part}`

/** Writes a part at each step. The number of parts is gone first and comes last: half a selection is never read. */
function* parts(name: string, selected: ReadonlySet<UserId>): Iterator<void> {
  const all = [...selected]
  const count = Math.ceil(all.length / IN_ONE_PART)
  forget(name, count)
  for (let part = 0; part < count; part += 1) {
    yield
    keptForTab.set(partName(name, part), all.slice(part * IN_ONE_PART, (part + 1) * IN_ONE_PART).join(''))
  }
  keptForTab.set(name, String(count))
}

/** Takes away the number of parts, and those from `from` on. */
function forget(name: string, from = 0): void {
  keptForTab.remove(name)
  for (let part = from; keptForTab.get(partName(name, part)) !== null; part += 1)
    keptForTab.remove(partName(name, part))
}

function* read(name: string): Iterable<UserId> {
  const count = Number(keptForTab.get(name) ?? 0)
  for (let part = 0; part < count; part += 1) {
    const text = keptForTab.get(partName(name, part)) ?? ''
    // What this tab wrote: looking closer at each of a hundred thousand would stop the page. One that nobody has finds nobody.
    for (let at = 0; at + ID_LENGTH <= text.length; at += ID_LENGTH) yield text.slice(at, at + ID_LENGTH) as UserId
  }
}
