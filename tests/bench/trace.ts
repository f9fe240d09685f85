// What the main thread of a page did, from the browser's own trace: the tasks of a stretch of time, by the processor's time they took.
import type { Page } from '@playwright/test'
import * as v from 'valibot'

/** Times in microseconds; `tdur` is the processor's, without what the thread waited for a core. */
const Task = v.object({
  name: v.literal('RunTask'),
  pid: v.number(),
  tid: v.number(),
  dur: v.number(),
  tdur: v.optional(v.number()),
})
const MainThread = v.object({
  name: v.literal('thread_name'),
  pid: v.number(),
  tid: v.number(),
  args: v.object({ name: v.literal('CrRendererMain') }),
})

/** @returns `tasks`: the milliseconds of each task of the page's main thread while `run` runs */
export async function createTrace(page: Page) {
  const session = await page.context().newCDPSession(page)
  const events: unknown[] = []
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value) events.push(event)
  })
  return {
    async tasks(run: () => Promise<unknown>): Promise<number[]> {
      events.length = 0
      await session.send('Tracing.start', {
        transferMode: 'ReportEvents',
        traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline'] },
      })
      await run()
      const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()))
      await session.send('Tracing.end')
      await complete
      return busiest(events)
    },
  }
}

/** Of all pages that the browser holds, the one that worked is the one that is measured. */
function busiest(events: readonly unknown[]): number[] {
  const threads = new Map<string, number[]>()
  for (const event of events) if (v.is(MainThread, event)) threads.set(`${event.pid}/${event.tid}`, [])
  for (const event of events)
    if (v.is(Task, event)) threads.get(`${event.pid}/${event.tid}`)?.push((event.tdur ?? event.dur) / 1000)
  const total = (tasks: readonly number[]) => tasks.reduce((sum, task) => sum + task, 0)
  return [...threads.values()].sort((a, b) => total(b) - total(a))[0] ?? []
}
