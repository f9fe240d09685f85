// The lock of this device as the page knows it: whether it is locked and why, and the seconds left before it is. Connects the guard to the
// clock, to input and to the other tabs. What follows from a lock is the device's business.
import type { Instant } from '#shared/model.ts'
import { isOfInput } from './idle.ts'
import { isOfKnown } from './known.ts'
import { createGuard } from './guard.ts'
import { isOfLock, type Locked } from './locked.ts'

interface Handlers {
  onlock: () => void
  /** Somebody has signed in in another tab. */
  onunlock: () => void
  /** The server has not been asked for long. */
  oncontact: () => void
}

const INPUTS = ['pointerdown', 'pointermove', 'keydown', 'touchstart', 'wheel'] as const

let why = $state.raw<Locked['why']>()
let secondsLeft = $state.raw<number>()
let handlers: Handlers | undefined
let timer: ReturnType<typeof setTimeout> | undefined

const guard = createGuard({
  clock: () => Date.now(),
  tab: () => performance.now(),
  onchange: () => {
    const before = why
    why = guard.locked?.why
    secondsLeft = guard.secondsLeft
    if (why && !before) handlers?.onlock()
    else if (!why && before) handlers?.onunlock()
  },
  oncontact: () => handlers?.oncontact(),
})

function lookAgain(after: number | undefined): void {
  clearTimeout(timer)
  if (after !== undefined) timer = setTimeout(() => lookAgain(guard.look()), after)
}

function listen(): void {
  const input = () => {
    const after = guard.input()
    if (after !== undefined) lookAgain(after)
  }
  for (const kind of INPUTS) addEventListener(kind, input, { capture: true, passive: true })
  addEventListener('storage', (event) => {
    if (isOfInput(event)) lookAgain(guard.heard())
    else if (isOfKnown(event) || isOfLock(event)) lookAgain(guard.lookAnew())
  })
  // After a sleep the clock has moved on, whatever the timers say.
  const look = () => lookAgain(guard.look())
  document.addEventListener('visibilitychange', look)
  addEventListener('pageshow', look)
}

export const lock = {
  /** Why it is locked; undefined while it is not. */
  get why(): Locked['why'] | undefined {
    return why
  },
  /** Seconds until it locks for want of input; undefined while there are many. */
  get secondsLeft(): number | undefined {
    return secondsLeft
  },
  /** Looks and listens from now on. @returns whether it is locked */
  watch(given: Handlers): boolean {
    if (!handlers) listen()
    handlers = given
    lookAgain(guard.lookAnew())
    return guard.locked !== undefined
  },
  /** The policies that are known have changed. */
  lookAnew: (): void => lookAgain(guard.lookAnew()),
  contact: (at: Instant, offset: number): void => guard.contact(at, offset),
  /** Somebody has signed in. */
  release(): void {
    why = undefined
    guard.release()
    lookAgain(guard.look())
  },
}
