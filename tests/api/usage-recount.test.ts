// Whatever happens in whatever order, the server's days, meters, grants and balances equal an independent recount of plain events.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { usedIn } from '#shared/limits.ts'
import { TERMS, type LimitChoice, type Organisation } from '#shared/model.ts'
import { contractOf, termStarts } from '#shared/periods.ts'
import { decodeMonth } from '#shared/usage.ts'
import { addGrant, voidGrant } from '../../sync-server/usage/grants.ts'
import { Oracle } from '../support/usage-oracle.ts'
import { usageWorld, type UsageWorld } from '../support/usage.ts'

const RUNS = Number(process.env['RUNS'] ?? 40)
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const ZONES = [
  'Europe/Oslo',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'America/New_York',
  'America/Santiago',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
]
const NAMES = ['ada', 'joan', 'mary', 'nina', 'gone'] as const
const PRODUCTS = ['Sales Pro', 'Insights'] as const

const user = fc.constantFrom(...NAMES)
const product = fc.constantFrom(...PRODUCTS)
const credits = fc.integer({ min: 0, max: 120 })
/** In milliseconds from now; negative: late. */
const moment = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -90 * MINUTE, max: 5 * MINUTE }),
  fc.integer({ min: -420 * DAY, max: 0 }),
)
const event = fc.record({ user, product, credits, moment, repeats: fc.option(fc.nat(20), { freq: 6, nil: null }) })
const which = fc.nat(50)

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('ingest' as const), events: fc.array(event, { maxLength: 6 }) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('spend' as const), user, product, credits }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('spend again' as const), which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      user,
      product,
      credits,
      minutes: fc.integer({ min: 1, max: 90 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('confirm' as const),
      which,
      part: fc.constantFrom(0, 0.5, 1, 2, undefined),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('time passes' as const),
      by: fc.oneof(fc.integer({ min: 1, max: 60 * MINUTE }), fc.integer({ min: DAY, max: 200 * DAY })),
      /** Up to a few minutes before or after the next midnight. */
      midnight: fc.option(fc.integer({ min: -4, max: 2 }), { nil: null }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('sell' as const),
      of: fc.constantFrom('contract' as const, 'top-up' as const),
      credits: fc.integer({ min: 0, max: 900 }),
      from: fc.integer({ min: -300, max: 100 }),
      days: fc.integer({ min: 0, max: 400 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('take back' as const), which, part: fc.constantFrom(0.3, 1) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset' as const), user }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('move' as const), user, to: fc.constantFrom('Sales', 'Support', null) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('publish' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

test('days, meters, grants and balances equal a recount', { timeout: 3_000 * RUNS }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ZONES),
      fc.integer({ min: 1, max: 12 }),
      fc.array(step, { maxLength: 40, size: 'max' }),
      async (zone, fiscalStart, steps) => {
        const life = await begin(zone, fiscalStart)
        try {
          for (const one of steps) {
            await life.take(one)
            await life.compare()
          }
          await life.take({ kind: 'publish' })
          await life.compare()
        } finally {
          await life.end()
        }
      },
    ),
    { numRuns: RUNS },
  )
})

async function begin(zone: string, fiscalStart: number) {
  const opened = await usageWorld({
    products: { 'Sales Pro': 10, Insights: 10 },
    groups: ['Sales', 'Support'],
    users: {
      ada: { group: 'Sales' },
      joan: { group: 'Sales' },
      mary: { group: 'Support' },
      nina: {},
      gone: { status: 'deactivated' },
    },
  })
  const { world, usage } = opened
  await world.store.db.updateTable('organisations').set({ timeZone: zone, fiscalYearStart: fiscalStart }).execute()
  await world.store.db.deleteFrom('grants').execute()
  const organisation = (await world.rows('organisations'))[0] as Organisation
  const oracle = new Oracle(zone, fiscalStart)
  const ids = { user: (name: string) => world.user(name), group: (name: string) => world.group(name) }
  for (const [name, group] of [
    ['ada', 'Sales'],
    ['joan', 'Sales'],
    ['mary', 'Support'],
  ] as const)
    oracle.groups.set(ids.user(name), ids.group(group))
  await limit('ada', { credits: 300, term: 'month' })
  await limit('mary', { credits: null, term: 'month' })
  await pool('Sales', { credits: 700, term: 'quarter' })

  async function limit(name: string, choice: LimitChoice) {
    const stored = JSON.stringify({ ...choice, setBy: ids.user('ingrid'), setAt: 0, was: null })
    await world.store.db.updateTable('users').set({ limit: stored }).where('id', '=', ids.user(name)).execute()
    oracle.limits.set(ids.user(name), choice)
  }
  async function pool(name: string, choice: LimitChoice) {
    const stored = JSON.stringify({ ...choice, setBy: ids.user('ingrid'), setAt: 0, was: null })
    await world.store.db.updateTable('groups').set({ poolLimit: stored }).where('id', '=', ids.group(name)).execute()
    oracle.pools.set(ids.group(name), choice)
  }

  const device = world.device('ingrid')
  const sent: { id: string; event: Parameters<typeof usage.ingest>[1][number] }[] = []
  const spends: { request: Parameters<typeof usage.spend>[1]; answer: unknown }[] = []
  const reservations: string[] = []
  const held = new Map<
    string,
    {
      user: string
      product: string
      group: string
      credits: number
      expiresAt: number
      state: string
      confirmed: number
    }
  >()
  let serial = 0

  function used(name: string, of: string, credits: number, views: number, at: number, group?: string) {
    const user = ids.user(name)
    const use = {
      at,
      day: oracle.dayOf(at),
      user,
      product: world.product(of),
      group: group ?? oracle.groups.get(user) ?? '',
      credits,
      views,
    }
    oracle.use(use, world.clock.now)
  }

  /** What a spend must be answered. */
  function verdict(name: string, credits: number) {
    const [first] = oracle.ceilings(ids.user(name), world.clock.now)
    const left = first?.left ?? 0
    if (name === 'gone') return { allowed: false, deniedBy: 'deactivated', left }
    return credits <= left
      ? { allowed: true, left: left - credits, binds: first?.kind }
      : { allowed: false, deniedBy: first?.kind, left }
  }

  async function take(one: Step): Promise<void> {
    const now = world.clock.now
    switch (one.kind) {
      case 'ingest': {
        const events = one.events.map(({ user, product, credits, moment, repeats }) => {
          const before = repeats === null ? undefined : sent[repeats]
          if (before) return { event: before.event, name: null, of: product }
          const id = `event ${(serial += 1)}`
          const event = opened.event(user, credits, { id, at: now + moment, product, contactViews: 2 })
          sent.push({ id, event })
          return { event, name: user, of: product }
        })
        const answers = await opened.ingest(...events.map(({ event }) => event))
        for (const [index, { event, name, of }] of events.entries()) {
          expect(answers[index]?.result).toBe(name === null ? 'repeated' : 'taken')
          if (name !== null) used(name, of, event.credits, event.contactViews, event.at)
        }
        return
      }
      case 'spend': {
        const request = {
          key: `key ${(serial += 1)}`,
          user: ids.user(one.user),
          product: one.product,
          credits: one.credits,
          contactViews: 1,
        }
        const wanted = verdict(one.user, one.credits)
        const answer = await usage.spend(world.id, request)
        expect(answer).toMatchObject(wanted)
        spends.push({ request, answer })
        if (wanted.allowed) used(one.user, one.product, one.credits, 1, oracle.momentOf(ids.user(one.user), now))
        return
      }
      case 'spend again': {
        const before = spends[one.which]
        if (!before) return
        expect(await usage.spend(world.id, before.request)).toEqual(before.answer)
        await expect(
          usage.spend(world.id, { ...before.request, credits: before.request.credits + 1 }),
        ).rejects.toMatchObject({ code: 'key-reused' })
        return
      }
      case 'reserve': {
        const request = {
          key: `key ${(serial += 1)}`,
          user: ids.user(one.user),
          product: one.product,
          credits: one.credits,
          contactViews: 3,
          seconds: one.minutes * 60,
        }
        const wanted = verdict(one.user, one.credits)
        const { answer, reservation } = await usage.reserve(world.id, request)
        expect(answer).toMatchObject(wanted)
        expect(reservation !== null).toBe(wanted.allowed)
        expect(await usage.reserve(world.id, request)).toEqual({ answer, reservation })
        if (!reservation) return
        reservations.push(reservation.id)
        const group = oracle.groups.get(ids.user(one.user)) ?? ''
        const expiresAt = now + one.minutes * MINUTE
        held.set(reservation.id, {
          user: one.user,
          product: one.product,
          group,
          credits: one.credits,
          expiresAt,
          state: 'open',
          confirmed: 0,
        })
        oracle.held.set(reservation.id, {
          id: reservation.id,
          user: ids.user(one.user),
          group,
          credits: one.credits,
          expiresAt,
        })
        return
      }
      case 'confirm': {
        const id = reservations[one.which]
        const row = id === undefined ? undefined : held.get(id)
        if (id === undefined || !row) return
        const amount = one.part === undefined ? undefined : Math.ceil(row.credits * one.part)
        const asked = usage.confirm(world.id, id, amount)
        if (row.state === 'confirmed')
          return void expect(await asked).toMatchObject({ state: 'confirmed', confirmed: row.confirmed })
        if (row.state === 'released')
          return void (await expect(asked).rejects.toMatchObject({ code: 'reservation-released' }))
        if (row.expiresAt <= now)
          return void (await expect(asked).rejects.toMatchObject({ code: 'reservation-expired' }))
        if (amount !== undefined && amount > row.credits)
          return void (await expect(asked).rejects.toMatchObject({ code: 'reservation-exceeded' }))
        const confirmed = amount ?? row.credits
        expect(await asked).toMatchObject({ state: 'confirmed', confirmed })
        Object.assign(row, { state: 'confirmed', confirmed })
        oracle.held.delete(id)
        used(row.user, row.product, confirmed, 3, momentIn(ids.user(row.user), row.group, now), row.group)
        return
      }
      case 'release': {
        const id = reservations[one.which]
        const row = id === undefined ? undefined : held.get(id)
        if (id === undefined || !row) return
        const asked = usage.release(world.id, id)
        if (row.state === 'confirmed')
          return void (await expect(asked).rejects.toMatchObject({ code: 'reservation-confirmed' }))
        const expired = row.state === 'open' && row.expiresAt <= now
        expect(await asked).toMatchObject({ state: expired ? 'expired' : 'released' })
        if (!expired) row.state = 'released'
        oracle.held.delete(id)
        return
      }
      case 'time passes': {
        world.clock.now += one.by
        if (one.midnight !== null) {
          const next = Temporal.Instant.fromEpochMilliseconds(world.clock.now)
            .toZonedDateTimeISO(zone)
            .toPlainDate()
            .add({ days: 1 })
          world.clock.now = Math.max(
            world.clock.now,
            next.toZonedDateTime(zone).epochMilliseconds + one.midnight * MINUTE,
          )
        }
        return
      }
      case 'sell': {
        const from = Temporal.PlainDate.from(oracle.dayOf(now)).add({ days: one.from })
        const terms = {
          kind: one.of,
          credits: one.credits,
          startsOn: from.toString(),
          endsOn: from.add({ days: one.days }).toString(),
        }
        const by = { now, random: world.random }
        const { grant } = await world.store.transaction((tx) => addGrant(tx, world.id, terms, by))
        const again = await world.store.transaction((tx) => addGrant(tx, world.id, { id: grant.id, ...terms }, by))
        expect(again).toMatchObject({ grant: { id: grant.id }, version: undefined })
        oracle.sell({ id: grant.id, ...terms, voided: 0, burnt: new Map() }, now)
        return
      }
      case 'take back': {
        const grant = oracle.sold[one.which]
        if (!grant) return
        const left = grant.credits - grant.voided - [...grant.burnt.values()].reduce((so, part) => so + part, 0)
        const credits = one.part === 1 ? undefined : Math.floor(left * one.part)
        const by = { now, random: world.random }
        await world.store.transaction((tx) => voidGrant(tx, world.id, { id: grant.id, credits }, by))
        oracle.takeBack(grant, credits ?? left, now)
        return
      }
      case 'reset': {
        const id = ids.user(one.user)
        // What a source reported for the next minutes was set aside with the rest; no term tells it apart any more.
        if (oracle.used.some(({ user, at }) => user === id && at > now)) return
        await device.perform('reset-usage', { userIds: [id] })
        oracle.reset(id, now)
        return
      }
      case 'move': {
        if (one.user === 'gone') return
        const to = one.to === null ? null : ids.group(one.to)
        await device.perform('assign-group', { userIds: [ids.user(one.user)], groupId: to })
        if (to) oracle.groups.set(ids.user(one.user), to)
        else oracle.groups.delete(ids.user(one.user))
        return
      }
      case 'publish': {
        await usage.publish(world.id)
        await comparePublished(opened, oracle, organisation)
      }
    }
  }

  /** As `momentOf`, of a user in the group that was reserved for. */
  function momentIn(user: string, group: string, now: number): number {
    const is = oracle.groups.get(user)
    if (group === '') oracle.groups.delete(user)
    else oracle.groups.set(user, group)
    const at = oracle.momentOf(user, now)
    if (is === undefined) oracle.groups.delete(user)
    else oracle.groups.set(user, is)
    return at
  }

  async function compare(): Promise<void> {
    const now = world.clock.now
    const days = await world.store.db.selectFrom('usage_days').selectAll().execute()
    expect(
      Object.fromEntries(
        days.map((row) => [
          `${row.day} ${row.userId} ${row.productId} ${row.groupId}`,
          [row.credits, row.contactViews],
        ]),
      ),
    ).toEqual(oracle.days())
    const { grants, reserved, ...totals } = await usage.balance(world.id)
    expect(totals).toEqual(oracle.balance(now))
    expect(reserved).toBe(oracle.reserved(now))
    const usedBy = grants.map(({ grant }) => [grant.kind === 'overage' ? 'overage' : grant.id, grant.usedBy] as const)
    expect(Object.fromEntries(usedBy.filter(([id, by]) => id !== 'overage' || Object.keys(by).length > 0))).toEqual(
      oracle.usedByContract(),
    )
    for (const { grant } of grants)
      expect(grant.used).toBe(Object.values(grant.usedBy).reduce((so, part) => so + part, 0))
    const meters = new Map((await world.rows('meters')).map((meter) => [meter.id as string, meter]))
    const rows = grants.map(({ grant }) => grant)
    for (const id of oracle.metered())
      for (const term of TERMS)
        expect([id, term, usedIn(meters.get(id), term, termStarts(organisation, rows, now))]).toEqual([
          id,
          term,
          oracle.usedOf(id, term, now),
        ])
  }

  return { take, compare, end: opened.end }
}

/** What devices have: the credits of the grants are those of the days, contract by contract, and the rows say how all days stand. */
async function comparePublished(
  { world, usage }: UsageWorld,
  oracle: Oracle,
  organisation: Organisation,
): Promise<void> {
  const rows = await world.rows('grants')
  const { ids } = await usage.ids(world.id, 0)
  const found: Record<string, [number, number]> = {}
  const byContract = new Map<string, number>()
  for (const { id, days, version } of await world.rows('months')) {
    const block = decodeMonth((await usage.month(world.id, id))?.bytes.buffer ?? new ArrayBuffer(0))
    expect(block.version).toBe(version)
    expect(Object.fromEntries(block.days.map((section) => [section.day, section.version]))).toEqual(days)
    for (const { day, columns } of block.days)
      for (const [row, credits] of columns.credits.entries()) {
        const key = [columns.users, columns.products, columns.groups].map((column) => ids[column[row] ?? -1])
        found[`${id}-${day} ${key.join(' ')}`] = [credits, columns.views[row] ?? NaN]
        const contract = contractOf(organisation, rows, `${id}-${day}`)
        byContract.set(contract, (byContract.get(contract) ?? 0) + credits)
      }
  }
  expect(found).toEqual(oracle.days())
  const used = new Map<string, number>()
  for (const { usedBy } of rows)
    for (const [contract, credits] of Object.entries(usedBy)) used.set(contract, (used.get(contract) ?? 0) + credits)
  const some = (sums: ReadonlyMap<string, number>) => Object.fromEntries([...sums].filter(([, credits]) => credits > 0))
  expect(some(used)).toEqual(some(byContract))
}
