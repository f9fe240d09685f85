// When to sync: after a performed operation, when the network or the page comes back, when the server pokes, else with growing pauses.
// One exchange at a time in this tab; that only one tab does it saves work, nothing relies on it.
import type { Exchanged } from './exchange.ts'

export interface DriverDoors {
  exchange: () => Promise<Exchanged>
  /** Runs a function after so many milliseconds; answers how to call it off. */
  after: (milliseconds: number, run: () => void) => () => void
  /** 0 ≤ r < 1 */
  random: () => number
  onState: (state: Exchanged) => void
  report: (error: unknown) => void
}

const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 300_000

export function createDriver({ exchange, after, random, onState, report }: DriverDoors) {
  let running = false
  let asked = false
  let stopped = true
  let failures = 0
  let callOff = () => {}

  async function round(): Promise<void> {
    if (running || stopped) return
    running = true
    callOff()
    try {
      do {
        asked = false
        const state = await exchange()
        // The network may have come back while a request of before was still failing: that is tried at once, and not after a pause.
        const woken = asked
        onState(state)
        if (state.kind === 'again') asked = true
        else if (state.kind === 'offline' || state.kind === 'failed') {
          failures += 1
          if (!woken) pause()
        } else failures = 0
      } while (asked && !stopped)
    } catch (error) {
      // A store that failed, or a fault of ours: said once, tried again like a lost connection.
      failures += 1
      report(error)
      onState({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
      pause()
    } finally {
      running = false
    }
  }

  /** Full jitter: a thousand devices that lost one server don't come back in one second. */
  function pause(): void {
    asked = false
    const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures, 10))
    callOff()
    callOff = after(Math.max(250, random() * longest), () => void round())
  }

  return {
    start(): void {
      stopped = false
      void round()
    },
    /** There is something to send or to fetch. */
    nudge(): void {
      asked = true
      void round()
    },
    stop(): void {
      stopped = true
      callOff()
    },
  }
}
