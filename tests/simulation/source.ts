// A source of usage: a log of what was used, sent on in its own order until each event is answered; after a restore of the server it
// asks for its position and sends again from there.
import type { SourcePosition, Taken, UsageEvent } from '../../sync-server/usage/usage.ts'
import type { ProviderCall } from './provider-calls.ts'
import type { Random } from './random.ts'

export interface Source {
  name: string
  log: UsageEvent[]
  /** By event: what it was told last. */
  told: Map<string, Taken>
  /** The next event to send. */
  next: number
  busy: boolean
  /** The server was restored: its position must be asked for. */
  lost: boolean
}

export const newSource = (name: string): Source => ({
  name,
  log: [],
  told: new Map(),
  next: 0,
  busy: false,
  lost: false,
})

export const isPending = ({ log, next, lost }: Source): boolean => lost || next < log.length
export const wasTaken = (told: Taken | undefined): boolean => told !== undefined && told.result !== 'refused'

interface Doors {
  random: Random
  /** Undefined where no answer came. */
  ask: (call: ProviderCall) => Promise<unknown>
  happened: (event: string) => void
}

/** Sends what comes next, or asks where that is. */
export async function sendOn(source: Source, doors: Doors): Promise<void> {
  if (source.busy || !isPending(source)) return
  source.busy = true
  try {
    if (source.lost) await find(source, doors)
    else await send(source, doors)
  } finally {
    source.busy = false
  }
}

async function send(source: Source, { random, ask, happened }: Doors): Promise<void> {
  const until = Math.min(source.log.length, source.next + 1 + random.int(5))
  const events = source.log.slice(source.next, until)
  // What was sent before, or twice in one batch, must count once.
  if (random.chance(0.2)) events.unshift(...source.log.slice(Math.max(0, source.next - 3), source.next))
  if (random.chance(0.15)) events.push(...random.some(events, 2))
  const answers = (await ask({ kind: 'report', events })) as Taken[] | undefined
  if (!answers) return
  for (const [index, answer] of answers.entries()) {
    const id = events[index]?.id ?? ''
    happened(answer.result === 'refused' ? `event ${answer.code}` : `event ${answer.result}`)
    // An event that is twice in one batch is told so the second time.
    if (!wasTaken(source.told.get(id))) source.told.set(id, answer)
  }
  source.next = Math.max(source.next, until)
}

/**
 * Where fewer were taken than the source knows of up to its position, there is a gap behind it, left by a delayed batch or by one that was
 * sent anew: then all is sent again, and what was taken is repeated.
 */
async function find(source: Source, { ask, happened }: Doors): Promise<void> {
  const positions = (await ask({ kind: 'sources' })) as SourcePosition[] | undefined
  if (!positions) return
  const position = positions.find((one) => one.source === source.name)
  const place = source.log.findLastIndex(({ id }) => id === position?.lastId)
  const before = source.log.slice(0, place + 1).filter(({ id }) => wasTaken(source.told.get(id)))
  source.next = position && position.events === before.length ? place + 1 : 0
  for (const { id } of source.log.slice(source.next)) source.told.delete(id)
  source.lost = false
  happened(source.next > 0 ? 'source sends again from its position' : 'source sends all again')
}
