// What W8 measures in the page: usage that is fetched and kept by the app's own worker, the first answer after opening, and sums.
import { v7 } from 'uuid'
import { dexieStorage } from '#lib/replica/dexie.ts'
import { FORMAT } from '#lib/replica/storage.ts'
import { createDoor } from '#lib/usage/door.ts'
import type { HeldState, Told } from '#lib/usage/messages.ts'
import type { ClientId } from '#shared/model.ts'
import type { Who } from './device.ts'
import { watchTasks } from './longest.ts'
import type { Range, SumsAsked, SumsMeasured } from './usage-sums.ts'

const door = createDoor(() => new Worker('/usage-worker.js', { type: 'module' }))
let sums: Worker | undefined

export const usageBench = {
  /** Signs in on a fresh device and keeps all months that are told. */
  async keepUsage({ name, who, months }: { name: string; who: Who; months: Told['months'] }) {
    const storage = dexieStorage({ name })
    const born = v7()
    await storage.create({
      key: 'sync',
      revision: 1,
      format: FORMAT,
      born,
      ...who,
      clientId: v7() as ClientId,
      base: 0,
      shown: { generation: 1, version: 1 },
      generation: 1,
      cursor: { version: 1, since: 1 },
      seen: { version: 1, hash: '' },
      asOf: 0,
      offset: 0,
    })
    const watch = watchTasks()
    const start = performance.now()
    let state: HeldState | undefined
    await new Promise<void>((resolve, reject) => {
      door.open(
        { name, keeps: true },
        {
          onstate: (now) => {
            state = now
            if (now.months.length > 0 && now.months.every((month) => month.state === 'here')) resolve()
          },
          onfault: reject,
        },
      )
      const [keepFrom = ''] = Object.keys(months).sort()
      door.send({
        kind: 'follow',
        told: { organisation: who.organisation, born, generation: 1, months, keepFrom, upTo: 1 },
      })
    })
    const ms = performance.now() - start
    storage.close()
    return { ms, longest: await watch.stop(), months: state?.months.length ?? 0, diskBytes: state?.diskBytes ?? 0 }
  },

  /** From nothing in memory to the answer; the page is a new one each time. */
  async openUsage({ name, range }: { name: string; range: Range }) {
    let memoryBytes = 0
    const watch = watchTasks()
    const start = performance.now()
    door.open(
      { name, keeps: true },
      {
        onstate: (state) => (memoryBytes = Math.max(memoryBytes, state.memoryBytes)),
        onfault: (error) => {
          throw error
        },
      },
    )
    const { sums: answer } = await door.ask(range, 10)
    const ms = performance.now() - start
    const again = performance.now()
    await door.ask(range, 10)
    const againMs = performance.now() - again
    const { credits, contactViews, users } = answer
    return { ms, againMs, longest: await watch.stop(), memoryBytes, credits, contactViews, users }
  },

  /** Sums each range by the engine and by raw passes, in one worker. */
  sumUsage: (asked: SumsAsked): Promise<SumsMeasured> => {
    sums ??= new Worker('/usage-sums.js', { type: 'module' })
    const worker = sums
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<SumsMeasured>) => resolve(data)
      worker.onerror = ({ message }) => reject(new Error(message))
      worker.postMessage(asked)
    })
  },
}
