// The data folder: the database, and the secret that signs cookies. Made on first use, readable by its owner alone.
import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Config } from './config.ts'
import { createIdentity, type Identity } from './identity.ts'
import { ownAddress } from './own-address.ts'
import type { Store } from './store/index.ts'
import { openStore } from './store/sqlite.ts'

export const DATABASE = 'quartermaster.db'

export interface Data {
  store: Store
  identity: Identity
}

/** Opens the data folder, migrated. @throws Error with one sentence that says what to do */
export async function openData({ dataDir, host, port, publicUrl }: Config): Promise<Data> {
  try {
    makeFolder(resolve(dataDir))
    accessSync(dataDir, constants.W_OK)
  } catch {
    throw new Error(`The data folder ${dataDir} can't be written. Change its owner, or name another in DATA_DIR.`)
  }
  const store = await openStore({ file: join(dataDir, DATABASE), now: Date.now() })
  const url = publicUrl ?? ownAddress(host, port)
  return { store, identity: createIdentity({ store, secret: secretIn(dataDir), url }) }
}

/** Not by mkdir's own `recursive`, which never comes back where a file system refuses its folders as unknown. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

function secretIn(dataDir: string): string {
  const file = join(dataDir, 'secret')
  try {
    // "wx": of two processes that start at once one makes it, and both read the same.
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return readFileSync(file, 'utf8').trim()
}
