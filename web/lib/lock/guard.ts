// Decides when this device locks: asks the lease and the last input at each look, and says when to look again. Keeps what it knows where
// all tabs and the next start find it. Clock and storage events come in by the door; lock.svelte.ts connects it to the page.
import { NO_POLICIES, type DevicePolicies } from '#shared/policies.ts'
import type { Instant } from '#shared/model.ts'
import { forgetInput, keepInput, keptInput, timeLeft, WARNED, type LastInput } from './idle.ts'
import { known } from './known.ts'
import { contactAt, isOver, keepLease, keptLease, lookedAt, sinceContact } from './lease.ts'
import { forgetLock, keepLock, keptLock, type Locked } from './locked.ts'

export interface GuardDoors {
  /** The device's clock. */
  clock: () => Instant
  /** Milliseconds since the page was opened. */
  tab: () => number
  /** Something differs: whether it is locked, or the seconds that are left. */
  onchange: () => void
  /** The server has not been asked for an hour: it may be time to. */
  oncontact: () => void
}

/** The longest pause between two looks. */
const LOOKED_EVERY = 30_000
const ASKED_AFTER = 60 * 60_000
const ASKED_EVERY = 10 * 60_000
/** Inputs within a second of another are no news. */
const KEPT_EVERY = 1_000

export function createGuard({ clock, tab, onchange, oncontact }: GuardDoors) {
  let policies: DevicePolicies = NO_POLICIES
  let locked: Locked | undefined
  let last: LastInput | undefined
  let secondsLeft: number | undefined
  let askedAt = -Infinity

  const now = () => ({ clock: clock(), tab: tab() })

  function set(next: Locked | undefined, seconds: number | undefined): void {
    if (next?.why === locked?.why && seconds === secondsLeft) return
    locked = next
    secondsLeft = seconds
    onchange()
  }

  function lock(why: Locked['why']): void {
    keepLock({ why, sessionEnded: false })
    set({ why, sessionEnded: false }, undefined)
  }

  function readPolicies(): void {
    policies = known()?.policies ?? NO_POLICIES
    if (policies.lockMinutes === null) {
      forgetInput()
      last = undefined
      return
    }
    const at = keptInput()
    if (at === undefined) touch()
    else if (at !== last?.at) last = { at, heard: tab() }
  }

  function touch(): void {
    const { clock: at, tab: heard } = now()
    keepInput(at)
    last = { at, heard }
  }
  const isNoNews = () =>
    last !== undefined &&
    secondsLeft === undefined &&
    Math.abs(clock() - last.at) < KEPT_EVERY &&
    tab() - last.heard < KEPT_EVERY

  function leaseIsOver(): boolean {
    if (policies.leaseDays === null) return false
    const lease = lookedAt(keptLease() ?? contactAt(clock(), 0), clock())
    keepLease(lease)
    if (isOver(lease, policies.leaseDays)) return true
    if (sinceContact(lease) >= ASKED_AFTER && tab() - askedAt >= ASKED_EVERY) {
      askedAt = tab()
      oncontact()
    }
    return false
  }

  /** Locks where it is time. @returns after how many milliseconds to look again; undefined while it is locked */
  function look(): number | undefined {
    const kept = keptLock()
    if (kept) {
      set(kept, undefined)
      return undefined
    }
    if (leaseIsOver()) {
      lock('lease')
      return undefined
    }
    const left = last && policies.lockMinutes !== null ? timeLeft(last, policies.lockMinutes, now()) : Infinity
    if (left <= 0) {
      lock('idle')
      return undefined
    }
    set(undefined, left <= WARNED ? Math.ceil(left / 1_000) : undefined)
    return left <= WARNED ? left % 1_000 || 1_000 : Math.min(LOOKED_EVERY, left - WARNED)
  }

  return {
    look,
    /** The policies may be others, or another tab has locked or unlocked. */
    lookAnew(): number | undefined {
      readPolicies()
      return look()
    },
    /** Somebody is here; after the time is over, this is too late. @returns as `look`, undefined also where it is no news */
    input(): number | undefined {
      if (policies.lockMinutes === null || locked || isNoNews()) return undefined
      if (look() === undefined) return undefined
      touch()
      return look()
    },
    /** Another tab had input. */
    heard(): number | undefined {
      const at = keptInput()
      if (at !== undefined) last = { at, heard: tab() }
      return look()
    },
    /** The server has answered. @param at by the device's clock */
    contact(at: Instant, offset: number): void {
      keepLease(contactAt(at, offset))
    },
    /** Somebody has signed in. */
    release(): void {
      // The lock goes last: another tab that sees it gone must see why, or it would lock all of them once more.
      touch()
      keepLease(contactAt(clock(), keptLease()?.offset ?? 0))
      readPolicies()
      forgetLock()
      set(undefined, undefined)
    },
    get locked(): Locked | undefined {
      return locked
    },
    get secondsLeft(): number | undefined {
      return secondsLeft
    },
  }
}
