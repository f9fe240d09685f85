// When what was counted is published: at once after a quiet time, else when its time has come, and never two at a time.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { OrganisationId } from '#shared/model.ts'
import { createSchedule } from '../../../sync-server/usage/schedule.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const acme = 'acme' as OrganisationId

function schedule(publish: () => Promise<unknown> = async () => undefined) {
  const begun: number[] = []
  const errors: unknown[] = []
  const made = createSchedule({
    every: 60_000,
    clock: () => Date.now(),
    log: { error: (fact: unknown) => void errors.push(fact), info: () => undefined, debug: () => undefined },
    publish: () => {
      begun.push(Date.now() - 1_000_000)
      return publish()
    },
  })
  return { ...made, begun, errors }
}

test('at once after a quiet time, else when the time since the last is over', async () => {
  const { counted, begun } = schedule()
  counted(acme, 0)
  await vi.advanceTimersByTimeAsync(1)
  expect(begun).toEqual([0])
  counted(acme, 1_000_000)
  counted(acme, 1_000_000)
  await vi.advanceTimersByTimeAsync(59_000)
  expect(begun).toEqual([0])
  await vi.advanceTimersByTimeAsync(100_000)
  expect(begun).toEqual([0, 60_000])
})

test('what is counted while a publication is under way is published after it', async () => {
  const first = Promise.withResolvers<undefined>()
  const { counted, begun } = schedule(() => first.promise)
  counted(acme, 0)
  await vi.advanceTimersByTimeAsync(10)
  counted(acme, 0)
  await vi.advanceTimersByTimeAsync(10)
  expect(begun).toHaveLength(1)
  first.resolve(undefined)
  await vi.advanceTimersByTimeAsync(1)
  expect(begun).toHaveLength(2)
})

test('one that fails is logged and tried again; a clock that went back holds nothing up for longer', async () => {
  let fails = true
  const { counted, begun, errors } = schedule(async () => {
    if (fails) throw new Error('The disk is full.')
  })
  counted(acme, Date.now() + 3_600_000)
  await vi.advanceTimersByTimeAsync(60_000)
  expect([begun.length, errors.length]).toEqual([1, 1])
  fails = false
  await vi.advanceTimersByTimeAsync(60_000)
  expect([begun.length, errors.length]).toEqual([2, 1])
})

test('after it is closed nothing is published', async () => {
  const { counted, left, close, begun } = schedule()
  counted(acme, 1_000_000)
  close()
  left(acme)
  await vi.advanceTimersByTimeAsync(120_000)
  expect(begun).toEqual([])
})
