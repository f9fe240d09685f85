// What the provider asks of the server, as its routes would. A call is content alone: it can be lost, repeated and late.
import { changeProduct } from '../../sync-server/provider/products.ts'
import type { Tx } from '../../sync-server/store/index.ts'
import type { By } from '../../sync-server/sync/record.ts'
import { addGrant, voidGrant, type NewGrant } from '../../sync-server/usage/grants.ts'
import type { SpendRequest, Usage, UsageEvent } from '../../sync-server/usage/usage.ts'
import { ORGANISATION } from './world.ts'

/** The server's doors for the provider. */
export interface ProviderDoor {
  usage: Usage
  change<T>(work: (tx: Tx, by: By) => Promise<T>): Promise<T>
}

export type ProviderCall =
  | { kind: 'report'; events: UsageEvent[] }
  | { kind: 'spend'; request: SpendRequest }
  | { kind: 'reserve'; request: SpendRequest & { seconds: number } }
  | { kind: 'confirm'; id: string; credits?: number }
  | { kind: 'release'; id: string }
  | { kind: 'add-grant'; grant: NewGrant }
  | { kind: 'void-grant'; id: string; credits?: number }
  | { kind: 'seats'; id: string; seats: number }
  | { kind: 'balance' }
  | { kind: 'sources' }

export function carryOut({ usage, change }: ProviderDoor, call: ProviderCall): Promise<unknown> {
  switch (call.kind) {
    case 'report':
      return usage.ingest(ORGANISATION, call.events)
    case 'spend':
      return usage.spend(ORGANISATION, call.request)
    case 'reserve':
      return usage.reserve(ORGANISATION, call.request)
    case 'confirm':
      return usage.confirm(ORGANISATION, call.id, call.credits)
    case 'release':
      return usage.release(ORGANISATION, call.id)
    case 'add-grant':
      return change((tx, by) => addGrant(tx, ORGANISATION, call.grant, by))
    case 'void-grant':
      return change((tx, by) => voidGrant(tx, ORGANISATION, call, by))
    case 'seats':
      return change((tx, by) => changeProduct(tx, ORGANISATION, call.id, { seatsPurchased: call.seats }, by))
    case 'balance':
      return usage.balance(ORGANISATION)
    case 'sources':
      return usage.sources(ORGANISATION)
  }
}
