// Who is gone leaves the device's store at once, in each kind of store: rows of every version, the first screen, what was typed about them
// and what the server answered. Whatever the moment at which the device dies, the next opening ends what was begun.
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { describe, expect, test } from 'vitest'
import { writeScreen } from '#lib/device/screen.ts'
import { dexieStorage } from '#lib/replica/dexie.ts'
import { createForget, type Beside } from '#lib/replica/forget.ts'
import { emptyDisk, memoryStorage } from '#lib/replica/memory.ts'
import { createReplica, type Replica } from '#lib/replica/replica.ts'
import type { Storage } from '#lib/replica/storage.ts'
import { addUsers } from '#shared/operations/add-users.ts'
import { assignGroup } from '#shared/operations/assign-group.ts'
import { eraseUser } from '#shared/operations/erase-user.ts'
import { resetPassword } from '#shared/operations/reset-password.ts'
import { updateUser } from '#shared/operations/update-user.ts'
import { updateUsers } from '#shared/operations/update-users.ts'
import { undo } from '#shared/operations/undo.ts'
import type { UserId } from '#shared/model.ts'
import { replicaDevice } from '../../support/replica.ts'
import { organisation, type World } from '../../support/server.ts'

interface Kept {
  storage: Storage
  /** Everything that the store holds, as text, read behind the app's back. */
  dump: () => Promise<string>
}
const stores: Record<string, () => Kept> = {
  memory: () => {
    const disk = emptyDisk()
    return { storage: memoryStorage(disk), dump: () => Promise.resolve(JSON.stringify(disk)) }
  },
  Dexie: () => {
    const indexedDB = new IDBFactory()
    return {
      storage: dexieStorage({ name: 'store', indexedDB, IDBKeyRange }),
      dump: () => dumpOf(indexedDB),
    }
  },
}

async function dumpOf(indexedDB: IDBFactory): Promise<string> {
  const asked = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error ?? new Error('no answer'))
    })
  const db = await asked(indexedDB.open('store'))
  const all = await Promise.all(
    [...db.objectStoreNames].map((name) => asked(db.transaction(name).objectStore(name).getAll())),
  )
  db.close()
  return JSON.stringify(all)
}

/** Everything that was ever personal of her, and the name that was left of him whom she is confused with. */
const ANA = ['ana.silva@old.example', 'ana@new.example', 'Anabela', 'Sylvania', 'Botanist', '555-0199', 'EXT-ANA']
const found = async ({ dump }: Kept) => {
  const text = await dump()
  return ANA.filter((value) => text.includes(value))
}

/** A device that has added Ana among others, changed her, been refused for her address, and shows her in its first screen. */
async function deviceWithAna(kept: Kept, world: World) {
  const device = await replicaDevice(world, 'ingrid', kept.storage)
  const { replica } = device
  const person = (email: string, firstName: string) => ({
    id: world.newId() as UserId,
    email,
    firstName,
    lastName: 'Sylvania',
    title: 'Botanist',
    phone: '555-0199',
    externalId: 'EXT-ANA',
    productId: world.product('Sales Pro'),
    groupId: null,
    limit: null,
    role: 'member' as const,
  })
  const ana = person('ana.silva@old.example', 'Anabela')
  const bo = { ...person('bo@tern.example', 'Bo'), lastName: 'Berg', title: '', phone: '', externalId: '' }
  const group = world.group('Sales')
  await device.perform(addUsers.with({ users: [ana, bo] }))
  await device.sync()
  const email = { from: 'ana.silva@old.example', to: 'ana@new.example' }
  await device.perform(updateUser.with({ userId: ana.id, changes: { email } }))
  await device.perform(assignGroup.with({ userIds: [ana.id], groupId: group }))
  const edits = [
    { id: ana.id, changes: { title: { from: 'Gardener', to: 'Botanist' } } },
    { id: bo.id, changes: { title: { from: '', to: 'Clerk' } } },
  ]
  await device.perform(updateUsers.with({ users: edits }))
  await device.sync()
  // Refused, since the address is hers.
  const twin = { ...person('ANA@new.example', 'Bo'), lastName: 'Twin', title: '', phone: '', externalId: '' }
  await device.perform(addUsers.with({ users: [twin] }))
  await device.sync()
  await writeScreen(kept.storage, replica, [...replica.settledLayer.values('users')])
  return { ...device, ana, bo }
}

