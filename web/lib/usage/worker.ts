// The thread in which usage is fetched, kept and summed, so that neither a year of it nor its arrival is felt on the page.
import { createKeeper, type Keeper } from './keeper.ts'
import { usageInMemory, type UsageInMemory } from './memory-store.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import { usageServer } from './server.ts'
import { usageStore } from './store.ts'

/** So long one tab waits for another that fetches: a suspended one keeps its lock. */
const PATIENCE = 20_000

let keeper: Keeper | undefined
let inMemory: UsageInMemory | undefined

const post = (message: FromWorker) => postMessage(message)
const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function openKeeper(name: string, keeps: boolean): Keeper {
  inMemory = keeps ? undefined : usageInMemory()
  const opened = createKeeper({
    store: inMemory?.store ?? usageStore({ name }),
    server: usageServer,
    // Only who shares a store is spared work by waiting for another tab.
    alone: (work) => (keeps ? alone(`${name}/usage`, work) : work()),
    onstate: (state) => post({ kind: 'state', state }),
    report: (error) => post({ kind: 'fault', message: said(error) }),
  })
  opened.open()
  return opened
}

async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  let begun = false
  try {
    return await navigator.locks.request(name, { signal: AbortSignal.timeout(PATIENCE) }, () => {
      begun = true
      return work()
    })
  } catch (error) {
    if (begun) throw error
    return work()
  }
}

onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'open') keeper = openKeeper(data.name, data.keeps)
  else if (data.kind === 'follow') {
    inMemory?.belongsTo(data.told)
    keeper?.follow(data.told)
  } else if (data.kind === 'nudge') keeper?.nudge()
  else answer(data).catch((error: unknown) => post({ kind: 'failed', id: data.id, message: said(error) }))
}

async function answer(data: Extract<ToWorker, { id: number }>): Promise<void> {
  if (!keeper) throw new Error('No usage is open.')
  const { id, query } = data
  if (data.kind === 'ask') post({ kind: 'answer', id, answer: await keeper.ask(query, data.top) })
  else post({ kind: 'users', id, users: await keeper.users(query) })
}
