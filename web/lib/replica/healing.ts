// A connection to IndexedDB that mends itself. Browsers close connections in the background, lose the process behind them, or ask an
// old tab to make way; such a connection is dropped and opened again, at most three times, and then said plainly.
import type { Dexie } from 'dexie'
import { DeviceFull } from './storage.ts'

const TRIES = 3
const DEAD = new Set([
  'DatabaseClosedError',
  'InvalidStateError',
  'UnknownError',
  'AbortError',
  'TransactionInactiveError',
  'InvalidState',
  'OpenFailedError',
])

/** The store could not be reached after several tries. Nothing was written. */
export class StoreUnreachable extends Error {
  override name = 'StoreUnreachable'
}

export function healing<Database extends Dexie>(open: () => Database, onClosed: (() => void) | undefined) {
  let database: Database | undefined
  let closed = false

  const connect = () => {
    if (closed) throw new StoreUnreachable('This tab has closed its data. Reload it.')
    if (database) return database
    const fresh = open()
    fresh.on('versionchange', () => {
      // A newer version of the app, or the erasing of all data, waits for this connection.
      close()
      onClosed?.()
    })
    fresh.on('close', () => {
      if (database === fresh) database = undefined
    })
    database = fresh
    return fresh
  }
  const close = () => {
    closed = true
    database?.close()
    database = undefined
  }

  return {
    close,
    async run<T>(work: (database: Database) => PromiseLike<T>): Promise<T> {
      for (let attempt = 1; ; attempt += 1) {
        const connection = connect()
        try {
          return await work(connection)
        } catch (error) {
          if (isFull(error))
            throw new DeviceFull('This device is full. The last change was not made; free some space and try again.')
          if (!isDead(error)) throw error
          if (database === connection) database = undefined
          connection.close()
          if (attempt >= TRIES)
            throw new StoreUnreachable('The data on this device can’t be reached. Export the queue, then reload.', {
              cause: error,
            })
        }
      }
    },
  }
}

/** Dexie wraps what the browser said; the reason lies inside. */
function* reasons(error: unknown): Generator<{ name: string }> {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth += 1) {
    yield at
    at = 'inner' in at ? at.inner : at.cause
  }
}

const isFull = (error: unknown) => [...reasons(error)].some(({ name }) => name === 'QuotaExceededError')
const isDead = (error: unknown) => [...reasons(error)].some(({ name }) => DEAD.has(name))
