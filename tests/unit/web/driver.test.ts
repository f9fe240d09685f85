// When the driver syncs: a nudge is never lost, whatever the exchange that it comes in the middle of.
import { expect, test } from 'vitest'
import { createDriver } from '#lib/replica/driver.ts'
import type { Exchanged } from '#lib/replica/exchange.ts'

function driven() {
  const exchanges: ((state: Exchanged) => void)[] = []
  const pauses: (() => void)[] = []
  let asked = 0
  const driver = createDriver({
    exchange: () => {
      asked += 1
      return new Promise((resolve) => exchanges.push(resolve))
    },
    after: (_milliseconds, run) => {
      pauses.push(run)
      return () => void pauses.splice(pauses.indexOf(run), 1)
    },
    random: () => 0.5,
    onState: () => undefined,
    report: (error) => {
      throw error
    },
  })
  return {
    driver,
    answer: async (state: Exchanged) => {
      exchanges.shift()?.(state)
      await new Promise((resolve) => setTimeout(resolve))
    },
    /** How often the server was asked, and how many pauses wait. */
    seen: () => [asked, pauses.length],
  }
}

test('without a network it tries again after a pause', async () => {
  const { driver, answer, seen } = driven()
  driver.start()
  await answer({ kind: 'offline' })
  expect(seen()).toEqual([1, 1])
})

test('a network that comes back while a request still fails is used at once', async () => {
  const { driver, answer, seen } = driven()
  driver.start()
  driver.nudge()
  await answer({ kind: 'offline' })
  expect(seen()).toEqual([2, 0])
  await answer({ kind: 'offline' })
  expect(seen()).toEqual([2, 1])
})

test('what is asked for in the middle of an exchange is done after it', async () => {
  const { driver, answer, seen } = driven()
  driver.start()
  driver.nudge()
  await answer({ kind: 'idle' })
  await answer({ kind: 'idle' })
  expect(seen()).toEqual([2, 0])
})
