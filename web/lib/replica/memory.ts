// The store in plain memory: the simulation's fast tier, and a device that keeps nothing. Several tabs may share one `Disk`.
// It copies what it is given and what it answers, as IndexedDB does, so that no caller can change what is stored.
import {
  Erased,
  FORMAT,
  NewerFormat,
  type Draft,
  type OutboxRecord,
  type Screen,
  type Storage,
  type StoredBlock,
  type SyncRow,
} from './storage.ts'

/** What survives the closing of a tab. */
export interface Disk {
  sync: SyncRow | undefined
  outbox: OutboxRecord[]
  blocks: StoredBlock[]
  screen: Screen | undefined
}

export const emptyDisk = (): Disk => ({ sync: undefined, outbox: [], blocks: [], screen: undefined })

export function memoryStorage(disk: Disk = emptyDisk()): Storage {
  const lastPlace = () => disk.outbox.at(-1)?.place ?? 0
  const read = () => {
    if (disk.sync && disk.sync.format > FORMAT) throw new NewerFormat()
    return disk.sync
  }
  return {
    open: async () => copy(read()),
    create: async (sync) => {
      if (read()) return false
      Object.assign(disk, emptyDisk(), { sync: copy(sync) })
      return true
    },
    outbox: async (afterPlace) =>
      copy({ sync: read(), records: disk.outbox.filter(({ place }) => place > afterPlace) }),

    append: async (drafts, { born, knownPlace }) => {
      const sync = read()
      if (sync?.born !== born) throw new Erased()
      disk.outbox.push(...copy(placed(drafts, disk.outbox, lastPlace())))
      return copy({ sync, records: disk.outbox.filter(({ place }) => place > knownPlace) })
    },

    transact: async (_mode, afterPlace, decide) => {
      const found = read()
      if (!found) return undefined
      const plan = decide(
        copy({ sync: found, records: disk.outbox.filter(({ place }) => place > afterPlace), lastPlace: lastPlace() }),
      )
      if (!plan) return undefined
      // All is copied before any is written: what can't be stored throws here.
      const written = copy(plan)
      disk.sync = written.sync
      for (const record of written.records) {
        const at = disk.outbox.findIndex(({ place }) => place === record.place)
        if (at >= 0) disk.outbox[at] = record
        else disk.outbox.push(record)
      }
      disk.blocks.push(...written.blocks)
      disk.blocks.sort((a, b) => compareKeys(a.key, b.key))
      return plan
    },

    readBlocks: async ({ generation, after, upTo }, order, visit) => {
      const found = disk.blocks.filter(
        ({ key: [g, version] }) => g === generation && version > after && version <= upTo,
      )
      if (order === 'newest-first') found.reverse()
      for (let from = 0; from < found.length; from += 10) await visit(copy(found.slice(from, from + 10)))
    },
    replaceBlocks: async (keys, by) => {
      const named = disk.blocks.filter(({ key }) => keys.some((other) => compareKeys(key, other) === 0))
      if (named.length !== keys.length) return false
      const one = by(copy(named))
      disk.blocks = disk.blocks.filter((block) => !named.includes(block))
      if (one) disk.blocks.push(copy(one))
      disk.blocks.sort((a, b) => compareKeys(a.key, b.key))
      return true
    },
    keepGeneration: async (generation) => {
      disk.blocks = disk.blocks.filter(({ key }) => key[0] >= generation)
    },
    prune: async (beforePlace) => {
      const newest = lastPlace()
      disk.outbox = disk.outbox.filter(({ place }) => place >= beforePlace || place === newest)
    },
    screen: async () => copy(disk.screen),
    putScreen: async (screen) => {
      const sync = read()
      if (sync && screen.version >= sync.shown.version) disk.screen = copy(screen)
    },
    erase: async (last) => {
      if (last !== undefined && (!read() || lastPlace() !== last)) return false
      Object.assign(disk, emptyDisk())
      return true
    },
    close: () => undefined,
  }
}

/** Gives drafts the places after the last one; a draft that a repeated try has already appended is left out. */
export function placed(drafts: readonly Draft[], known: readonly OutboxRecord[], lastPlace: number): OutboxRecord[] {
  const ids = new Set(known.map(({ id }) => id))
  return drafts.filter(({ id }) => !ids.has(id)).map((draft, at) => ({ ...draft, place: lastPlace + 1 + at }))
}

export const compareKeys = (a: StoredBlock['key'], b: StoredBlock['key']): number =>
  a[0] - b[0] || a[1] - b[1] || a[2] - b[2]

const copy = <T>(value: T): T => structuredClone(value)