const erasedBy = async (world: World, userId: UserId) => {
  const other = await replicaDevice(world, 'kim')
  await other.perform(eraseUser.with({ userId }))
  await other.sync()
  expect(other.rejected()).toEqual([])
}
const world = () =>
  organisation({ products: { 'Sales Pro': 10 }, groups: ['Sales'], users: { kim: { role: 'admin' }, dee: {} } })
const forgetOf = (storage: Storage, replica: Replica, beside?: Beside) =>
  createForget({ storage, replica, breathe: () => undefined, ...(beside && { beside }) })

/** The same store opened by another tab, later. */
async function reopened(kept: Kept, at: World) {
  const replica = createReplica({
    storage: kept.storage,
    clock: () => at.clock.now,
    newId: at.newId,
    breathe: () => undefined,
    report: (error) => {
      throw error
    },
  })
  expect(await replica.open()).toBe(true)
  return replica
}
const rowsOf = (replica: Replica) => ({
  users: [...replica.settledLayer.values('users')].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  groups: [...replica.settledLayer.values('groups')],
})

describe.each(Object.keys(stores))('%s', (kind) => {
  const fresh = () => (stores[kind] ?? (() => expect.fail()))()

  test('after one sync nothing of who was erased is left, and everybody else is as before', async () => {
    const [kept, acme] = [fresh(), await world()]
    const { replica, sync, ana, bo } = await deviceWithAna(kept, acme)
    expect(await found(kept)).toEqual(ANA)
    await erasedBy(acme, ana.id)
    await sync()
    const before = rowsOf(replica)
    let told: string[] = []
    const beside: Beside = ({ emails }) => {
      told = [...emails].toSorted()
      return Promise.resolve()
    }
    expect(await forgetOf(kept.storage, replica, beside)()).toBe(true)
    expect(await found(kept)).toEqual([])
    // Also the address that she no longer had.
    expect(told).toEqual(['ana.silva@old.example', 'ana@new.example'])
    expect(rowsOf(await reopened(kept, acme))).toEqual(before)
    const [added, , , edited] = replica.records
    expect(added?.args).toMatchObject({ users: [{ id: ana.id, email: '', firstName: '' }, { firstName: 'Bo' }] })
    expect(edited?.args).toMatchObject({ users: [{ id: ana.id }, { id: bo.id, changes: { title: { to: 'Clerk' } } }] })
    expect(replica.records[2]?.names.users).toEqual({ [ana.id]: 'Removed user' })
    // What was refused for her address is nothing that could be mended.
    expect(replica.records.at(-1)?.dismissed).toHaveLength(1)
    expect((await kept.storage.screen())?.totals.users).toBe(before.users.length)
    expect((await kept.storage.screen())?.blocks.length).toBeGreaterThan(0)
  })

  test('a device that died before it was done does the rest when it opens', async () => {
    const [kept, acme] = [fresh(), await world()]
    const { sync, ana, replica } = await deviceWithAna(kept, acme)
    await erasedBy(acme, ana.id)
    await sync()
    const stopped = () => Promise.reject(new Error('The tab is gone.'))
    // Before anything, after the caches, after the outbox, after some of the blocks.
    await expect(forgetOf(kept.storage, replica, stopped)()).rejects.toThrow('gone')
    const failing = { ...kept, storage: { ...kept.storage, transact: stopped } }
    await expect(forgetOf(kept.storage, await reopened(failing, acme))()).rejects.toThrow('gone')
    for (let blocks = 0; blocks < 3; blocks += 1) {
      let left = blocks
      const storage = {
        ...kept.storage,
        replaceBlocks: (...args: Parameters<Storage['replaceBlocks']>) =>
          left-- > 0 ? kept.storage.replaceBlocks(...args) : stopped(),
      }
      const opened = await reopened(kept, acme)
      if (opened.leaving.size === 0) break
      expect([...opened.leaving]).toEqual([ana.id])
      await forgetOf(storage, opened)().catch((error: unknown) => expect(String(error)).toContain('gone'))
    }
    const opened = await reopened(kept, acme)
    await forgetOf(kept.storage, opened)()
    expect(await found(kept)).toEqual([])
    expect((await reopened(kept, acme)).leaving.size).toBe(0)
  })

  test('what is still to be sent when she is erased stays as it was made, and is forgotten with its outcome', async () => {
    const [kept, acme] = [fresh(), await world()]
    const { replica, sync, perform, ana, bo } = await deviceWithAna(kept, acme)
    await perform(resetPassword.with({ userIds: [bo.id] }))
    const firstName = { from: 'Anabela', to: 'Anabela B.' }
    await perform(updateUser.with({ userId: ana.id, changes: { firstName } }))
    await erasedBy(acme, ana.id)
    // What mails has waited for more than a day: it asks first, and what stands behind it waits.
    acme.clock.now += 25 * 60 * 60 * 1000
    const state = await sync()
    if (state.kind !== 'waits-for-confirmation') return expect.fail()
    const forget = forgetOf(kept.storage, replica)
    await forget()
    expect(replica.records.at(-1)).toMatchObject({
      args: { changes: { firstName } },
      names: { users: { [ana.id]: 'Anabela Sylvania' } },
    })
    await replica.confirm(state.id)
    await sync()
    expect(replica.records.at(-1)?.settlement?.notApplied).toMatchObject([{ code: 'user-unknown' }])
    await forget()
    expect(await found(kept)).toEqual([])
  })

  test('an added user who was taken back is forgotten as well', async () => {
    const [kept, acme] = [fresh(), await world()]
    const { replica, sync, perform, ana } = await deviceWithAna(kept, acme)
    await perform(updateUser.with({ userId: ana.id, changes: { email: { from: 'ana@new.example', to: ana.email } } }))
    await perform(
      updateUsers.with({ users: [{ id: ana.id, changes: { title: { from: 'Botanist', to: 'Botanist' } } }] }),
    )
    await perform(assignGroup.with({ userIds: [ana.id], groupId: null }))
    const [first] = replica.records
    if (!first) return expect.fail()
    await perform(undo.with({ operationId: first.id, ids: [ana.id] }))
    await sync()
    expect(replica.settledLayer.get('users', ana.id)).toBeUndefined()
    await forgetOf(kept.storage, replica)()
    expect(await found(kept)).toEqual([])
  })

  test('an address that somebody else has by now stays where that one is meant', async () => {
    const [kept, acme] = [fresh(), await world()]
    const { replica, sync, perform, ana, bo } = await deviceWithAna(kept, acme)
    const email = { from: 'bo@tern.example', to: 'ana.silva@old.example' }
    await perform(updateUser.with({ userId: bo.id, changes: { email } }))
    await sync()
    await erasedBy(acme, ana.id)
    await sync()
    await forgetOf(kept.storage, replica)()
    expect(await found(kept)).toEqual(['ana.silva@old.example'])
    expect(replica.records.at(-1)?.args).toMatchObject({ userId: bo.id, changes: { email } })
  })

  test('where nobody has left it writes nothing', async () => {
    const [kept, acme] = [fresh(), await world()]
    const { replica } = await deviceWithAna(kept, acme)
    const before = await kept.dump()
    expect(await forgetOf(kept.storage, replica)()).toBe(false)
    expect(await kept.dump()).toBe(before)
  })
})
