// The word of the pill is true in every state: above all it never says "saved" while the server takes nothing.
import { expect, test } from 'vitest'
import type { Exchanged } from '#lib/replica/exchange.ts'
import { needsFactor, needsSignIn, statusOf } from '#lib/replica/status.ts'
import type { OutboxRecord } from '#lib/replica/storage.ts'
import { draft } from './storage-contract.ts'

const refused = (code: string): Exchanged => ({ kind: 'refused', problem: { title: code, status: 426, code } })
const waiting: OutboxRecord[] = [1, 2].map((place) => ({ ...draft(`operation-${place}`), place }))
const status = (state: Exchanged | undefined, records: OutboxRecord[] = [], online = true) =>
  statusOf({ records, drafts: [], shownVersion: 0, state, online })

test('a server that speaks no protocol of this app holds the queue, and it says so', () => {
  for (const code of ['protocol-too-new', 'protocol-too-old', 'malformed']) {
    expect(status(refused(code))).toEqual({ state: 'held', count: 0, alert: false })
    expect(status(refused(code), waiting)).toEqual({ state: 'held', count: 2, alert: false })
  }
})

test('an ended session and a lost network are said before it', () => {
  expect(status(refused('sign-in-needed'), waiting).state).toBe('sign-in')
  expect(status(refused('protocol-too-new'), waiting, false).state).toBe('offline')
})

test('a second factor that is asked for is a pause: the queue waits, and nobody is told to sign in', () => {
  const state = refused('second-factor-needed')
  expect(status(state, waiting)).toEqual({ state: 'held', count: 2, alert: false })
  expect([needsFactor(state), needsSignIn(state)]).toEqual([true, false])
  expect(needsFactor(refused('sign-in-needed'))).toBe(false)
})

test('without a refusal it saves, or has saved', () => {
  expect(status({ kind: 'idle' }, waiting)).toEqual({ state: 'saving', count: 2, alert: false })
  expect(status({ kind: 'idle' })).toEqual({ state: 'saved', count: 0, alert: false })
})
