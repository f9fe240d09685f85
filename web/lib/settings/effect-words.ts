// What other settings of the organisation change, in sentences: the periods of the dashboard, when terms start anew, what day it is.
// Worked out by the very functions that reckon with them. Pure.
import { PERIOD_NAMES } from '#lib/dashboard/period.ts'
import { formatClockIn, formatCount, formatDays, formatLongDay, formatNumber } from '#lib/format.ts'
import { insteadOf } from '#lib/groups/effects.ts'
import { TERMS, type CreditGrant, type Day, type Instant, type Organisation, type Term } from '#shared/model.ts'
import { dayOf, nextStart, PERIODS, periodDays, termStarts } from '#shared/periods.ts'
import { zoneHere, zoneWords } from '#shared/time-zones.ts'
import type { DefaultEffects, InTerm } from './effects.ts'

type Calendar = Pick<Organisation, 'timeZone' | 'weekStart' | 'fiscalYearStart'>

export interface PeriodChange {
  name: string
  now: string
  then: string
}

/** The periods of the dashboard that have other days afterwards. */
export const periodChanges = (before: Calendar, after: Calendar, now: Instant): PeriodChange[] =>
  PERIODS.flatMap((period) => {
    const change = {
      name: PERIOD_NAMES[period],
      now: formatDays(periodDays(period, before, now), now),
      then: formatDays(periodDays(period, after, now), now),
    }
    return change.now === change.then ? [] : [change]
  })

const BY_TERM: Readonly<Record<Term, string>> = {
  month: 'by month',
  quarter: 'by quarter',
  year: 'by year',
  contract: 'for the contract',
}

interface TermDays {
  from: Day
  /** Undefined for a contract, which ends with what the provider sells next. */
  next: Day | undefined
}

/**
 * "12 users and 2 groups have limits by quarter: use counts from 1 November instead of 1 October, and starts anew on 1 February instead
 * of 1 January." One sentence per term whose days move.
 */
export function termSentences(
  before: Calendar,
  after: Calendar,
  grants: readonly CreditGrant[],
  inTerm: Readonly<Record<Term, InTerm>>,
  now: Instant,
): string[] {
  const [was, becomes] = [termDays(before, grants, now), termDays(after, grants, now)]
  const moved = TERMS.filter((term) => was[term].from !== becomes[term].from || was[term].next !== becomes[term].next)
  const sentences = moved.flatMap((term) => {
    const who = whoHas(inTerm[term])
    return who ? [`${who} ${BY_TERM[term]}: ${moveWords(was[term], becomes[term])}.`] : []
  })
  if (moved.length === 0 || sentences.length > 0) return sentences
  return [`Nobody has a limit ${moved.map((term) => BY_TERM[term]).join(' or ')}: none starts anew on another day.`]
}

function termDays(calendar: Calendar, grants: readonly CreditGrant[], now: Instant): Record<Term, TermDays> {
  const starts = termStarts(calendar, grants, now)
  const days = (term: Term): TermDays => ({
    from: dayOf(starts[term], calendar),
    next: dayAt(nextStart(term, calendar, now), calendar),
  })
  return { month: days('month'), quarter: days('quarter'), year: days('year'), contract: days('contract') }
}

function moveWords(was: TermDays, becomes: TermDays): string {
  const from =
    was.from === becomes.from ? '' : `use counts from ${dayWords(becomes.from)} instead of ${dayWords(was.from)}`
  if (!was.next || !becomes.next || was.next === becomes.next) return from
  const anew = `starts anew on ${dayWords(becomes.next)} instead of ${dayWords(was.next)}`
  return from ? `${from}, and ${anew}` : `use ${anew}`
}

/** "12 users and 2 groups have limits"; undefined for nobody. */
function whoHas({ users, groups }: InTerm): string | undefined {
  if (users + groups === 0) return undefined
  const who = [
    ...(users > 0 ? [formatCount(users, 'user')] : []),
    ...(groups > 0 ? [formatCount(groups, 'group')] : []),
  ].join(' and ')
  return users + groups === 1 ? `${who} has a limit` : `${who} have limits`
}

/** What day it is there, when the next month begins, and what stays. Empty where the time zone stays. */
export function zoneSentences(before: Calendar, after: Calendar, now: Instant): string[] {
  if (before.timeZone === after.timeZone) return []
  const stays = 'Days counted so far stay as they were counted.'
  return [thereNow(before, after, now), ...monthMoves(before, after, now), stays]
}

function thereNow(before: Calendar, after: Calendar, now: Instant): string {
  const [was, becomes] = [before, after].map(({ timeZone }) => formatClockIn(now, zoneHere(timeZone)))
  return was === becomes
    ? `It is ${becomes} by either time zone now.`
    : `It is ${becomes} there now, instead of ${was}.`
}

/** Where another month runs there, the sentences about terms say so. */
function monthMoves(before: Calendar, after: Calendar, now: Instant): string[] {
  const [was, becomes] = [nextStart('month', before, now), nextStart('month', after, now)]
  if (was === undefined || becomes === undefined || dayAt(was, before) !== dayAt(becomes, after)) return []
  if (was === becomes) return ['Months begin at the same moment as now.']
  const clock = formatClockIn(becomes, zoneHere(before.timeZone))
  return [
    `The next month begins ${hoursWords(becomes - was)}: on ${clock} by the clocks of ${zoneWords(before.timeZone)}.`,
  ]
}

/** "13 hours earlier", "5 hours 30 minutes later". */
function hoursWords(difference: number): string {
  const minutes = Math.round(Math.abs(difference) / 60_000)
  const parts = [
    ...(minutes >= 60 ? [formatCount(Math.floor(minutes / 60), 'hour')] : []),
    ...(minutes % 60 > 0 ? [formatCount(minutes % 60, 'minute')] : []),
  ]
  return `${parts.join(' ')} ${difference < 0 ? 'earlier' : 'later'}`
}

/** "31 users inherit it and get 500 a month instead of no limit. 3 have used as much already and are blocked at once." */
export function defaultSentence({ changing, blocked, before, after }: DefaultEffects): string {
  if (changing === 0) return 'Nobody inherits the default limit: no limit changes.'
  const verbs = changing === 1 ? 'inherits it and gets' : 'inherit it and get'
  const whole = `${formatCount(changing, 'user')} ${verbs} ${insteadOf({ before, after })}.`
  if (blocked === 0) return whole
  const one = blocked === 1
  const because = after?.credits === 0 ? '' : `${one ? 'has' : 'have'} used as much already and `
  return `${whole} ${formatNumber(blocked)} ${because}${one ? 'is' : 'are'} blocked at once.`
}

const dayAt = (moment: Instant | undefined, calendar: Calendar): Day | undefined =>
  moment === undefined ? undefined : dayOf(moment, calendar)
const dayWords = (day: Day) => formatLongDay(`${day}T12:00`)
