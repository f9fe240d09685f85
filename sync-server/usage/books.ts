// The books of an organisation as one transaction keeps them: each use is counted into its day, the meters of its user and pool, and the
// grants that it burns. What is touched is read once and written once. It lives behind the organisation's lock and never takes a version.
import { v7 } from 'uuid'
import * as v from 'valibot'
import { burn, shareOf, type CreditTotals } from '#shared/credits.ts'
import { bounds, type Bound, type Reserved } from '#shared/limits.ts'
import { counted, newMeter } from '#shared/meters.ts'
import {
  GrantId,
  TERMS,
  type Day,
  type Group,
  type GroupId,
  type Instant,
  type Meter,
  type Organisation,
  type OrganisationId,
  type ProductId,
  type Term,
  type UserId,
} from '#shared/model.ts'
import { contractOf, runsOn, termStarts } from '#shared/periods.ts'
import type { Tx } from '../store/index.ts'
import { putRows, rowsBy } from '../store/rows.ts'
import type { By } from '../sync/by.ts'
import { dayFinder } from './days.ts'
import { grantsNow, noteBurnt, type Burning } from './grants-now.ts'
import type { Payer } from './payers.ts'

export interface Use {
  at: Instant
  day: Day
  userId: UserId
  productId: ProductId
  groupId: GroupId | null
  credits: number
  contactViews: number
}

export interface Books {
  readonly organisation: Organisation
  readonly grants: readonly Burning[]
  dayOf(at: Instant): Day
  /** When each term that runs at `at` began. */
  startsAt(at: Instant): Record<Term, Instant>
  /** Reads the meters of these users and of their pools, and remembers the groups for judging. */
  load(payers: Iterable<Payer>, groups: ReadonlyMap<string, Group>): Promise<void>
  /** The latest moment from which a meter of this user or pool counts: what is used now is never before it, whatever the clock says. */
  countsFrom(payer: { id: UserId; groupId: GroupId | null }): Instant
  count(use: Use): void
  /** Every ceiling over a user, the one that binds first. */
  boundsOf(payer: Payer, at: Instant, reserved?: Reserved): [Bound, ...Bound[]]
  /** Writes all that was counted, and notes what devices have not seen of it. */
  write(): Promise<void>
}

/** Beginning and end of the one grant that takes what no other has left. */
export const ALWAYS = { startsOn: '0001-01-01', endsOn: '9999-12-31' } as const

