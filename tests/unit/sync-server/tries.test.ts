// How tries are counted.
import { expect, test } from 'vitest'
import { createTries, type Kept } from '../../../sync-server/tries.ts'

const rule = { window: 60, max: 2 }
const nothingKept: Kept = { read: async () => undefined, write: async () => undefined, forget: async () => undefined }

test('the first of a window pass, each key has its own, and a new window starts anew', async () => {
  const clock = { now: 0 }
  const tries = createTries(() => clock.now, nothingKept)
  const allowed = async (key: string) => (await tries.consume(key, rule)).allowed
  expect([await allowed('a'), await allowed('a'), await allowed('a'), await allowed('b')]).toEqual([
    true,
    true,
    false,
    true,
  ])
  clock.now = 59_000
  expect(await tries.consume('a', rule)).toEqual({ allowed: false, retryAfter: 1 })
  clock.now = 60_000
  expect(await allowed('a')).toBe(true)
})

test('a flood of keys does not grow without end, and the living count on', async () => {
  const clock = { now: 0 }
  const tries = createTries(() => clock.now, nothingKept)
  for (let index = 0; index < 10_000; index += 1) await tries.consume(`old ${index}`, rule)
  clock.now = 61_000
  for (let index = 0; index < 3; index += 1) await tries.consume('living', rule)
  for (let index = 0; index < 9_000; index += 1) await tries.consume(`new ${index}`, rule)
  expect(await tries.consume('living', rule)).toMatchObject({ allowed: false })
})
