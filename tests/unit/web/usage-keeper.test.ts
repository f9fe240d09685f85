// What the keeper of usage fetches and keeps, what it answers meanwhile, and that nothing of it outlives its sign-in.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ApiError } from '#lib/api.ts'
import { DeviceFull } from '#lib/replica/storage.ts'
import { isSettled } from '#lib/usage/settled.ts'
import type { UsageStore } from '#lib/usage/store.ts'
import { usageDevice, usageServerOf } from './usage-world.ts'

const offline = () => {
  throw new ApiError(0, 'unreachable', 'No network.')
}
/** Three months of two users' usage. */
function remote() {
  const made = usageServerOf()
  made.publish(['2026-09-30', 'ada', 5], ['2026-10-01', 'ada', 7], ['2026-10-31', 'bo', 11])
  made.publish(['2026-11-01', 'bo', 13], ['2026-11-02', 'ada', 17])
  return made
}

describe('fetching', () => {
  test('the newest month comes first, and what is kept answers after the next opening without a network', async () => {
    const server = remote()
    const device = await usageDevice(server)
    const tab = device.tab()
    await tab.follow()
    expect(server.requests).toEqual(['2026-11', 'ids from 0', '2026-10', '2026-09'])
    expect(await tab.credits('2026-09-01', '2026-11-30')).toBe(53)
    tab.keeper.close()

    server.whenAsked(offline)
    const next = device.tab()
    const answer = await next.keeper.ask({ from: '2026-10-15', to: '2026-11-01' }, 3)
    expect(answer).toMatchObject({ sums: { credits: 24, users: 1 }, missing: [], version: 2 })
    expect(answer.sums.top).toEqual([{ userId: 'bo', credits: 24 }])
    await next.follow()
    expect(next.keeper.state.months.map(({ state }) => state)).toEqual(['here', 'here', 'here'])
  })

  test('only days that changed are fetched again, and replace what they were', async () => {
    const server = remote()
    const device = await usageDevice(server)
    const tab = device.tab()
    await tab.follow()
    await tab.credits('2026-11-01', '2026-11-30')
    server.requests.length = 0
    server.publish(['2026-11-02', 'cy', 100], ['2026-11-03', 'ada', 1_000])
    await tab.follow()
    expect(server.requests).toEqual(['2026-11 since 2', 'ids from 4'])
    expect(await tab.credits('2026-11-01', '2026-11-30')).toBe(1_130)
    tab.keeper.close()
    const next = device.tab()
    expect(await next.credits('2026-11-02', '2026-11-02')).toBe(117)
    await next.follow()
    expect(server.requests.length).toBe(2)
  })

  test('days of several months that were published together are seen together', async () => {
    const server = remote()
    const tab = (await usageDevice(server)).tab()
    await tab.follow()
    expect(await tab.credits('2026-10-01', '2026-11-30')).toBe(48)
    server.publish(['2026-10-05', 'ada', 100], ['2026-11-05', 'ada', 100])
    const seen: number[] = []
    server.whenAsked(async () => void seen.push(await tab.credits('2026-10-01', '2026-11-30')))
    await tab.follow()
    expect(seen).toEqual([48, 48])
    expect(await tab.credits('2026-10-01', '2026-11-30')).toBe(248)
  })

  test('what one tab has fetched the other reads', async () => {
    const server = remote()
    const device = await usageDevice(server)
    const [one, other] = [device.tab(), device.tab()]
    await Promise.all([one.follow(), other.follow()])
    expect(server.requests.filter((request) => request.startsWith('2026')).length).toBe(3)
    expect(await other.credits('2026-09-01', '2026-11-30')).toBe(53)
    server.publish(['2026-11-02', 'ada', 100])
    await one.follow()
    await other.follow()
    expect(server.requests.filter((request) => request.includes('since'))).toEqual(['2026-11 since 2'])
    expect(await other.credits('2026-09-01', '2026-11-30')).toBe(153)
  })

  test('older months come when they are asked for, and go at the next opening', async () => {
    const server = remote()
    server.publish(['2025-02-14', 'ada', 19])
    const device = await usageDevice(server)
    const tab = device.tab()
    await tab.follow()
    expect(server.requests).not.toContain('2025-02')
    expect(await tab.keeper.ask({ from: '2025-01-01', to: '2025-03-31' }, 3)).toMatchObject({
      sums: { credits: 0 },
      missing: ['2025-02'],
    })
    await tab.keeper.quiet()
    expect(await tab.keeper.ask({ from: '2025-01-01', to: '2025-03-31' }, 3)).toMatchObject({
      sums: { credits: 19 },
      missing: [],
    })
    tab.keeper.close()
    expect(await device.stored()).toContain('2025-02')
    const next = device.tab()
    await next.follow()
    expect((await device.stored()).sort()).toEqual([
      ...['2026-09', '2026-10', '2026-11'].flatMap((month) => [month, `${month} summed up`]),
      'ids',
      'index',
    ])
  })
})

