// Makes the n-th call of IndexedDB fail, in the ways in which browsers fail: by patching fake-indexeddb's own classes for a while.
import { IDBCursor, IDBDatabase, IDBFactory, IDBIndex, IDBObjectStore, IDBTransaction } from 'fake-indexeddb'

export const FAULTS = ['throws', 'aborts its transaction', 'finds the disk full', 'finds the connection dead'] as const
export type Fault = (typeof FAULTS)[number]

type Method = (this: object, ...args: unknown[]) => unknown
const SITES: [object, readonly string[]][] = [
  [IDBFactory.prototype, ['open']],
  [IDBDatabase.prototype, ['transaction']],
  [
    IDBObjectStore.prototype,
    ['get', 'getAll', 'getAllKeys', 'put', 'add', 'delete', 'clear', 'openCursor', 'openKeyCursor', 'count'],
  ],
  [IDBIndex.prototype, ['get', 'getAll', 'openCursor', 'openKeyCursor']],
  [IDBCursor.prototype, ['continue', 'advance']],
]

let undo: (() => void)[] = []

/** Puts everything back. */
export function stopFailing(): void {
  for (const back of undo.toReversed()) back()
  undo = []
}

/**
 * Lets the n-th call from now on fail; with `forGood` every call after it, too.
 * @returns whether the call was reached
 */
export function failAt(site: number, fault: Fault, forGood: boolean): () => boolean {
  let calls = 0
  for (const [prototype, names] of SITES)
    for (const name of names) {
      const original = Reflect.get(prototype, name) as Method | undefined
      if (!original) continue
      const patched: Method = function (...args) {
        calls += 1
        if (forGood ? calls >= site : calls === site) fail(this, fault)
        return original.apply(this, args)
      }
      Object.defineProperty(prototype, name, { value: patched, configurable: true, writable: true })
      undo.push(() => Object.defineProperty(prototype, name, { value: original, configurable: true, writable: true }))
    }
  return () => calls >= site
}

function fail(at: object, fault: Fault): void {
  const transaction = transactionOf(at)
  switch (fault) {
    case 'throws':
      throw new DOMException('The browser failed.', 'UnknownError')
    case 'finds the disk full':
      // As browsers do: the transaction ends with the error, and the call says so.
      transaction?.abort()
      throw new DOMException('There is no room.', 'QuotaExceededError')
    case 'aborts its transaction':
      if (!transaction) throw new DOMException('Aborted.', 'AbortError')
      transaction.abort()
      return
    case 'finds the connection dead':
      transaction?.abort()
      throw new DOMException(
        'Connection to Indexed Database server lost. Refresh the page to try again',
        'InvalidStateError',
      )
  }
}

function transactionOf(at: object): IDBTransaction | undefined {
  if (at instanceof IDBTransaction) return at
  if (at instanceof IDBObjectStore) return at.transaction
  if (at instanceof IDBIndex) return at.objectStore.transaction
  if (at instanceof IDBCursor) return transactionOf(at.source)
  return undefined
}
