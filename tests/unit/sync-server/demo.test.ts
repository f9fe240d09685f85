// The demo organisation against recounts that share no code with what made it, at several moments of a year.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { creditTotals } from '#shared/credits.ts'
import type { Instant, Limit } from '#shared/model.ts'
import { dayOf, firstDayOf, startOfDay } from '#shared/periods.ts'
import { demoOrganisation, type Demo } from '../../../sync-server/demo/organisation.ts'
import { toAscii } from '../../../sync-server/demo/names.ts'
import { randomFrom } from '../../../sync-server/demo/random.ts'

const NOW = Date.parse('2026-11-24T08:41:00Z')
const hash = (demo: Demo) => createHash('sha256').update(JSON.stringify(demo)).digest('hex')
const count = <Item>(items: readonly Item[], wanted: (item: Item) => boolean) => items.filter(wanted).length

/** Sums by key. */
function sums<Item>(items: readonly Item[], key: (item: Item) => string | null, amount: (item: Item) => number) {
  const found = new Map<string, number>()
  for (const item of items) {
    const at = key(item)
    if (at !== null) found.set(at, (found.get(at) ?? 0) + amount(item))
  }
  return found
}

describe('the same seed', () => {
  test('gives the same rows, another seed others', () => {
    const make = (seed: number) => hash(demoOrganisation({ seed, users: 300, now: NOW }))
    expect(make(7)).toBe(make(7))
    expect(make(7)).not.toBe(make(8))
  })

  test('gives the same sequence for a known seed, on any machine', () => {
    const random = randomFrom(1)
    expect(Array.from({ length: 4 }, () => random.below(1_000_000))).toMatchInlineSnapshot(`
      [
        563671,
        585111,
        895907,
        946399,
      ]
    `)
  })
})

test('2,500 users take less than two seconds', () => {
  const before = performance.now()
  demoOrganisation({ seed: 1, users: 2_500, now: NOW })
  expect(performance.now() - before).toBeLessThan(2_000)
})

test('a large organisation has usage for a sample and says so', () => {
  const demo = demoOrganisation({ seed: 1, users: 12_000, now: NOW })
  expect(demo.users).toHaveLength(12_000)
  expect(demo.usersWithUsage).toBe(10_000)
  expect(new Set(demo.usage.map(({ userId }) => userId)).size).toBeLessThanOrEqual(10_000)
  expect(new Set(demo.users.map(({ emailKey }) => emailKey)).size).toBe(12_000)
})

test('a size without room for its admins and viewer is refused', () => {
  expect(() => demoOrganisation({ seed: 1, users: 5, now: NOW })).toThrow(RangeError)
})

test('Latin letters of any language have an ASCII spelling', () => {
  expect(['Øyvind', 'Łukasz', 'Größing', 'van den Berg', 'O’Connor', 'Aydın', 'Nguyễn'].map(toAscii)).toEqual([
    'oyvind',
    'lukasz',
    'grossing',
    'vandenberg',
    'oconnor',
    'aydin',
    'nguyen',
  ])
})

