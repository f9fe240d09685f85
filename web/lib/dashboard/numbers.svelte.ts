// The numbers of the dashboard, all of one moment: the grants and the sums of usage that add up to what is used of them. New rows come a
// moment before the usage behind them; until both are here, the last pair that belongs together stays.
import { device } from '#lib/device.svelte.ts'
import type { UsageAnswer } from '#lib/usage/types.ts'
import { usage } from '#lib/usage/usage.svelte.ts'
import { forecastOf, paceOf, PACE_DAYS, type Forecast, type Pace } from '#shared/forecast.ts'
import type { CreditGrant, Day, Instant, Organisation, UsageMonth } from '#shared/model.ts'
import { contractOf } from '#shared/periods.ts'
import { untrack } from 'svelte'
import { paceDays, type ChosenPeriod } from './period.ts'

export interface Numbers {
  period: ChosenPeriod
  organisation: Organisation
  now: Instant
  answer: UsageAnswer
  grants: readonly CreditGrant[]
  pace: Pace | undefined
  /** Undefined where the days that the pace is the mean of are not on this device yet. */
  forecast: Forecast | undefined
  /** The first day with any usage, of anybody. */
  first: Day | undefined
  /** The two belong to one version. */
  settled: boolean
}

const TOP = 10

/** Follows the period, the rows and the usage. Made while a component is set up. */
export function createNumbers(period: () => ChosenPeriod | undefined) {
  let current = $state.raw<Numbers>()
  let fault = $state.raw<string>()
  const asked = $derived.by(() => {
    const chosen = period()
    return chosen && `${chosen.range.from} ${chosen.range.to} ${chosen.today}`
  })
  const bought = $derived(device.grants.map(({ id, version }) => `${id} ${version}`).join())
  const settings = $derived(device.organisation?.version)

  $effect(() => {
    void [asked, bought, settings, usage.version, usage.settled, device.phase]
    let stale = false
    untrack(() => {
      const [chosen, organisation] = [period(), device.organisation]
      if (!chosen || !organisation) return
      ask(chosen, organisation, () => stale).catch((cause: unknown) => {
        fault = cause instanceof Error ? cause.message : 'The usage on this device could not be read.'
      })
    })
    return () => (stale = true)
  })

  async function ask(chosen: ChosenPeriod, organisation: Organisation, stale: () => boolean): Promise<void> {
    const { grants } = device
    const began = usage.settled
    const [answer, recent] = await Promise.all([
      usage.ask(chosen.range, TOP),
      usage.ask(paceDays(chosen.today, PACE_DAYS), 0),
    ])
    if (stale()) return
    const settled = began && usage.settled
    const same = current && sameRange(current.period, chosen)
    if (!settled && current?.settled && same) return
    const held = settled || !current?.settled ? grants : current.grants
    const first = firstDay(device.layer.values('months'))
    const known = recent.missing.length === 0
    const pace = known ? paceOf(recent.sums.days, chosen.today, first) : undefined
    const usedToday = recent.sums.days.find(({ day }) => day === chosen.today)?.credits ?? 0
    const contract = contractOf(organisation, held, chosen.today)
    fault = undefined
    current = {
      period: chosen,
      organisation,
      now: device.now(),
      answer,
      grants: held,
      pace,
      forecast: known ? forecastOf(held, { today: chosen.today, contract, pace, usedToday, first }) : undefined,
      first,
      settled: settled || (current?.settled ?? false),
    }
  }

  return {
    /** Undefined until the first answer. */
    get current(): Numbers | undefined {
      return current
    },
    /** Another period than the one shown is being summed. */
    get busy(): boolean {
      const chosen = period()
      return !current || (chosen !== undefined && !sameRange(current.period, chosen))
    },
    /** Why the usage cannot be read. */
    get fault(): string | undefined {
      return fault
    },
  }
}

const sameRange = (a: ChosenPeriod, b: ChosenPeriod): boolean =>
  a.range.from === b.range.from && a.range.to === b.range.to && a.today === b.today

function firstDay(months: Iterable<UsageMonth>): Day | undefined {
  let first: Day | undefined
  for (const { id, days } of months)
    for (const day of Object.keys(days)) if (first === undefined || `${id}-${day}` < first) first = `${id}-${day}`
  return first
}