/** Opens the books. The organisation must be locked. @param now the server's time */
export async function openBooks(tx: Tx, organisationId: OrganisationId, by: By): Promise<Books> {
  const [organisation] = await rowsBy(tx, organisationId, 'organisations', 'id', [organisationId])
  if (!organisation) throw new Error('The organisation has no row.')
  const grants = await grantsNow(tx, organisationId)
  const dayOf = dayFinder(organisation)
  const meters = new Map<string, Meter>()
  const groups = new Map<string, Group>()
  const days = new Map<string, Use>()
  const grantDays = new Map<string, { day: Day; id: GrantId; credits: number }>()
  const touched = { meters: new Set<string>(), grants: new Set<Burning>(), days: new Set<Day>() }
  const running = new Map<Day, readonly Burning[]>()
  const contracts = new Map<Day, Day>()
  const starts = new Map<Day, Record<Term, Instant>>()
  let overage = grants.find(({ kind }) => kind === 'overage')
  let isNew = false

  const contractOn = (day: Day) => contracts.getOrInsertComputed(day, () => contractOf(organisation, grants, day))
  const runningOn = (day: Day) =>
    running.getOrInsertComputed(day, () => grants.filter((grant) => grant.kind !== 'overage' && runsOn(grant, day)))
  const startsAt = (at: Instant) => starts.getOrInsertComputed(dayOf(at), () => termStarts(organisation, grants, at))

  function totalsOn(day: Day): CreditTotals {
    const contract = contractOn(day)
    const totals = { total: 0, used: 0, available: 0 }
    for (const grant of grants) {
      const share = shareOf(grant, contract, day)
      totals.total += share.total
      totals.used += share.used
      totals.available += share.available
    }
    return totals
  }

  function burnt(grant: Burning, day: Day, credits: number): void {
    const contract = contractOn(day)
    grant.used += credits
    grant.usedBy[contract] = (grant.usedBy[contract] ?? 0) + credits
    touched.grants.add(grant)
    grantDays.getOrInsertComputed(`${day} ${grant.id}`, () => ({ day, id: grant.id, credits: 0 })).credits += credits
  }

  function overageGrant(): Burning {
    if (overage) return overage
    const id = v.parse(GrantId, v7({ msecs: by.now, random: by.random(16) }))
    overage = { id, version: 0, kind: 'overage', credits: 0, voided: 0, ...ALWAYS, used: 0, usedBy: {} }
    isNew = true
    grants.push(overage)
    return overage
  }

  function meter(id: UserId | GroupId, of: Meter['of'], use: Use): void {
    const from = startsAt(Math.max(by.now, use.at))
    meters.set(id, counted(meters.get(id) ?? newMeter(id, of, from), use, from))
    touched.meters.add(id)
  }

  return {
    organisation,
    grants,
    dayOf,
    startsAt,

    load: async (payers, known) => {
      for (const [id, group] of known) groups.set(id, group)
      const ids = new Set<string>()
      for (const { id, groupId } of payers) {
        ids.add(id)
        if (groupId) ids.add(groupId)
      }
      for (const row of await rowsBy(tx, organisationId, 'meters', 'id', [...ids])) meters.set(row.id, row)
    },

    countsFrom: ({ id, groupId }) => {
      let latest = 0
      for (const row of [meters.get(id), groupId ? meters.get(groupId) : undefined])
        if (row) for (const term of TERMS) latest = Math.max(latest, row[`${term}Since`])
      return latest
    },

    count: (use) => {
      const { day, userId, productId, groupId, credits, contactViews } = use
      const known = days.get(`${day} ${userId} ${productId} ${groupId ?? ''}`)
      if (known) {
        known.credits += credits
        known.contactViews += contactViews
      } else days.set(`${day} ${userId} ${productId} ${groupId ?? ''}`, { ...use })
      touched.days.add(day)
      meter(userId, 'user', use)
      if (groupId) meter(groupId, 'pool', use)
      const { parts, overage: past } = burn(runningOn(day), day, credits)
      for (const part of parts) {
        const grant = grants.find(({ id }) => id === part.id)
        if (grant) burnt(grant, day, part.credits)
      }
      if (past > 0) burnt(overageGrant(), day, past)
    },

    boundsOf: (payer, at, reserved) =>
      bounds({
        user: payer,
        group: payer.groupId ? groups.get(payer.groupId) : undefined,
        organisation,
        meter: meters.get(payer.id),
        poolMeter: payer.groupId ? meters.get(payer.groupId) : undefined,
        starts: startsAt(at),
        credits: totalsOn(dayOf(at)),
        ...(reserved ? { reserved } : {}),
      }),

    write: async () => {
      if (overage && isNew) await putRows(tx, organisationId, 'grants', [overage])
      isNew = false
      await addDays(tx, organisationId, [...days.values()])
      const counts = [...touched.meters].sort().flatMap((id) => meters.get(id) ?? [])
      await putRows(tx, organisationId, 'meters', counts)
      await addGrantDays(tx, organisationId, [...grantDays.values()])
      await noteBurnt(tx, organisationId, [...touched.grants])
      await noteUnpublished(tx, organisationId, 'day', touched.days)
      await noteUnpublished(tx, organisationId, 'meter', touched.meters)
      for (const kept of [days, grantDays]) kept.clear()
      for (const kept of Object.values(touched)) kept.clear()
    },
  }
}

const DAY_KEY = ['orgId', 'day', 'userId', 'productId', 'groupId']
const DAY_COUNTERS = ['credits', 'contactViews']

/** Adds uses to their days. */
export async function addDays(tx: Tx, organisation: OrganisationId, uses: readonly Omit<Use, 'at'>[]): Promise<void> {
  const keyed = uses.map((use) => ({ use, key: `${use.day} ${use.userId} ${use.productId}` }))
  // In the order of their keys: rows that lie side by side are written twice as fast.
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1))
  const rows = keyed.map(({ use: { day, userId, productId, groupId, credits, contactViews } }) => [
    organisation,
    day,
    userId,
    productId,
    groupId ?? '',
    credits,
    contactViews,
  ])
  await tx.forms.add('usage_days', [...DAY_KEY, ...DAY_COUNTERS], DAY_KEY, DAY_COUNTERS, rows).execute(tx.db)
}

/** Adds to what was burnt of grants by day; `credits` may be negative. */
export async function addGrantDays(
  tx: Tx,
  organisation: OrganisationId,
  burnt: readonly { day: Day; id: string; credits: number }[],
): Promise<void> {
  if (burnt.length === 0) return
  const rows = burnt.map(({ day, id, credits }) => [organisation, day, id, credits])
  const key = ['orgId', 'day', 'grantId']
  await tx.forms.add('grant_days', [...key, 'credits'], key, ['credits'], rows).execute(tx.db)
}

export async function noteUnpublished(
  tx: Tx,
  organisation: OrganisationId,
  kind: 'day' | 'meter',
  ids: Iterable<string>,
): Promise<void> {
  const rows = [...ids].map((id) => [organisation, kind, id])
  if (rows.length === 0) return
  const columns = ['orgId', 'kind', 'id']
  await tx.forms.upsert('unpublished', columns, columns, rows).execute(tx.db)
}
