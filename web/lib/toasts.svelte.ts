// What was just done, said once in the header, with Undo where it can be undone. One at a time: a newer one takes the place of the older.
// Never the only place where something is told: Undo stands in the queue too.
const SHOWN_FOR = 8_000

export type Toast = {
  text: string
  /** Takes back what was done: a button Undo. */
  undo?: () => void | Promise<void>
  /** Another button, where it is not an undo: "Start now". */
  action?: { label: string; run: () => void | Promise<void> }
  /** Stays until it is answered or replaced. */
  stays?: boolean
}

let current = $state.raw<Toast | null>(null)
let timer: ReturnType<typeof setTimeout> | undefined
let held = false

/** Shows a sentence for 8 seconds. */
export function toast(next: Toast): void {
  current = next
  held = false
  start()
}

export const toasts = {
  get current(): Toast | null {
    return current
  },
  /** Keeps it while the pointer or the focus is on it. */
  hold(): void {
    held = true
    clearTimeout(timer)
  },
  /** Lets its time run again, from the start. */
  release(): void {
    held = false
    start()
  },
  dismiss(): void {
    clearTimeout(timer)
    current = null
  },
}

function start(): void {
  clearTimeout(timer)
  if (current && !current.stays && !held) timer = setTimeout(() => toasts.dismiss(), SHOWN_FOR)
}
