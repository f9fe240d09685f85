// Since when what is shown is true: a copy is as of the answer that completed it.
import { expect, test } from 'vitest'
import { receivePage } from '#lib/replica/receive.ts'
import type { SyncResponse } from '#shared/protocol.ts'
import { syncRow } from './storage-contract.ts'

const NOON = Date.UTC(2026, 10, 28, 12)
const page = (version: number, more: boolean): SyncResponse => ({
  protocol: 2,
  now: NOON,
  outcomes: [],
  changes: [],
  cursor: { version, since: 0 },
  seen: { version, hash: '' },
  more,
  total: 0,
})

test('while pages of a copy follow, it is as of what was shown before', () => {
  const decide = (from: ReturnType<typeof syncRow>, more: boolean) =>
    receivePage(from, page(7, more), { now: NOON, newId: () => '' })({ sync: from, records: [], lastPlace: 0 })?.sync

  expect(decide(syncRow(), true)).toMatchObject({ asOf: 0, shown: { version: 0 } })
  expect(decide(syncRow(), false)).toMatchObject({ asOf: NOON, shown: { version: 7 } })
  expect(decide(syncRow({ asOf: 5 }), true)).toMatchObject({ asOf: 5 })
})
