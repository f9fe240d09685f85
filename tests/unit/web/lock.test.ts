// When a device locks: after the minutes without input and the days without contact that its organisation allows, whatever its clock is
// set to; in all tabs, and still after a reload.
import { beforeEach, describe, expect, test } from 'vitest'
import { createGuard } from '#lib/lock/guard.ts'
import { WARNED, timeLeft } from '#lib/lock/idle.ts'
import { know, known } from '#lib/lock/known.ts'
import { contactAt, isOver, lookedAt, sinceContact } from '#lib/lock/lease.ts'
import { keptLock } from '#lib/lock/locked.ts'
import { NO_POLICIES, type DevicePolicies } from '#shared/policies.ts'

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000]
const NOON = Date.UTC(2026, 10, 25, 12)

function fakeStorage(): Storage {
  const kept = new Map<string, string>()
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => void kept.set(key, text),
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
    key: (at) => [...kept.keys()][at] ?? null,
    get length() {
      return kept.size
    },
  }
}

beforeEach(() => {
  globalThis.localStorage = fakeStorage()
})

describe('the lease', () => {
  test('it is over after its days, by the server’s time', () => {
    const lease = contactAt(NOON, 2 * HOUR)
    expect(lease.contact).toBe(NOON + 2 * HOUR)
    expect(isOver(lookedAt(lease, NOON + 7 * DAY - 1), 7)).toBe(false)
    expect(isOver(lookedAt(lease, NOON + 7 * DAY), 7)).toBe(true)
    expect(isOver(lookedAt(lease, NOON + 700 * DAY), null)).toBe(false)
  })

  test('a clock that is set back does not lengthen it: time goes on from what was seen', () => {
    let lease = lookedAt(contactAt(NOON, 0), NOON + 3 * DAY)
    const back = NOON - 10 * DAY
    lease = lookedAt(lease, back)
    expect(sinceContact(lease)).toBe(3 * DAY)
    lease = lookedAt(lease, back + 4 * DAY - 1)
    expect(isOver(lease, 7)).toBe(false)
    expect(isOver(lookedAt(lease, back + 4 * DAY), 7)).toBe(true)
  })

  test('a clock that was wrong for a while and is right again costs nothing', () => {
    let lease = lookedAt(contactAt(NOON, 0), NOON + DAY)
    for (const clock of [0, HOUR, NOON + 2 * DAY]) lease = lookedAt(lease, clock)
    expect(sinceContact(lease)).toBe(2 * DAY)
  })
})

describe('the time without input', () => {
  test('is the longer of what the clock says and what the tab has lived through', () => {
    const last = { at: NOON, heard: 500 }
    expect(timeLeft(last, 5, { clock: NOON + MINUTE, tab: 500 })).toBe(4 * MINUTE)
    expect(timeLeft(last, 5, { clock: NOON, tab: 500 + 2 * MINUTE })).toBe(3 * MINUTE)
  })

  test('is over where the clock was set back: nobody knows for how long', () => {
    expect(timeLeft({ at: NOON, heard: 0 }, 5, { clock: NOON - 2 * MINUTE, tab: 0 })).toBe(0)
    expect(timeLeft({ at: NOON, heard: 0 }, 5, { clock: NOON - SECOND, tab: 0 })).toBeGreaterThan(0)
  })
})

/** Tabs of one browser: each with a guard of its own over what they share. */
function browser(policies: Partial<DevicePolicies>) {
  const time = { clock: NOON, lived: 0 }
  const { localData, leaseDays, lockMinutes } = { ...NO_POLICIES, ...policies }
  know({ account: 'a', organisation: 'o', policies: { localData, leaseDays, lockMinutes }, version: 1 })
  return {
    pass: (milliseconds: number) => {
      time.clock += milliseconds
      time.lived += milliseconds
    },
    setClock: (by: number) => (time.clock += by),
    tab() {
      const asked: number[] = []
      const guard = createGuard({
        clock: () => time.clock,
        tab: () => time.lived,
        onchange: () => undefined,
        oncontact: () => asked.push(time.clock),
      })
      guard.lookAnew()
      return { ...guard, asked, why: () => guard.locked?.why, seconds: () => guard.secondsLeft }
    },
  }
}

