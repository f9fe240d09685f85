// Asks for what a user or a group used over time, again whenever usage comes in or somebody else is shown. One of these per page or panel.
import { device } from '#lib/device.svelte.ts'
import type { UsageAnswer, UsageQuery } from '#lib/usage/types.ts'
import { usage } from '#lib/usage/usage.svelte.ts'
import { dayOf } from '#shared/periods.ts'
import { spanDays, type Span } from './over-time.ts'

export type Whose = Pick<UsageQuery, 'userId' | 'groupId'>

/** @param whose read again at each change @param top how many users are named */
export function createOverTime(whose: () => Whose, top = 0) {
  let span = $state<Span>('year')
  let answered = $state.raw<{ key: string; answer: UsageAnswer }>()
  let fault = $state.raw<string>()

  const asked = $derived.by(() => {
    void device.rosterVersion
    const { organisation } = device
    if (!organisation || device.phase !== 'ready') return undefined
    const today = dayOf(device.now(), organisation)
    const query: UsageQuery = { ...whose(), ...spanDays(span, today, organisation) }
    return { query, key: JSON.stringify(query), today, organisation }
  })
  const key = $derived(asked?.key)

  $effect(() => {
    void usage.version
    // By its text: the same question put together anew is no reason to ask.
    if (key === undefined) return
    const query = JSON.parse(key) as UsageQuery
    usage.ask(query, top).then(
      (answer) => {
        if (key !== asked?.key) return
        answered = { key, answer }
        fault = undefined
      },
      (cause: unknown) => (fault = cause instanceof Error ? cause.message : 'Usage could not be read.'),
    )
  })

  return {
    get span(): Span {
      return span
    },
    set span(next: Span) {
      span = next
    },
    /** What was asked; undefined until the rows are here. */
    get asked() {
      return asked
    },
    /** Undefined until what is asked is answered. */
    get answer(): UsageAnswer | undefined {
      return answered?.key === key ? answered?.answer : undefined
    },
    /** Why there is no answer. */
    get fault(): string | undefined {
      return fault
    },
  }
}
export type OverTimeAsk = ReturnType<typeof createOverTime>
