// When to publish: at once after a quiet time, else when the time since the last is over. Nothing is lost with the process: what was left
// is found in the database at the next start.
import type { Instant, OrganisationId } from '#shared/model.ts'
import type { Logger } from '../logger.ts'

export interface Schedule {
  /** Something was counted; `publishedAt`: when devices were last let see. */
  counted(organisation: OrganisationId, publishedAt: Instant): void
  /** An earlier process has left something. */
  left(organisation: OrganisationId): void
  close(): void
}

/** Runs something later. @returns what forgets it */
export type After = (milliseconds: number, run: () => void) => () => void

/** As long as a timer can wait. */
const LONGEST = 2 ** 31 - 1

/** By the process's own timers, which never keep it alive. */
const byTimer: After = (milliseconds, run) => {
  const timer = setTimeout(run, Math.max(0, Math.min(milliseconds, LONGEST))).unref()
  return () => clearTimeout(timer)
}

/** @param every milliseconds between two publications of one organisation */
export function createSchedule(parts: {
  every: number
  clock: () => Instant
  log: Logger
  publish: (organisation: OrganisationId) => Promise<unknown>
  after?: After | undefined
}): Schedule {
  const { every, clock, log, publish, after = byTimer } = parts
  const timers = new Map<OrganisationId, ReturnType<After>>()
  /** Those that are being published; true where more was counted meanwhile. */
  const running = new Map<OrganisationId, boolean>()
  let closed = false

  function run(organisation: OrganisationId): void {
    timers.delete(organisation)
    if (closed) return
    if (running.has(organisation)) return void running.set(organisation, true)
    running.set(organisation, false)
    publish(organisation)
      .catch((error: unknown) => {
        if (closed) return
        log.error({ err: error, organisation }, 'usage could not be published')
        later(organisation, every)
      })
      .finally(() => {
        const again = running.get(organisation)
        running.delete(organisation)
        if (again) run(organisation)
      })
  }

  function later(organisation: OrganisationId, wait: number): void {
    if (!timers.has(organisation))
      timers.set(
        organisation,
        after(wait, () => run(organisation)),
      )
  }

  return {
    counted: (organisation, publishedAt) => {
      if (closed || timers.has(organisation)) return
      // A clock that was put back must not hold it up for longer than the time between two.
      later(organisation, Math.min(every, publishedAt + every - clock()))
    },
    left: run,
    close: () => {
      closed = true
      for (const forget of timers.values()) forget()
      timers.clear()
    },
  }
}
