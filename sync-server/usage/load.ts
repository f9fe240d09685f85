// Writes the usage of a whole organisation that is loaded at once, a demo or a seed: the ledger, the days, what they burnt of the grants,
// and all of it published. The meters come with the load; they must count the same.
import { burn } from '#shared/credits.ts'
import { GrantId, type CreditGrant, type Day, type Organisation } from '#shared/model.ts'
import { contractOf } from '#shared/periods.ts'
import { v7 } from 'uuid'
import * as v from 'valibot'
import type { Store } from '../store/index.ts'
import { putRows } from '../store/rows.ts'
import type { By } from '../sync/record.ts'
import { addDays, addGrantDays, ALWAYS, noteUnpublished, type Use } from './books.ts'
import { writeEvents } from './events.ts'
import { noteBurnt, type Burning } from './grants-now.ts'
import { publishNow } from './publish.ts'

const ROWS = 10_000
const SOURCE = 'demo'

/** @param usage in the order of days, in which it is burnt */
export async function loadUsage(
  store: Store,
  { id, fiscalYearStart }: Organisation,
  sold: readonly CreditGrant[],
  usage: readonly Use[],
  by: By,
): Promise<void> {
  for (let from = 0; from < usage.length; from += ROWS) {
    const part = usage.slice(from, from + ROWS)
    const events = part.map((use, index) => ({
      ...use,
      source: SOURCE,
      eventId: `${from + index + 1}`.padStart(8, '0'),
    }))
    await store.transaction(async (tx) => {
      await writeEvents(tx, id, by.now, events)
      await addDays(tx, id, part)
    })
  }
  const { grants, days } = burnAll(sold, { fiscalYearStart }, usage, by)
  await store.transaction(async (tx) => {
    await putRows(
      tx,
      id,
      'grants',
      grants.filter((grant) => !sold.some(({ id: known }) => known === grant.id)),
    )
    await addGrantDays(tx, id, days)
    await noteBurnt(tx, id, grants)
    await noteUnpublished(tx, id, 'day', new Set(usage.map(({ day }) => day)))
    await publishNow(tx, id, by)
  })
}

interface BurntDay {
  day: Day
  id: GrantId
  credits: number
}

/** Burns usage day by day, as if nothing had been burnt before. */
function burnAll(
  sold: readonly CreditGrant[],
  calendar: Pick<Organisation, 'fiscalYearStart'>,
  usage: readonly Use[],
  { now, random }: By,
): { grants: Burning[]; days: BurntDay[] } {
  const grants: Burning[] = sold.map((grant) => ({ ...grant, used: 0, usedBy: {} }))
  const byDay = new Map<Day, number>()
  for (const { day, credits } of usage) byDay.set(day, (byDay.get(day) ?? 0) + credits)
  const days: BurntDay[] = []
  for (const [day, credits] of byDay) {
    const contract = contractOf(calendar, grants, day)
    const { parts, overage } = burn(grants, day, credits)
    if (overage > 0) parts.push({ id: overageOf(grants, now, random).id, credits: overage })
    for (const part of parts) {
      const grant = grants.find((one) => one.id === part.id)
      if (!grant) continue
      grant.used += part.credits
      grant.usedBy[contract] = (grant.usedBy[contract] ?? 0) + part.credits
      days.push({ day, ...part })
    }
  }
  return { grants, days }
}

function overageOf(grants: Burning[], now: number, random: By['random']): Burning {
  const there = grants.find(({ kind }) => kind === 'overage')
  if (there) return there
  const id = v.parse(GrantId, v7({ msecs: now, random: random(16) }))
  const made: Burning = { id, version: 0, kind: 'overage', credits: 0, voided: 0, ...ALWAYS, used: 0, usedBy: {} }
  grants.push(made)
  return made
}