describe.each([
  ['a working morning', NOW, 2_500],
  ['the first minutes of a fiscal year', Date.parse('2027-03-31T22:03:00Z'), 400],
  ['the last evening of a fiscal year', Date.parse('2027-03-31T21:30:00Z'), 400],
  ['a Sunday after the clocks changed', Date.parse('2026-10-25T10:00:00Z'), 400],
  ['few users', NOW, 6],
])('%s', (_, now: Instant, size) => {
  const demo = demoOrganisation({ seed: 1, users: size, now })
  const { organisation, products, grants, groups, users, meters, usage, accounts } = demo
  const userById = new Map(users.map((user) => [user.id, user]))
  const groupById = new Map(groups.map((group) => [group.id, group]))
  const meterById = new Map(meters.map((meter) => [meter.id as string, meter]))
  const today = dayOf(now, organisation)
  const firstDays = {
    month: firstDayOf('month', today, organisation),
    quarter: firstDayOf('quarter', today, organisation),
    year: firstDayOf('year', today, organisation),
    contract:
      grants.find(({ kind, startsOn, endsOn }) => kind === 'contract' && startsOn <= today && today <= endsOn)
        ?.startsOn ?? '',
  }

  test('has what was asked for', () => {
    expect(users).toHaveLength(size)
    expect(groups).toHaveLength(24)
    expect(products.map(({ name }) => name)).toEqual(['Sales Pro', 'Recruiter', 'Data API', 'Insights'])
    expect(organisation).toMatchObject({
      name: 'Tern & Sable',
      timeZone: 'Europe/Oslo',
      weekStart: 1,
      fiscalYearStart: 4,
    })
    expect(accounts.map(({ email }) => email)).toContain('ingrid.solberg@tern.example')
    expect(accounts.map(({ userId }) => userById.get(userId)?.role)).toEqual([
      'admin',
      'admin',
      'admin',
      'admin',
      'admin',
      'viewer',
    ])
  })

  test('keys are unique', () => {
    for (const keys of [
      users.map(({ emailKey }) => emailKey),
      groups.map(({ nameKey }) => nameKey),
      users.flatMap(({ externalId }) => externalId || []),
      [...users, ...groups, ...products, ...grants, organisation].map(({ id }) => id),
      usage.map(({ day, userId }) => `${day} ${userId}`),
    ])
      expect(new Set(keys).size).toBe(keys.length)
  })

  test('counters equal recounts', () => {
    expect(organisation.activeAdmins).toBe(count(users, ({ role, status }) => role === 'admin' && status === 'active'))
    for (const group of groups)
      expect(group.members).toBe(
        count(users, ({ groupId, status }) => groupId === group.id && status !== 'deactivated'),
      )
    for (const product of products)
      expect(product.seatsUsed).toBe(
        count(users, ({ productId, status }) => productId === product.id && status !== 'deactivated'),
      )
  })

  test('meters equal the usage', () => {
    for (const [term, first] of Object.entries(firstDays) as [keyof typeof firstDays, string][]) {
      const within = usage.filter(({ day }) => day >= first)
      const byUser = sums(
        within,
        ({ userId }) => userId,
        ({ credits }) => credits,
      )
      const byGroup = sums(
        within,
        ({ groupId }) => groupId,
        ({ credits }) => credits,
      )
      for (const meter of meters) {
        expect(meter[term]).toBe((meter.of === 'user' ? byUser : byGroup).get(meter.id) ?? 0)
        expect(meter[`${term}Since`]).toBe(startOfDay(first, organisation))
      }
    }
    expect(count(meters, ({ of }) => of === 'pool')).toBe(24)
    expect(count(meters, ({ of }) => of === 'user')).toBe(count(users, ({ joinedAt }) => joinedAt !== null))
  })

  test('last use lies on the last day of use, and not ahead', () => {
    const last = new Map<string, string>()
    for (const { day, userId, groupId } of usage) {
      last.set(userId, day)
      if (groupId) last.set(groupId, day)
    }
    for (const { id, lastUsedAt } of meters) {
      expect(lastUsedAt === null ? undefined : dayOf(lastUsedAt, organisation)).toBe(last.get(id))
      expect(lastUsedAt ?? 0).toBeLessThanOrEqual(now)
    }
  })

  test('nobody used anything before joining or after leaving', () => {
    for (const { day, userId, credits, contactViews } of usage) {
      const user = userById.get(userId)
      const joined = user?.joinedAt
      if (!user || joined == null) expect.fail(`${userId} used credits without having joined`)
      if (
        day < dayOf(joined, organisation) ||
        (user.status === 'deactivated' && day > dayOf(user.updatedAt, organisation))
      )
        expect.fail(`${user.email} used credits on ${day}`)
      if (!(Number.isSafeInteger(credits) && credits > 0 && Number.isSafeInteger(contactViews) && contactViews >= 0))
        expect.fail(`${credits} credits, ${contactViews} views`)
    }
  })

  test('grants hold the usage to the credit', () => {
    const total = usage.reduce((sum, { credits }) => sum + credits, 0)
    const burnt = new Map(grants.map(({ id }) => [id, 0]))
    for (const [day, credits] of sums(
      usage,
      ({ day }) => day,
      ({ credits }) => credits,
    )) {
      let left = credits
      const running = grants
        .filter(({ startsOn, endsOn }) => startsOn <= day && day <= endsOn)
        .toSorted((a, b) => a.endsOn.localeCompare(b.endsOn))
      for (const { id, credits: bought } of running) {
        const before = burnt.get(id) ?? 0
        const after = Math.min(bought, before + left)
        burnt.set(id, after)
        left -= after - before
      }
      expect(left).toBe(0)
    }
    expect(grants.map(({ used }) => used)).toEqual([...burnt.values()])
    expect(grants.reduce((sum, { used }) => sum + used, 0)).toBe(total)
    expect(
      grants.map(({ kind, startsOn, endsOn }) => [
        kind,
        endsOn < today ? 'ended' : startsOn > today ? 'to come' : 'runs',
      ]),
    ).toEqual([
      ['contract', 'ended'],
      ['contract', 'runs'],
      ['top-up', 'runs'],
      ['top-up', 'to come'],
    ])
  })

  test('limits were set by an admin, in the past, within the credits', () => {
    const { total } = creditTotals(grants, organisation, now)
    const limits: (Limit | null)[] = [
      organisation.defaultLimit,
      ...groups.flatMap(({ memberLimit, poolLimit }) => [memberLimit, poolLimit]),
      ...users.map(({ limit }) => limit),
    ]
    for (const limit of limits) {
      if (!limit) continue
      expect(userById.get(limit.setBy)?.role).toBe('admin')
      expect(limit.setAt).toBeLessThanOrEqual(now)
      expect(limit.credits ?? 0).toBeLessThanOrEqual(total)
    }
    for (const { lastModified, memberLimit, poolLimit } of groups) {
      expect(lastModified).toBeGreaterThanOrEqual(Math.max(memberLimit?.setAt ?? 0, poolLimit?.setAt ?? 0))
      expect(lastModified).toBeLessThanOrEqual(now)
    }
    for (const { createdAt, updatedAt, joinedAt, limit } of users) {
      expect(updatedAt).toBeGreaterThanOrEqual(Math.max(createdAt, joinedAt ?? 0, limit?.setAt ?? 0))
      expect(updatedAt).toBeLessThanOrEqual(now)
    }
  })

  test('over a limit is only whose limit was lowered afterwards', () => {
    for (const user of users) {
      const meter = meterById.get(user.id)
      const limit =
        user.limit ?? (user.groupId && groupById.get(user.groupId)?.memberLimit) ?? organisation.defaultLimit
      if (!meter || !limit || limit.credits === null || limit.credits === 0 || meter[limit.term] <= limit.credits)
        continue
      expect(limit.was?.credits).toBeGreaterThanOrEqual(meter[limit.term])
      expect(limit.setAt).toBeGreaterThanOrEqual(meter.lastUsedAt ?? 0)
    }
  })
})

