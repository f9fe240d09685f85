// Questions to the worker: asked before it is there, answered after it is gone.
import { expect, test } from 'vitest'
import { createDoor, type UsageThread } from '#lib/usage/door.ts'
import type { FromWorker, ToWorker } from '#lib/usage/messages.ts'
import { isSettled } from '#lib/usage/settled.ts'
import type { UsageAnswer } from '#lib/usage/types.ts'

const range = { from: '2026-11-01', to: '2026-11-30' }
const answer = (credits: number): UsageAnswer => ({
  sums: { credits, contactViews: 0, days: [], top: [], users: 1, products: [], groups: [] },
  missing: [],
  upTo: 1,
  version: 1,
})

function threads() {
  const started: (UsageThread & { heard: ToWorker[]; ended: boolean; say: (message: FromWorker) => void })[] = []
  const faults: unknown[] = []
  const states: unknown[] = []
  const door = createDoor(() => {
    const thread: (typeof started)[number] = {
      heard: [],
      ended: false,
      onmessage: null,
      onerror: null,
      postMessage: (message: ToWorker) => void thread.heard.push(message),
      terminate: () => void (thread.ended = true),
      say: (message) => thread.onmessage?.call({} as Worker, { data: message } as MessageEvent),
    }
    started.push(thread)
    return thread
  })
  const open = (name: string) =>
    door.open({ name, keeps: true }, { onstate: (state) => states.push(state), onfault: (error) => faults.push(error) })
  return { door, started, faults, states, open }
}

test('what is asked before the account is known is asked of its store once it is', async () => {
  const { door, started, open } = threads()
  const asked = door.ask(range, 3)
  open('store')
  expect(started[0]?.heard).toEqual([
    { kind: 'open', name: 'store', keeps: true },
    { kind: 'ask', id: 1, query: range, top: 3 },
  ])
  started[0]?.say({ kind: 'answer', id: 1, answer: answer(7) })
  expect((await asked).sums.credits).toBe(7)
})

test('who waits when all is closed is told that nothing is here, and a late answer reaches nobody', async () => {
  const { door, started, states, faults, open } = threads()
  open('store')
  const [asked, users] = [door.ask(range, 3), door.usersOf(range)]
  door.close()
  expect(await asked).toMatchObject({ sums: { credits: 0 }, upTo: undefined, version: 0 })
  expect(await users).toEqual([])
  const [first] = started
  expect(first?.ended).toBe(true)
  first?.say({ kind: 'answer', id: 1, answer: answer(7) })
  first?.say({ kind: 'state', state: { months: [], memoryBytes: 1, diskBytes: 1, fault: undefined } })
  first?.say({ kind: 'fault', message: 'late' })
  expect([states, faults]).toEqual([[], []])

  // The next account's answers are its own, although the numbers go on.
  open('another store')
  const next = door.ask(range, 3)
  started[1]?.say({ kind: 'answer', id: 3, answer: answer(9) })
  expect((await next).sums.credits).toBe(9)
})

test('a question that fails says why', async () => {
  const { door, started, faults, open } = threads()
  open('store')
  const asked = door.ask(range, 3)
  started[0]?.say({ kind: 'failed', id: 1, message: 'The store can’t be reached.' })
  await expect(asked).rejects.toThrow('The store can’t be reached.')
  started[0]?.say({ kind: 'fault', message: 'Something else.' })
  expect(faults).toEqual([new Error('Something else.')])
})

test('it is settled when all that is kept is as the rows say, or named as missing', () => {
  const told = {
    keepFrom: '2025-11',
    months: { '2026-11': { version: 5, entries: 1 }, '2025-01': { version: 2, entries: 1 } },
  }
  const held = (version: number, state: 'here' | 'fetching' | 'missing', month = '2026-11') => ({
    months: [{ month, state, version, entries: 1, bytes: 1 }],
  })
  expect(isSettled(told, held(5, 'here'))).toBe(true)
  expect(isSettled(told, held(4, 'here'))).toBe(false)
  expect(isSettled(told, held(6, 'here'))).toBe(false)
  expect(isSettled(told, held(0, 'fetching'))).toBe(false)
  expect(isSettled(told, held(0, 'missing'))).toBe(true)
  // A month that has just begun has not been looked for yet.
  expect(isSettled(told, held(5, 'here', '2026-10'))).toBe(false)
})
