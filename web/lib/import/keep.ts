// A file that is being imported, kept in the account's database until its rows are queued: the file once, and beside it with each edit how
// its rows differ. A page that goes leaves no time for a database, so what is not written there yet is kept for this tab meanwhile.
import { keptForTab } from '#lib/kept-for-tab.ts'
import { sideStore } from '#lib/replica/side-store.ts'
import * as v from 'valibot'
import { lacking, NO_CHANGES, together, type FileChanges } from './file-changes.ts'
import type { Chosen } from './read.ts'
import { KeptRow } from './rows.ts'
import { Settings, UNSET } from './settings.ts'

export interface KeptFile {
  /** Of this reading of it: what was done to its rows belongs to one. */
  id: string
  blob: Blob
  name: string
  chosen: Chosen
}

/** What an admin has made of the file. */
export interface KeptWork extends FileChanges {
  settings: Settings
  /** It has the address of a user who was removed since. */
  removed: boolean
}

const Late = v.object({
  id: v.string(),
  touched: v.array(KeptRow),
  gone: v.array(v.number()),
  settings: Settings,
  removed: v.boolean(),
})

export interface KeptImport {
  file: KeptFile
  work: KeptWork
}

/** More than that were changed at one stroke, which is done again sooner than the page could write them while it goes. */
const MOST_LATE = 2_000

const files = sideStore<KeptFile>('imports', 'file')
const works = sideStore<KeptWork & { id: string }>('imports', 'work')
const keyOf = (account: string) => `quartermaster.import.${account}`

/** What the database has of the file that is open. */
let written: FileChanges = NO_CHANGES
let writing: Promise<unknown> = Promise.resolve()
let asked = 0

function inTurn(write: () => Promise<void>): Promise<void> {
  const done = writing.then(write)
  writing = done.catch(() => undefined)
  return done
}

export const keptImport = {
  /** The file that is open in the account, with all that was done to it; undefined where none is. */
  async read(account: string): Promise<KeptImport | undefined> {
    const file = await files.kept(account)
    if (!file) return undefined
    const kept = await works.kept(account)
    const work = kept?.id === file.id ? kept : { ...NO_CHANGES, settings: UNSET, removed: false }
    written = work
    const late = v.safeParse(v.pipe(v.string(), v.parseJson(), Late), keptForTab.get(keyOf(account)))
    if (!late.success || late.output.id !== file.id) return { file, work }
    return { file, work: { ...late.output, ...together(work, late.output) } }
  },
  /** The file takes the place of the one before. */
  file(account: string, file: KeptFile): Promise<void> {
    written = NO_CHANGES
    return inTurn(() => files.keep(account, file))
  },
  /** All that was done to the file so far. A page that goes before it is written finds it nevertheless. */
  work(account: string, id: string, work: KeptWork): Promise<void> {
    asked += 1
    const mine = asked
    const late = lacking(written, work)
    if (late.touched.length + late.gone.length > MOST_LATE) keptForTab.remove(keyOf(account))
    else keptForTab.setIfRoom(keyOf(account), JSON.stringify({ ...work, ...late, id }))
    return inTurn(async () => {
      await works.keep(account, { ...work, id })
      if (asked !== mine) return
      written = work
      keptForTab.remove(keyOf(account))
    })
  },
  /** Its rows are queued, or it was left. */
  forget(account: string): Promise<void> {
    keptForTab.remove(keyOf(account))
    return inTurn(async () => {
      await files.keep(account, undefined)
      await works.keep(account, undefined)
    })
  },
}
