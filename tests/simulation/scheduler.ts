// Owns every asynchronous step of a run: whoever does I/O waits at a gate until the scheduler lets it go on, one at a time, in an
// order that only the seed decides. Time is virtual and moves when nobody can go on, or by a little with each step.
import { createHash } from 'node:crypto'
import { setImmediate as macrotask } from 'node:timers/promises'
import type { Random } from './random.ts'

/** Who waits: a tab or a server. The steps of one that died are never taken. */
export interface Owner {
  readonly name: string
  alive: boolean
  /** Whether its steps are told of its death by a rejection (a server's transaction must roll back), or just never go on. */
  readonly onDeath: 'vanish' | 'reject'
}

export class Died extends Error {
  override name = 'Died'
}

interface Waiting {
  owner: Owner
  what: string
  go: () => void
  fail: (error: Error) => void
}
interface Timer {
  owner: Owner
  at: number
  run: () => void
}

export type Scheduler = ReturnType<typeof createScheduler>

const STEPS_KEPT = 60

export function createScheduler(random: Random, start: number, stepsKept = STEPS_KEPT) {
  let now = start
  let busy = 0
  let steps = 0
  let waiting: Waiting[] = []
  let timers: Timer[] = []
  const last: string[] = []
  const trace = createHash('sha256')
  /** Owners whose steps are not taken for the time being: a suspended tab, a server that hangs. */
  const asleep = new Set<Owner>()

  const note = (text: string) => {
    trace.update(`${now} ${text}\n`)
    last.push(`${String(steps).padStart(5)} ${new Date(now).toISOString().slice(5, 23)} ${text}`)
    if (last.length > stepsKept) last.shift()
  }

  /** Until everything that was let go has come to rest at a gate or at its end. */
  async function rest(): Promise<void> {
    do await macrotask()
    while (busy > 0)
  }

  return {
    clock: () => now,
    get steps() {
      return steps
    },
    last: (): readonly string[] => last,
    note,
    hash: () => trace.copy().digest('hex'),
    asleep,
    rest,

    owner: (name: string, onDeath: Owner['onDeath'] = 'vanish'): Owner => ({ name, alive: true, onDeath }),

    gate: (owner: Owner, what: string): Promise<void> =>
      new Promise((go, fail) => {
        if (owner.alive) waiting.push({ owner, what, go, fail })
        else if (owner.onDeath === 'reject') fail(new Died())
      }),

    /** Runs what needs real turns of the event loop (fake-indexeddb): no other step is taken until it rests. */
    async working<T>(work: () => Promise<T>): Promise<T> {
      busy += 1
      try {
        return await work()
      } finally {
        busy -= 1
      }
    },
    /** Inside of `working`: waits for others, who may go on meanwhile. */
    async pausing(wait: () => Promise<void>): Promise<void> {
      busy -= 1
      try {
        await wait()
      } finally {
        busy += 1
      }
    },

    after(owner: Owner, milliseconds: number, run: () => void): () => void {
      if (!owner.alive) return () => undefined
      const timer = { owner, at: Math.ceil(now + milliseconds), run }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },

    kill(owner: Owner): void {
      owner.alive = false
      note(`${owner.name} dies`)
      const its = waiting.filter((step) => step.owner === owner)
      waiting = waiting.filter((step) => step.owner !== owner)
      timers = timers.filter((timer) => timer.owner !== owner)
      if (owner.onDeath === 'reject') for (const { fail } of its) fail(new Died())
    },

    /** Time passes without anything else. */
    pass(milliseconds: number): void {
      now += milliseconds
      note(`${milliseconds} ms pass`)
    },

    /** Takes one step; false where nobody waits. With `timersToo` time runs on to the next timer when nobody else can go on. */
    async step(timersToo: boolean): Promise<boolean> {
      now += random.int(20)
      const due = timers.filter(({ at }) => at <= now)
      const ready = waiting.filter(({ owner }) => !asleep.has(owner))
      if (ready.length + due.length === 0) {
        if (!timersToo || timers.length === 0) return false
        now = timers.reduce((soonest, { at }) => Math.min(soonest, at), Infinity)
        return await this.step(true)
      }
      steps += 1
      const index = random.int(ready.length + due.length)
      const chosen = ready[index]
      const timer = due[index - ready.length]
      if (chosen) {
        waiting = waiting.filter((step) => step !== chosen)
        note(`${chosen.owner.name}: ${chosen.what}`)
        chosen.go()
      } else if (timer) {
        timers = timers.filter((other) => other !== timer)
        note(`${timer.owner.name}: timer`)
        timer.run()
      }
      await rest()
      return true
    },
  }
}