describe('what can fail', () => {
  test('without a network missing months are named, and come with the next nudge', async () => {
    const server = remote()
    const tab = (await usageDevice(server)).tab()
    server.whenAsked((request) => (request === '2026-10' ? offline() : undefined))
    await tab.follow()
    const range = { from: '2026-10-15', to: '2026-11-30' }
    const answer = await tab.keeper.ask(range, 3)
    expect(answer).toMatchObject({ sums: { credits: 30 }, missing: ['2026-10'], upTo: undefined })
    expect(tab.keeper.state).toMatchObject({
      months: [{ state: 'here' }, { month: '2026-10', state: 'missing', entries: 2 }, { state: 'missing' }],
      fault: undefined,
    })
    server.whenAsked(undefined)
    tab.keeper.nudge()
    await tab.keeper.quiet()
    expect(await tab.keeper.ask(range, 3)).toMatchObject({ sums: { credits: 41 }, missing: [], upTo: 2_000 })
  })

  test('how far it goes is said also while newer days are behind', async () => {
    const server = remote()
    const tab = (await usageDevice(server)).tab()
    await tab.follow()
    server.publish(['2026-11-02', 'ada', 100])
    server.whenAsked(offline)
    await tab.follow()
    const range = { from: '2026-11-01', to: '2026-11-30' }
    expect(await tab.keeper.ask(range, 3)).toMatchObject({ sums: { credits: 30 }, upTo: 2_000, version: 2 })
    expect(isSettled(server.told(), tab.keeper.state)).toBe(false)
    server.whenAsked(undefined)
    tab.keeper.nudge()
    await tab.keeper.quiet()
    expect(await tab.keeper.ask(range, 3)).toMatchObject({ sums: { credits: 130 }, upTo: 3_000, version: 3 })
    expect(isSettled(server.told(), tab.keeper.state)).toBe(true)
  })

  test('a month that the server can’t give is said, and holds up no other', async () => {
    const server = remote()
    const tab = (await usageDevice(server)).tab()
    server.whenAsked((request) => {
      if (request === '2026-10') throw new ApiError(500, 'failed', 'The server failed.')
    })
    await tab.follow()
    expect(tab.keeper.state.months.map(({ state }) => state)).toEqual(['here', 'missing', 'here'])
    expect(tab.keeper.state.fault).toBe('The server failed.')
    server.whenAsked(undefined)
    tab.keeper.nudge()
    await tab.keeper.quiet()
    expect(tab.keeper.state).toMatchObject({ fault: undefined, months: [{}, { state: 'here' }, {}] })
  })

  test('a stored month that can’t be read any more is fetched anew', async () => {
    const server = remote()
    const device = await usageDevice(server)
    const tab = device.tab()
    await tab.follow()
    tab.keeper.close()
    await device.put({ key: '2026-10', buffer: new TextEncoder().encode('nonsense').buffer })
    server.requests.length = 0
    const next = device.tab()
    await next.follow()
    // Whole months need no days.
    expect(await next.credits('2026-10-01', '2026-11-30')).toBe(48)
    await next.credits('2026-10-15', '2026-11-30')
    await next.keeper.quiet()
    expect(server.requests).toEqual(['2026-10'])
    expect(await next.credits('2026-10-15', '2026-11-30')).toBe(41)
  })

  test('a device without room says so, shows what is asked for, and keeps what it had', async () => {
    const server = remote()
    const device = await usageDevice(server)
    let full = false
    const tab = device.tab((store): UsageStore => ({
      ...store,
      write: (belongs, change) =>
        full && change.months
          ? Promise.reject(new DeviceFull('This device has no room.'))
          : store.write(belongs, change),
    }))
    await tab.follow()
    await tab.credits('2026-11-01', '2026-11-30')
    full = true
    server.publish(['2026-11-03', 'ada', 100], ['2026-08-08', 'ada', 23])
    await tab.follow()
    expect(tab.keeper.state.fault).toBe('This device has no room.')
    expect(await tab.credits('2026-09-01', '2026-11-30')).toBe(153)
    // Nobody looked at August: it is not fetched in vain.
    server.requests.length = 0
    tab.keeper.nudge()
    await tab.keeper.quiet()
    expect(server.requests).toEqual([])
    expect((await tab.keeper.ask({ from: '2026-08-01', to: '2026-08-31' }, 3)).missing).toEqual(['2026-08'])
    await tab.keeper.quiet()
    expect(await tab.credits('2026-08-01', '2026-08-31')).toBe(23)
    expect(device.reported).toEqual([])
  })
})

