// The provider: reports usage late, out of order and repeatedly, asks for spends and reservations, sells and takes back credits and seats.
// Its calls are lost, repeated and overtaken on the way as those of devices are.
import type { Reservation, SpendAnswer, Taken, UsageEvent } from '../../sync-server/usage/usage.ts'
import type { Asked } from './judging.ts'
import { carryOut, type ProviderCall } from './provider-calls.ts'
import { happened } from './reach.ts'
import { Died, type Owner } from './scheduler.ts'
import { isPending, newSource, sendOn, type Source } from './source.ts'
import { epochOf, headOf, type Run } from './state.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

export interface Provider {
  sources: Source[]
  /** By key: what was asked under it. */
  asked: Map<string, Asked[]>
  /** By key: what it was answered, in JSON. */
  answered: Map<string, string>
  reservations: Map<string, Reservation>
  /** Grows with each restore of the server: answers of an earlier life concern nobody. */
  life: number
}

export const newProvider = (): Provider => ({
  sources: ['meter-a', 'meter-b'].map(newSource),
  asked: new Map(),
  answered: new Map(),
  reservations: new Map(),
  life: 0,
})

export function createProviding(run: Run, wire: Owner, quiet: () => boolean, fail: (text: string) => void) {
  const { random, newId, scheduler, reached, plan, provider } = run
  const note = (event: string) => happened(reached, event)
  const fault = (probability: number, event: string): boolean => {
    if (quiet() || !random.chance(probability)) return false
    note(`provider: ${event}`)
    return true
  }

  /** @returns the answer's body; undefined where none came, or one that concerns nobody any more */
  async function ask(call: ProviderCall): Promise<unknown> {
    const { life } = provider
    const deliver = async () => {
      await scheduler.gate(wire, `provider's ${call.kind} arrives`)
      return await run.server.ask((door) => carryOut(door, structuredClone(call)))
    }
    const first = deliver()
    if (fault(plan.repeat, 'call repeated')) void deliver().catch(() => undefined)
    const answer = await first.catch((error: unknown) => {
      if (error instanceof Died) return undefined
      throw error
    })
    await scheduler.gate(wire, `provider's ${call.kind} is answered`)
    if (!answer || fault(plan.lose, 'answer lost') || life !== provider.life) return undefined
    const body = structuredClone(answer.body)
    if (answer.status === 200) return body
    note(`provider: ${(body as { code: string }).code}`)
    return undefined
  }
  const doors = { random, ask, happened: note }

  const someUser = (): string => {
    const user = random.pick([...headOf(run).tables.users.values()])
    if (!user || random.chance(0.04)) return newId()
    return random.chance(0.3) ? user.email : user.id
  }
  const someProduct = (): string => {
    const product = random.pick([...headOf(run).tables.products.values()])
    if (!product || random.chance(0.04)) return 'Nothing'
    return random.chance(0.3) ? product.name : product.id
  }

  function newEvent(source: string): UsageEvent {
    const late = random.chance(0.3) ? random.int(70 * DAY) : random.int(20 * MINUTE)
    const at = scheduler.clock() + (random.chance(0.05) ? 9 * MINUTE : -late)
    const [user, product] = [someUser(), someProduct()]
    const views = random.int(3)
    return { source, id: `${source} ${newId()}`, at, user, product, credits: random.int(25), contactViews: views }
  }

  async function report(): Promise<void> {
    const source = random.pick(provider.sources)
    if (!source) return
    const made = Array.from({ length: 1 + random.int(4) }, () => newEvent(source.name))
    source.log.push(...made)
    if (random.chance(0.03)) {
      const [event] = made
      const events = event ? [{ ...event, source: 'quartermaster:spends' }] : []
      const answers = (await ask({ kind: 'report', events })) as Taken[] | undefined
      for (const answer of answers ?? []) if (answer.result === 'refused') note(`event ${answer.code}`)
    }
    await sendOn(source, doors)
  }

  /** A new request, one that was made before, or another one under its key. */
  function request(seconds?: number) {
    const keys = [...provider.asked.keys()]
    const key = random.chance(0.25) ? random.pick(keys) : undefined
    const first = key === undefined ? undefined : provider.asked.get(key)?.[0]
    if (key !== undefined && first && (first.seconds === undefined) === (seconds === undefined)) {
      const asked = random.chance(0.2) ? { ...first, credits: first.credits + 1 } : first
      provider.asked.get(key)?.push(asked)
      return { key, contactViews: 0, ...asked }
    }
    const asked: Asked = {
      user: someUser(),
      product: someProduct(),
      credits: random.int(random.chance(0.2) ? 700 : 40),
      ...(seconds === undefined ? {} : { seconds }),
    }
    const made = newId()
    provider.asked.set(made, [asked])
    return { key: made, contactViews: 0, ...asked }
  }

  function hear(key: string, kind: string, answer: SpendAnswer): void {
    note(answer.allowed ? `${kind} allowed` : `${kind} denied by ${answer.deniedBy}`)
    const text = JSON.stringify(answer)
    const before = provider.answered.getOrInsert(key, text)
    if (before !== text) fail(`The same request is answered as the first time: ${key} was ${before}, then ${text}`)
  }

  async function spend(): Promise<void> {
    const asked = request()
    const answer = (await ask({ kind: 'spend', request: asked })) as SpendAnswer | undefined
    if (answer) hear(asked.key, 'spend', answer)
  }

  async function reserve(): Promise<void> {
    const seconds = random.pick([1, 30, 600, 3600]) ?? 30
    const asked = request(seconds)
    const body = await ask({ kind: 'reserve', request: { seconds, ...asked } })
    if (!body) return
    const { answer, reservation } = body as { answer: SpendAnswer; reservation: Reservation | null }
    hear(asked.key, 'reserve', answer)
    if (reservation) provider.reservations.set(reservation.id, reservation)
  }

  /** The job is done, or was for nothing, or has taken too long. */
  async function settle(): Promise<void> {
    const held = random.pick([...provider.reservations.values()].slice(-6))
    if (!held) return reserve()
    // Of those that name a number a fifth asks for more than is held.
    const part = random.chance(0.4) ? { credits: random.int(Math.ceil(1.25 * held.credits) + 2) } : {}
    const call: ProviderCall = random.chance(0.65)
      ? { kind: 'confirm', id: held.id, ...part }
      : { kind: 'release', id: held.id }
    const settled = (await ask(call)) as Reservation | undefined
    if (!settled) return
    note(`reservation ${settled.state}`)
    provider.reservations.set(settled.id, settled)
  }

  async function sell(): Promise<void> {
    const from = scheduler.clock() + (random.int(90) - 70) * DAY
    const grant = {
      id: newId(),
      kind: random.chance(0.4) ? 'contract' : 'top-up',
      credits: 20 + random.int(400),
      startsOn: dayOfMoment(from),
      endsOn: dayOfMoment(from + (20 + random.int(200)) * DAY),
    }
    if (!(await ask({ kind: 'add-grant', grant }))) return
    note('grant added')
    if (random.chance(0.2)) await ask({ kind: 'add-grant', grant: { ...grant, credits: grant.credits + 1 } })
  }

  async function takeBack(): Promise<void> {
    const grant = random.pick([...headOf(run).tables.grants.values()].filter(({ kind }) => kind !== 'overage'))
    if (!grant) return
    const part = random.chance(0.7) ? { credits: random.int(120) } : {}
    if (await ask({ kind: 'void-grant', id: grant.id, ...part })) note('grant voided')
  }

  async function sellSeats(): Promise<void> {
    const product = random.pick([...headOf(run).tables.products.values()])
    if (!product) return
    const seats = Math.max(0, product.seatsUsed - 1 + random.int(4))
    if (await ask({ kind: 'seats', id: product.id, seats })) note('seats sold')
  }

  async function look(): Promise<void> {
    const balance = await ask({ kind: 'balance' })
    if (!balance) return
    note('balance read')
    const { total, used, available, grants } = balance as Record<'total' | 'used' | 'available', number> & {
      grants: { used: number; available: number }[]
    }
    const sums = grants.reduce((so, one) => ({ used: so.used + one.used, available: so.available + one.available }), {
      used: 0,
      available: 0,
    })
    if (total - used !== available || sums.used !== used || sums.available !== available)
      fail(`total − used = available: ${JSON.stringify(balance)}`)
  }

  const started = (what: string, work: Promise<unknown>) => {
    scheduler.note(`the provider: ${what}`)
    work.catch((error: unknown) => fail(`The provider's ${what}: ${String(error)}`))
  }

  return {
    act(): void {
      const roll = random.next()
      if (roll < 0.33) started('report', report())
      else if (roll < 0.52) started('spend', spend())
      else if (roll < 0.64) started('reserve', reserve())
      else if (roll < 0.77) started('settle', settle())
      else if (roll < 0.85) started('sell', sell())
      else if (roll < 0.9) started('take back', takeBack())
      else if (roll < 0.95) started('seats', sellSeats())
      else started('balance', look())
    },
    /** Sends on what is left. */
    sendOn: () => provider.sources.forEach((source) => started('sends on', sendOn(source, doors))),
    isPending: () => provider.sources.some(isPending),
    /** The server stands as it did some time ago: what it was told since, it does not know. */
    restored(): void {
      const { books } = epochOf(run)
      provider.life += 1
      for (const source of provider.sources) source.lost = true
      for (const key of provider.answered.keys()) if (!books.answers.has(key)) provider.answered.delete(key)
      for (const [id, told] of provider.reservations) {
        const held = books.held.get(id)
        if (!held) provider.reservations.delete(id)
        else if (told.state === 'confirmed' || told.state === 'released')
          provider.reservations.set(id, {
            ...told,
            state: held.state as Reservation['state'],
            confirmed: held.confirmed,
          })
      }
    },
  }
}

const dayOfMoment = (at: number): string => new Date(at).toISOString().slice(0, 10)