describe('a device', () => {
  test('warns half a minute before it locks, and any input ends the warning', () => {
    const device = browser({ lockMinutes: 2 })
    const tab = device.tab()
    device.pass(2 * MINUTE - WARNED - 1)
    expect(tab.look()).toBe(1)
    expect(tab.seconds()).toBeUndefined()
    device.pass(10 * SECOND + 1)
    expect(tab.look()).toBe(SECOND)
    expect(tab.seconds()).toBe(20)
    tab.input()
    expect(tab.seconds()).toBeUndefined()
    device.pass(2 * MINUTE - 1)
    tab.look()
    expect(tab.why()).toBeUndefined()
    device.pass(1)
    expect(tab.look()).toBeUndefined()
    expect(tab.why()).toBe('idle')
  })

  test('locks at the first input after a sleep: that came too late', () => {
    const device = browser({ lockMinutes: 2 })
    const tab = device.tab()
    device.pass(HOUR)
    tab.input()
    expect(tab.why()).toBe('idle')
  })

  test('what one tab hears counts in all, and what one tab locks is locked in all', () => {
    const device = browser({ lockMinutes: 2 })
    const [one, other] = [device.tab(), device.tab()]
    device.pass(MINUTE)
    one.input()
    other.heard()
    device.pass(MINUTE + SECOND)
    other.look()
    expect(other.why()).toBeUndefined()
    device.pass(MINUTE)
    one.look()
    other.lookAnew()
    expect([one.why(), other.why()]).toEqual(['idle', 'idle'])
    one.release()
    other.lookAnew()
    expect([one.why(), other.why()]).toEqual([undefined, undefined])
  })

  test('unlocks in all tabs at once: the moment at which the lock is gone, no tab has a reason to lock again', () => {
    const device = browser({ lockMinutes: 2, leaseDays: 1 })
    const [one, other] = [device.tab(), device.tab()]
    device.pass(DAY)
    one.look()
    other.lookAnew()
    const { removeItem } = localStorage
    localStorage.removeItem = (key) => {
      removeItem(key)
      other.lookAnew()
    }
    one.release()
    expect([one.why(), other.why()]).toEqual([undefined, undefined])
    expect(keptLock()).toBeUndefined()
  })

  test('stays locked after a reload, and is locked by one that comes too late', () => {
    const device = browser({ lockMinutes: 2 })
    device.tab()
    device.pass(2 * MINUTE)
    expect(device.tab().why()).toBe('idle')
    expect(device.tab().why()).toBe('idle')
    expect(keptLock()).toEqual({ why: 'idle', sessionEnded: false })
  })

  test('locks after the days of its lease; each answer of the server begins them anew', () => {
    const device = browser({ leaseDays: 3 })
    const tab = device.tab()
    tab.contact(NOON, 0)
    device.pass(2 * DAY)
    tab.look()
    tab.contact(NOON + 2 * DAY, 0)
    device.pass(3 * DAY - 1)
    tab.look()
    expect(tab.why()).toBeUndefined()
    device.setClock(-5 * DAY)
    tab.look()
    expect(tab.why()).toBeUndefined()
    device.pass(1)
    tab.look()
    expect(tab.why()).toBe('lease')
    tab.release()
    expect(tab.look()).toBeGreaterThan(0)
  })

  test('asks the server once an hour, so that a quiet one does not lock', () => {
    const device = browser({ leaseDays: 3 })
    const tab = device.tab()
    device.pass(HOUR - 1)
    tab.look()
    expect(tab.asked).toEqual([])
    device.pass(1)
    tab.look()
    tab.look()
    expect(tab.asked).toEqual([NOON + HOUR])
  })

  test('obeys a policy from the moment at which it is known, and lets go with it', () => {
    const device = browser({})
    const tab = device.tab()
    device.pass(DAY)
    tab.input()
    tab.look()
    const before = known()
    if (!before) throw new Error('Nothing is known.')
    know({ ...before, policies: { ...before.policies, lockMinutes: 1 } })
    tab.lookAnew()
    expect(tab.why()).toBeUndefined()
    device.pass(MINUTE - SECOND)
    tab.look()
    expect(tab.seconds()).toBe(1)
    know(before)
    tab.lookAnew()
    device.pass(DAY)
    tab.look()
    expect(tab.why()).toBeUndefined()
  })

  test('what can’t be read of a lock is a lock', () => {
    browser({})
    localStorage.setItem('quartermaster.locked', '{')
    expect(browser({}).tab().why()).toBe('idle')
  })
})
