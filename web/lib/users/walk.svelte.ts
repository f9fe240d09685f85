// Going through the list of users by keys and clicks: one row is active, a range reaches from an anchor to it. Knows rows by their
// place; whoever draws them focuses and scrolls.
import { shortcuts, isTyping } from '#lib/shortcuts.svelte.ts'
import { list } from '#lib/users/list.svelte.ts'
import { selection } from '#lib/users/selection.svelte.ts'
import type { UserId } from '#shared/model.ts'

export interface WalkParts {
  focusRow: (index: number) => void
  onopen: (id: UserId) => void
  /** Rows in one page of the window. */
  page: () => number
}

export function createWalk({ focusRow, onopen, page }: WalkParts) {
  let active = $state(0)
  let anchor = 0
  let focused = false

  const last = () => (list.length ?? 0) - 1
  const clamp = (index: number) => Math.max(0, Math.min(last(), index))

  function go(index: number, extend = false): void {
    if (last() < 0) return
    const to = clamp(index)
    if (extend) selectRange(anchor, to, true)
    else anchor = to
    active = to
    focusRow(to)
  }

  function selectRange(a: number, b: number, selected: boolean): void {
    const ids: UserId[] = []
    for (let index = Math.min(a, b); index <= Math.max(a, b); index += 1) {
      const id = list.at(index)?.id
      if (id) ids.push(id)
    }
    if (selected) selection.add(ids)
    else selection.remove(ids)
  }

  /** Selects or deselects a row; with `range` all rows from the last one that was touched. */
  function toggle(index: number, range = false): void {
    const id = list.at(index)?.id
    if (!id) return
    const selected = !selection.has(id)
    if (range) selectRange(anchor, index, selected)
    else selection.set(id, selected)
    anchor = index
    active = index
  }

  function open(): void {
    const id = list.at(active)?.id
    if (id) onopen(id)
  }

  const keys: Record<string, (event: KeyboardEvent) => void> = {
    ArrowDown: (event) => go(active + 1, event.shiftKey),
    ArrowUp: (event) => go(active - 1, event.shiftKey),
    PageDown: () => go(active + page()),
    PageUp: () => go(active - page()),
    Home: () => go(0),
    End: () => go(last()),
    ' ': () => toggle(active),
    Enter: open,
  }
  const letters: Record<string, (event: KeyboardEvent) => void> = {
    j: () => go(active + 1),
    k: () => go(active - 1),
    x: () => toggle(active),
  }

  return {
    get active() {
      return clamp(active)
    },
    get hasFocus() {
      return focused
    },
    go,
    /** Makes a row the active one without going there. */
    point(index: number): void {
      active = anchor = clamp(index)
    },
    toggle,
    onkeydown(event: KeyboardEvent): void {
      if (event.defaultPrevented || isTyping(event)) return
      const { target, key } = event
      if ((event.ctrlKey || event.metaKey) && key === 'a') {
        event.preventDefault()
        list.selectAll()
        return
      }
      if (event.ctrlKey || event.metaKey || event.altKey) return
      // Links, boxes and heads keep the keys that are their own.
      const own = target instanceof HTMLElement && target.closest('a, button, input')
      if (own && (key === 'Enter' || key === ' ')) return
      const run = keys[key] ?? (shortcuts.on ? letters[key] : undefined)
      if (!run) return
      event.preventDefault()
      run(event)
    },
    onfocusin({ target }: FocusEvent): void {
      focused = true
      const row = target instanceof HTMLElement ? target.closest<HTMLElement>('tr[data-index]') : null
      if (row) active = Number(row.dataset['index'])
    },
    onfocusout(event: FocusEvent): void {
      // A row that is taken away loses the focus to nobody: then it is still ours.
      if (event.relatedTarget) focused = false
    },
  }
}
