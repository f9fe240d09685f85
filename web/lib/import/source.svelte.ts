// The file that Add Multiple Users is filled from: read in a worker, kept on this device until its rows are queued, so that a reload in the
// middle begins it anew with everything that was mended. One at a time. Nothing of it is sent.
import { device } from '#lib/device.svelte.ts'
import { drafts } from '#lib/users/drafts.svelte.ts'
import { toNameKey } from '#shared/model.ts'
import { faultWords, type FileFault } from './fault.ts'
import { MAX_FILE_BYTES } from './decode.ts'
import { NO_CHANGES, type FileChanges } from './file-changes.ts'
import { keptImport, type KeptFile, type KeptImport } from './keep.ts'
import type { Chosen, Shape } from './read.ts'
import { startReading } from './reader.ts'
import { recall, rememberColumns } from './remembered-columns.ts'
import type { DraftRow } from './rows.ts'
import { v7 as newId } from 'uuid'

const SHOWN_EVERY = 250

/** `account`: whose data was open when it was read; undefined before any was. */
let file = $state.raw<KeptFile & { account: string | undefined }>()
let shape = $state.raw<Shape>()
let progress = $state.raw<{ done: number; total: number }>()
let problem = $state.raw<string>()
let holdsRemoved = $state(false)
let stop: (() => void) | undefined
let openedFor: string | undefined

function read(next: KeptFile, kept: FileChanges): void {
  stop?.()
  file = { ...next, account: device.database }
  const { blob, name, chosen } = next
  shape = undefined
  problem = undefined
  progress = { done: 0, total: blob.size }
  drafts.beginFile(keep, kept)
  // The page draws what has come a few times a second, not with each part.
  let arrived: DraftRow[] = []
  let shownAt = -Infinity
  const hand = () => {
    drafts.addFromFile(arrived)
    arrived = []
    shownAt = performance.now()
  }
  const fail = (fault: FileFault) => {
    problem = `${name} can’t be read. ${faultWords(fault)}`
    leave()
  }
  if (blob.size > MAX_FILE_BYTES)
    return fail({
      text: `It has ${Math.ceil(blob.size / 1024 / 1024)} MB; at most ${MAX_FILE_BYTES / 1024 / 1024} MB can be read. Split it.`,
    })
  stop = startReading(
    {
      file: blob,
      chosen,
      products: device.products.map((product) => toNameKey(product.name)),
      groups: device.groups.map(({ nameKey }) => nameKey),
    },
    {
      shape: (found) => {
        const remembered = chosen.columns ? undefined : recall(found.heads)
        // The same heads were laid out by hand before: read again so.
        if (remembered && remembered.join() !== found.columns.join()) reread({ columns: remembered })
        else shape = found
      },
      rows: (rows, now) => {
        for (const row of rows) arrived.push(row)
        if (performance.now() - shownAt < SHOWN_EVERY) return
        hand()
        progress = now
      },
      end: () => {
        hand()
        progress = undefined
        drafts.endFile()
      },
      fault: fail,
    },
  )
}

/** Reads the same file with something chosen instead of the guess; what was mended stays mended. */
function reread(some: Chosen): void {
  if (!file) return
  // With other cells in other columns, what was mended in the old ones is no longer true.
  const kept = some.delimiter || some.encoding ? NO_CHANGES : drafts.fileChanges
  read({ ...file, id: newId(), chosen: { ...file.chosen, ...some } }, kept)
  keepFile()
}

function keepFile(): void {
  if (!file || !device.database || !device.keeps) return
  const { id, blob, name, chosen } = file
  keptImport.file(device.database, { id, blob, name, chosen }).catch(reportError)
  keep()
}

/** What was done to the file. Of what has been asked for when the page goes, nothing is lost. */
function keep(): void {
  if (!file || !device.database || !device.keeps) return
  const work = { ...drafts.fileChanges, settings: drafts.settings, removed: holdsRemoved }
  keptImport.work(device.database, file.id, work).catch(reportError)
}

function leave(): void {
  stop?.()
  file = undefined
  holdsRemoved = false
  shape = undefined
  progress = undefined
  drafts.dropFile()
  const { database } = device
  if (database) keptImport.forget(database).catch(reportError)
}

export const source = {
  get name(): string | undefined {
    return file?.name
  },
  get shape(): Shape | undefined {
    return shape
  },
  /** In characters; undefined when all of it is read. */
  get progress() {
    return progress
  },
  get isReading(): boolean {
    return progress !== undefined
  },
  /** Why the last file could not be read. */
  get problem(): string | undefined {
    return problem
  },
  get holdsRemoved(): boolean {
    return holdsRemoved && file !== undefined
  },
  /** Notes that the kept file holds what is asked for; answers its name where that is new. */
  async markRemoved(account: string, isHeld: (kept: KeptImport) => Promise<boolean>): Promise<string | undefined> {
    const kept = await keptImport.read(account)
    if (!kept || kept.work.removed || holdsRemoved || !(await isHeld(kept))) return undefined
    if (file) {
      holdsRemoved = true
      keep()
    } else await keptImport.work(account, kept.file.id, { ...kept.work, removed: true })
    return kept.file.name
  },
  /** Takes up what a reload interrupted; a second call for the same account does nothing. */
  async restore(account: string): Promise<void> {
    if (openedFor === account) return
    const isFirst = openedFor === undefined
    openedFor = account
    if (file) {
      // Chosen before the rows were here that it is matched to: it is read anew, with them.
      if (file.account === account || (isFirst && file.account === undefined)) return reread({})
      stop?.()
      file = shape = progress = problem = undefined
    }
    const kept = await keptImport.read(account)
    if (!kept || file) return
    drafts.choose(kept.work.settings)
    holdsRemoved = kept.work.removed
    read(kept.file, kept.work)
    keep()
  },
  open(blob: Blob, name: string): void {
    drafts.choose({ newGroups: [], existing: 'ask', clears: false })
    holdsRemoved = false
    read({ id: newId(), blob, name, chosen: {} }, NO_CHANGES)
    keepFile()
  },
  reread(some: Chosen): void {
    if (some.columns && shape) rememberColumns(shape.heads, some.columns)
    reread(some)
  },
  /** Stops reading, or lets go of what was read. */
  leave,
}
