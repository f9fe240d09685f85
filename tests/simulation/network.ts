// Between a tab and the server: requests and answers that are lost, repeated, late or overtaken, as JSON text, as the wire has them.
// What is on its way does not die with the tab that sent it.
import type { Network } from '#lib/replica/exchange.ts'
import type { SyncRequest, SyncResponse } from '#shared/protocol.ts'
import type { Device } from './device.ts'
import { Died, type Owner } from './scheduler.ts'
import { happened } from './reach.ts'
import { hasConsole, type Run } from './state.ts'

/** The wire; `quiet()` says that faults are over. */
export function createNetwork(run: Run, wire: Owner, quiet: () => boolean) {
  let requests = 0
  const { scheduler, random, plan } = run
  const fault = (probability: number, event: string): boolean => {
    if (quiet() || !random.chance(probability)) return false
    happened(run.reached, event)
    return true
  }

  /** From which version to which, for whoever reads the steps. */
  const cursorsIn = (sent: unknown, got: unknown): string => {
    const { cursor: from, operations } = sent as Partial<SyncRequest>
    const { cursor: to, more } = got as Partial<SyncResponse>
    return `${operations?.length ?? 0} sent, rows ${from?.version ?? 'from nothing'} to ${to?.version}${more ? ', more' : ''}`
  }

  return (tab: Owner, device: Device): Network =>
    (path, body) =>
      new Promise((resolve, reject) => {
        requests += 1
        const name = `${tab.name} request ${requests}`
        const text = JSON.stringify(body)
        const lost = () => reject(new Error('The network is gone.'))
        const deliver = async () => {
          await scheduler.gate(wire, `${name} arrives`)
          if (fault(plan.lose, 'request lost')) return lost()
          if (text.length > 1500 && fault(plan.tooLarge, 'refused for its size'))
            return resolve({ status: 413, body: 'Request Entity Too Large' })
          if (!hasConsole(run, device)) {
            happened(run.reached, 'no console')
            return resolve({ status: 403, body: { title: 'No console', status: 403, code: 'no-console' } })
          }
          if (fault(plan.repeat, 'request repeated'))
            void again(name, () => run.server.handle(device.session, path, text))
          const answer = JSON.stringify(await run.server.handle(device.session, path, text))
          await scheduler.gate(wire, `${name} is answered`)
          if (fault(plan.lose, 'answer lost')) return lost()
          const { status, body: content } = JSON.parse(answer) as { status: number; body: { code?: string } }
          scheduler.note(`${name}: ${status} ${content.code ?? cursorsIn(body, content)}`)
          if (status !== 200) happened(run.reached, content.code ?? String(status))
          resolve({ status, body: content })
        }
        deliver().catch((error: unknown) => {
          if (error instanceof Died) happened(run.reached, 'server gone')
          lost()
        })
      })

  /** The same request once more, by a proxy or a browser that tries again; nobody hears its answer. */
  async function again(name: string, send: () => Promise<unknown>): Promise<void> {
    await scheduler.gate(wire, `${name} arrives again`)
    await send().catch(() => undefined)
  }
}