test('the demo shows what a reader looks for', () => {
  const { products, users, groups, meters } = demoOrganisation({ seed: 1, users: 2_500, now: NOW })
  const left = new Map(products.map(({ name, seatsPurchased, seatsUsed }) => [name, seatsPurchased - seatsUsed]))
  expect(left.get('Sales Pro')).toBeLessThan(10)
  expect(left.get('Data API')).toBe(-3)
  expect(left.get('Recruiter')).toBeGreaterThan(20)
  expect(left.get('Insights')).toBeGreaterThan(100)

  const share = (wanted: number) => wanted / users.length
  expect(share(count(users, ({ status }) => status === 'active'))).toBeCloseTo(0.92, 1)
  expect(share(count(users, ({ status }) => status === 'invited'))).toBeCloseTo(0.03, 1)
  expect(share(count(users, ({ limit }) => limit !== null))).toBeCloseTo(0.12, 1)
  for (const term of ['month', 'quarter', 'year', 'contract'])
    expect(count(users, ({ limit }) => limit?.term === term)).toBeGreaterThan(5)
  expect(count(users, ({ limit }) => limit?.credits === 0)).toBeGreaterThan(3)
  expect(count(users, ({ limit }) => limit !== null && limit.credits === null)).toBeGreaterThan(3)

  const used = new Map(meters.map((meter) => [meter.id as string, meter]))
  const shares = users.flatMap(({ id, limit }) =>
    limit?.credits ? (used.get(id)?.[limit.term] ?? 0) / limit.credits : [],
  )
  expect(count(shares, (part) => part > 1)).toBeGreaterThan(3)
  expect(count(shares, (part) => part >= 0.9 && part <= 1)).toBeGreaterThan(5)
  expect(count(groups, ({ memberLimit, poolLimit }) => memberLimit !== null && poolLimit !== null)).toBeGreaterThan(3)
  expect(count(groups, ({ memberLimit, poolLimit }) => memberLimit === null && poolLimit === null)).toBeGreaterThan(3)
})
