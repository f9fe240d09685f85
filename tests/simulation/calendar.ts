// The oracle's own calendar: days and terms in the organisation's time zone, by Temporal. It shares no code with periods.ts, which it is
// there to find out.
import type { Day, Instant, Organisation, Term } from '#shared/model.ts'
import type { Sold } from './books.ts'

export type Own = Pick<Organisation, 'timeZone' | 'fiscalYearStart'>
export const ALL_TERMS: readonly Term[] = ['month', 'quarter', 'year', 'contract']

const days = new Map<string, Day>()
const starts = new Map<string, Instant>()

export function dayAt(at: Instant, { timeZone }: Own): Day {
  return days.getOrInsertComputed(`${timeZone} ${at}`, () =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate().toString(),
  )
}

const startOf = (day: Day, { timeZone }: Own): Instant =>
  starts.getOrInsertComputed(
    `${timeZone} ${day}`,
    () => Temporal.PlainDate.from(day).toZonedDateTime(timeZone).epochMilliseconds,
  )

function firstDay(term: Exclude<Term, 'contract'>, day: Day, { fiscalYearStart }: Own): Day {
  const every = { month: 1, quarter: 3, year: 12 }[term]
  let first = Temporal.PlainDate.from(day).with({ day: 1 })
  while ((first.month - fiscalYearStart + 12) % every !== 0) first = first.subtract({ months: 1 })
  return first.toString()
}

/** The first day of the contract that a day belongs to. */
export function contractOn(day: Day, sold: Iterable<Sold>, own: Own): Day {
  const begun = [...sold].filter(
    ({ kind, startsOn, credits, voided }) => kind !== 'overage' && startsOn <= day && credits > voided,
  )
  const contracts = begun.filter(({ kind }) => kind === 'contract').map(({ startsOn }) => startsOn)
  return (
    contracts.toSorted().at(-1) ?? begun.map(({ startsOn }) => startsOn).toSorted()[0] ?? firstDay('year', day, own)
  )
}

/** When each term that runs at a moment began. */
export function startsAt(at: Instant, sold: Iterable<Sold>, own: Own): Record<Term, Instant> {
  const day = dayAt(at, own)
  return {
    month: startOf(firstDay('month', day, own), own),
    quarter: startOf(firstDay('quarter', day, own), own),
    year: startOf(firstDay('year', day, own), own),
    contract: startOf(contractOn(day, sold, own), own),
  }
}
