// The first opening of a menu or a popover, whose drawing part is fetched only then: a plain button stands in its place, and the real
// one takes over its focus before it opens, so that closing leads back to it.
import type { Late } from '#lib/late.ts'
import { tick } from 'svelte'

/**
 * @param box the part that draws the button and what it opens
 * @param open opens it, once it is there
 */
export function opener<Part>(box: Late<Part>, open: () => void) {
  let Box = $state.raw(box.here)
  let button = $state<HTMLElement | null>(null)
  let byKeyboard = $state(false)

  async function show(key: boolean) {
    byKeyboard = key
    const part = await box.fetch()
    if (!part || Box) return
    Box = part
    await tick()
    button?.focus({ preventScroll: true })
    open()
  }

  return {
    /** What takes the plain button's place, once it is here. */
    get Box() {
      return Box
    },
    /** The button of `Box`. */
    get button() {
      return button
    },
    set button(element: HTMLElement | null) {
      button = element
    },
    get byKeyboard() {
      return byKeyboard
    },
    show,
    /** Of the plain button. */
    handlers: {
      onpointerenter: () => box.warm(),
      // A click without a pointer comes from a key or from a screen reader.
      onclick: (event: MouseEvent) => void show(event.detail === 0),
    },
  }
}