describe('whose it is', () => {
  test('what arrives after the store was erased is neither kept nor shown', async () => {
    const server = remote()
    const device = await usageDevice(server)
    const tab = device.tab()
    server.whenAsked(async (request) => {
      if (request === '2026-10') await device.replica.erase()
    })
    await tab.follow()
    expect(await device.stored()).toEqual([])
    expect(tab.keeper.state).toMatchObject({ memoryBytes: expect.any(Number), diskBytes: 0 })
    expect(await tab.credits('2026-09-01', '2026-11-30')).toBe(0)
  })

  test('what was asked for by one sign-in is not kept by the next', async () => {
    const server = remote()
    const device = await usageDevice(server)
    const tab = device.tab()
    server.whenAsked(async (request) => {
      if (request === '2026-10') await device.signInAnew()
    })
    await tab.follow()
    expect(await device.stored()).toEqual([])
  })

  test('a new sign-in on the same account begins with nothing', async () => {
    const server = remote()
    const device = await usageDevice(server)
    await device.tab().follow()
    expect(await device.stored()).toContain('2026-11')
    await device.signInAnew()
    expect(await device.stored()).toEqual([])
  })

  test('another history is fetched as a whole, its ids too: numbers may stand for others there', async () => {
    const before = remote()
    const device = await usageDevice(before)
    const tab = device.tab()
    await tab.follow()
    tab.keeper.close()

    const restored = usageServerOf()
    restored.publish(['2026-11-01', 'cy', 3])
    restored.publish(['2026-11-01', 'ada', 4])
    await device.replica.transact('strict', 0, ({ sync }) => ({
      sync: { ...sync, revision: 9, generation: 2, shown: { generation: 2, version: 2 } },
      records: [],
      blocks: [],
    }))
    const next = device.tab(undefined, restored)
    await next.follow({ generation: 2 })
    expect(restored.requests).toEqual(['2026-11', 'ids from 0'])
    const answer = await next.keeper.ask({ from: '2026-01-01', to: '2026-12-31' }, 3)
    expect(answer.sums.top).toEqual([
      { userId: 'ada', credits: 4 },
      { userId: 'cy', credits: 3 },
    ])
    expect((await device.stored()).sort()).toEqual(['2026-11', '2026-11 summed up', 'ids', 'index'])
  })
})

test('whatever is published, lost and opened anew, a device that has come to rest answers as a recount does', async () => {
  const use = fc.tuple(
    fc.constantFrom('2026-09-30', '2026-10-01', '2026-10-31', '2026-11-01', '2026-11-02'),
    fc.constantFrom('ada', 'bo', 'cy', 'di'),
    fc.nat(1_000),
  )
  const step = fc.oneof(
    fc.record({ kind: fc.constant('publish' as const), uses: fc.array(use, { minLength: 1, maxLength: 4 }) }),
    fc.record({ kind: fc.constant('follow' as const), tab: fc.nat(1), failing: fc.option(fc.nat(3)) }),
    fc.record({ kind: fc.constant('ask' as const), tab: fc.nat(1) }),
    fc.record({ kind: fc.constant('reopen' as const), tab: fc.nat(1) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const server = usageServerOf()
      server.publish(['2026-10-01', 'ada', 1])
      const device = await usageDevice(server)
      const tabs = [device.tab(), device.tab()]
      const tabAt = (at: number) => tabs[at] ?? device.tab()
      for (const one of steps) {
        if (one.kind === 'publish') server.publish(...one.uses)
        else if (one.kind === 'ask') void tabAt(one.tab).keeper.ask({ from: '2026-10-01', to: '2026-11-01' }, 3)
        else if (one.kind === 'reopen') {
          tabAt(one.tab).keeper.close()
          tabs[one.tab] = device.tab()
        } else {
          let left = one.failing ?? Infinity
          server.whenAsked(() => {
            if ((left -= 1) < 0) offline()
          })
          await tabAt(one.tab).follow()
        }
      }
      server.whenAsked(undefined)
      for (const tab of tabs) {
        await tab.follow()
        for (const [from, to] of [
          ['2026-09-01', '2026-11-30'],
          ['2026-10-02', '2026-11-01'],
          ['2026-11-01', '2026-11-30'],
        ] as const) {
          const answer = await tab.keeper.ask({ from, to }, 3)
          expect(answer.missing).toEqual([])
          expect(answer.sums.credits).toBe(server.credits(from, to))
          expect(answer.version).toBe(server.version)
        }
        expect(isSettled(server.told(), tab.keeper.state)).toBe(true)
      }
    }),
    { numRuns: 40 },
  )
}, 30_000)
