// The routes of the activity: for whoever has a console, viewers included, and of the own organisation alone. Addresses hold ids, closed
// lists and moments; no name and no text that was searched for.
import { Hono, type Context } from 'hono'
import { stream } from 'hono/streaming'
import * as v from 'valibot'
import { MOST_ENTRIES } from '#shared/activity.ts'
import { read } from '#shared/faults.ts'
import { ClientId } from '#shared/model.ts'
import { Seen } from '#shared/protocol.ts'
import type { SignedIn } from '../identity.ts'
import { packedJson } from '../packed.ts'
import { parsed } from '../parsed.ts'
import { Refusal } from '../problem.ts'
import { readHead } from '../sync/log.ts'
import { createDeeds, type DeedParts } from './deeds.ts'
import { exported } from './export.ts'
import { readActivity, readItems } from './pages.ts'
import type { Filter } from './scan.ts'
import { createTurns, verify } from './verify.ts'

const whole = v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'Is no whole number.'), v.transform(Number))
const type = v.pipe(v.string(), v.regex(/^[a-z-]{1,40}$/, 'Is no kind of entry.'))
const Filters = {
  actor: v.optional(v.union([v.pipe(v.string(), v.uuid()), v.literal('provider')])),
  /** Several are divided by commas. */
  type: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',')),
      v.array(type),
      v.maxLength(50),
    ),
  ),
  item: v.optional(v.pipe(v.string(), v.uuid())),
  client: v.optional(ClientId),
  outcome: v.optional(v.picklist(['rejected', 'unchanged'])),
  from: v.optional(whole),
  to: v.optional(whole),
}
const Asked = v.strictObject({ ...Filters, before: v.optional(whole), limit: v.optional(whole) })
const AskedFile = v.strictObject({ ...Filters, format: v.picklist(['csv', 'json']) })
const AskedItems = v.strictObject({ after: v.optional(whole) })
const AskedCheck = v.strictObject({ seen: v.optional(Seen) })
const NO_STORE = { 'cache-control': 'no-store' }

export function activityRoutes(parts: DeedParts): Hono {
  const { store, identity, clock } = parts
  const app = new Hono()
  const { record } = createDeeds(parts)
  const turn = createTurns()
  const who = (c: Context): Promise<SignedIn> => identity.signedIn(c.req.raw.headers)

  app.get('/activity', async (c) => {
    const { organisation } = await who(c)
    const { before, limit = 100, ...asked } = queried(c, Asked)
    const most = Math.max(1, Math.min(limit, MOST_ENTRIES))
    const page = await readActivity(store, organisation, filterOf(asked), { before, limit: most, now: clock() })
    return packedJson(c, page, NO_STORE)
  })

  app.get('/activity/:version{[0-9]{1,15}}/items', async (c) => {
    const { organisation } = await who(c)
    const { after = 0 } = queried(c, AskedItems)
    return packedJson(c, await readItems(store, organisation, Number(c.req.param('version')), after), NO_STORE)
  })

  app.get('/activity/export', async (c) => {
    const by = await who(c)
    const { organisation } = by
    const { format, ...asked } = queried(c, AskedFile)
    // In the log before the first byte leaves: a file can't be called back. It holds what was there until then.
    const head = await store.read((tx) => readHead(tx, organisation))
    await record({ organisation, by, type: 'export-activity', args: { format, ...asked } })
    const name = `activity-${new Date(clock()).toISOString().slice(0, 10)}.${format}`
    c.header('content-type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json')
    c.header('content-disposition', `attachment; filename="${name}"`)
    c.header('cache-control', 'no-store')
    const file = exported(store, organisation, filterOf(asked), { format, before: (head?.version ?? 0) + 1 })
    return stream(c, async (out) => {
      for await (const part of file) {
        if (out.aborted) break
        await out.write(part)
      }
    })
  })

  app.post('/activity/verify', async (c) => {
    const { organisation } = await who(c)
    const { seen } = await parsed(c, AskedCheck)
    c.header('content-type', 'application/x-ndjson')
    c.header('cache-control', 'no-store')
    c.header('x-accel-buffering', 'no')
    return stream(c, async (out) => {
      const done = await turn()
      try {
        for await (const progress of verify(store, organisation, { now: clock, noted: seen ? [seen] : [] })) {
          if (out.aborted) break
          await out.write(`${JSON.stringify(progress)}\n`)
        }
      } finally {
        done()
      }
    })
  })
  return app
}

type AskedFilter = Omit<v.InferOutput<typeof Asked>, 'before' | 'limit'>

const filterOf = ({ type: types, client: clientId, ...rest }: AskedFilter): Filter => ({ ...rest, types, clientId })

/** What the address asks for. @throws {Refusal} 400 `malformed` */
function queried<Output>(c: Context, schema: v.GenericSchema<unknown, Output>): Output {
  const result = read(schema, c.req.query())
  if (result.ok) return result.output
  throw new Refusal(400, 'malformed', { ...result.fault })
}
