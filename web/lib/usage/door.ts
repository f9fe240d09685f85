// Questions to the worker and their answers. One that is closed in between is answered as by a device that holds nothing: the page that
// asked is on its way out.
import type { UserId } from '#shared/model.ts'
import type { FromWorker, HeldState, ToWorker } from './messages.ts'
import type { UsageAnswer, UsageQuery } from './types.ts'

export interface DoorHandlers {
  onstate: (state: HeldState) => void
  onfault: (error: unknown) => void
}
/** What a door needs of a worker. */
export type UsageThread = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>

type Question = { kind: 'ask'; query: UsageQuery; top: number } | { kind: 'users'; query: UsageQuery }
interface Asked {
  question: Question
  answer: (message: FromWorker | undefined) => void
}

export function createDoor(start: () => UsageThread) {
  let worker: UsageThread | undefined
  let onstate: DoorHandlers['onstate'] = () => undefined
  let onfault: DoorHandlers['onfault'] = () => undefined
  let lastId = 0
  const asked = new Map<number, Asked>()

  const send = (message: ToWorker): void => worker?.postMessage(message)

  function put(question: Question, answer: Asked['answer']): void {
    lastId += 1
    asked.set(lastId, { question, answer })
    send({ ...question, id: lastId })
  }

  function receive(from: UsageThread, message: FromWorker): void {
    // A worker that was ended may have spoken before.
    if (from !== worker) return
    if (message.kind === 'state') return onstate(message.state)
    if (message.kind === 'fault') return onfault(new Error(message.message))
    const one = asked.get(message.id)
    asked.delete(message.id)
    one?.answer(message)
  }

  function close(): void {
    worker?.terminate()
    worker = undefined
    const waiting = [...asked.values()]
    asked.clear()
    for (const { answer } of waiting) answer(undefined)
  }

  return {
    open({ name, keeps }: { name: string; keeps: boolean }, handlers: DoorHandlers): void {
      worker?.terminate()
      const opened = start()
      worker = opened
      onstate = handlers.onstate
      onfault = handlers.onfault
      opened.onmessage = ({ data }: MessageEvent<FromWorker>) => receive(opened, data)
      opened.onerror = ({ message }) => onfault(new Error(`Usage can’t be summed here: ${message}`))
      send({ kind: 'open', name, keeps })
      // Pages may have asked before the account was known.
      for (const [id, { question }] of asked) send({ ...question, id })
    },
    send,
    get isOpen(): boolean {
      return worker !== undefined
    },
    ask: (query: UsageQuery, top: number): Promise<UsageAnswer> =>
      new Promise((resolve, reject) => {
        put({ kind: 'ask', query, top }, (message) => {
          if (message?.kind === 'failed') reject(new Error(message.message))
          else resolve(message?.kind === 'answer' ? message.answer : noAnswer())
        })
      }),
    usersOf: (query: UsageQuery): Promise<UserId[]> =>
      new Promise((resolve, reject) => {
        put({ kind: 'users', query }, (message) => {
          if (message?.kind === 'failed') reject(new Error(message.message))
          else resolve(message?.kind === 'users' ? message.users : [])
        })
      }),
    close,
  }
}

const noAnswer = (): UsageAnswer => ({
  sums: { credits: 0, contactViews: 0, days: [], top: [], users: 0, products: [], groups: [] },
  missing: [],
  upTo: undefined,
  version: 0,
})
