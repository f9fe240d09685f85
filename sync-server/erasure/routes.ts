// The route by which an admin takes out all that is held on a user, as a file. It is in the log before the first byte leaves.
import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import * as v from 'valibot'
import { UserId } from '#shared/model.ts'
import { createDeeds, type DeedParts } from '../activity/deeds.ts'
import { Refusal } from '../problem.ts'
import { rowsBy } from '../store/rows.ts'
import { readHead } from '../sync/log.ts'
import { dataOf } from './data.ts'

export function userDataRoutes(parts: DeedParts): Hono {
  const { store, identity, clock } = parts
  const app = new Hono()
  const { record } = createDeeds(parts)

  app.get('/users/:id/data', async (c) => {
    const by = await identity.signedIn(c.req.raw.headers)
    if (by.role !== 'admin') throw new Refusal(403, 'admins-only')
    const { organisation } = by
    const asked = v.safeParse(UserId, c.req.param('id'))
    if (!asked.success) throw new Refusal(404, 'not-found')
    const userId = asked.output
    const { head, there } = await store.read(async (tx) => ({
      head: await readHead(tx, organisation),
      there: (await rowsBy(tx, organisation, 'users', 'id', [userId])).length > 0,
    }))
    if (!there) throw new Refusal(404, 'not-found')
    await record({ organisation, by, type: 'export-user-data', args: { userId } })
    c.header('content-type', 'application/json')
    c.header('content-disposition', `attachment; filename="user-${userId}.json"`)
    c.header('cache-control', 'no-store')
    const file = dataOf(store, { organisation, userId, before: (head?.version ?? 0) + 1, now: clock() })
    return stream(c, async (out) => {
      for await (const part of file) {
        if (out.aborted) break
        await out.write(part)
      }
    })
  })
  return app
}
