// The real server, killed in the middle of batches and spends: nothing is lost, nothing counts twice, all sums hold.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import * as v from 'valibot'
import { openStore } from '../../sync-server/store/sqlite.ts'
import { wrongSums } from '../support/books-hold.ts'

const BATCH = 'application/cloudevents-batch+json'
const Answers = v.object({ events: v.array(v.object({ result: v.string() })) })
const Spent = v.object({ allowed: v.boolean() })

test(
  'kill -9 in the middle of batches and spends loses nothing and counts nothing twice',
  { timeout: 300_000 },
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'quartermaster-'))
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
    const env = { ...process.env, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'silent' }
    const command = (...args: string[]) =>
      spawnSync(process.execPath, ['sync-server/start.js', ...args], { env, encoding: 'utf8' }).stdout
    command('seed', '--users', '60')
    const [, key = ''] =
      /this once: (\S+)/.exec(command('add-provider-key', '--name', 'Test', '--scopes', 'usage,spend')) ?? []
    const store = await openStore({ file: join(dataDir, 'quartermaster.db') })
    const users = (await store.db.selectFrom('users').select('id').where('status', '=', 'active').execute()).map(
      ({ id }) => id,
    )
    const before = await wrongSums(store)
    await store.close()
    expect(before).toEqual([])

    const batches = Array.from({ length: 24 }, (_, batch) =>
      Array.from({ length: 200 }, (__, n) => ({
        specversion: '1.0',
        type: 'quartermaster.usage',
        source: `urn:source-${batch % 3}`,
        id: `event ${batch} ${n}`,
        time: new Date(Date.now() - ((batch * 7 + n) % 90) * 86_400_000).toISOString(),
        data: { user: users[(batch + n) % users.length], product: 'Sales Pro', credits: n % 7, contactViews: 1 },
      })),
    )
    const spends = Array.from({ length: 200 }, (_, n) => ({
      user: users[n % users.length],
      product: 'Recruiter',
      credits: 1 + (n % 3),
      key: `spend ${n}`,
    }))
    const acknowledged = new Set<unknown>()
    const allowed = new Map<string, boolean>()

    for (let life = 0; acknowledged.size < batches.length || allowed.size < spends.length; life += 1) {
      const child = spawn(process.execPath, ['sync-server/start.js', 'serve'], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let said = ''
      child.stdout.on('data', (part: Buffer) => (said += part.toString()))
      await expect.poll(() => said, { timeout: 60_000 }).toMatch(/http:\S+\n/)
      const [, url = ''] = /(http:\S+)/.exec(said) ?? []
      const post = async (path: string, type: string, body: unknown, headers = {}) => {
        const response = await fetch(`${url}/api/provider/v1/${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': type, ...headers },
          body: JSON.stringify(body),
        })
        if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
        return (await response.json()) as unknown
      }
      // What was acknowledged before is sent again with the rest: a source that has forgotten how far it was.
      const reports = async () => {
        for (const batch of batches) {
          const { events } = v.parse(Answers, await post('usage', BATCH, batch))
          for (const { result } of events) expect(result).toBe(acknowledged.has(batch) ? 'repeated' : result)
          expect(events.filter(({ result }) => result !== 'taken' && result !== 'repeated')).toEqual([])
          acknowledged.add(batch)
        }
      }
      const spending = async (from: number) => {
        for (let n = from; n < spends.length; n += 4) {
          const { key: idempotency, ...spend } = spends[n] ?? { key: '' }
          const answer = v.parse(
            Spent,
            await post('spends', 'application/json', { ...spend, idempotencyKey: idempotency }),
          )
          expect(answer.allowed).toBe(allowed.get(idempotency) ?? answer.allowed)
          allowed.set(idempotency, answer.allowed)
        }
      }
      const work = Promise.allSettled([reports(), ...[0, 1, 2, 3].map(spending)])
      await Promise.race([work, sleep(life < 3 ? 300 + 500 * life : 60_000)])
      child.kill('SIGKILL')
      await once(child, 'exit')
      for (const { status, reason } of (await work) as { status: string; reason?: unknown }[])
        if (status === 'rejected' && !(reason instanceof TypeError)) throw reason
    }

    const after = await openStore({ file: join(dataDir, 'quartermaster.db') })
    expect(await wrongSums(after)).toEqual([])
    const reported = await after.db
      .selectFrom('usage_events')
      .select(({ fn }) => [fn.countAll<number>().as('events'), fn.sum<number>('credits').as('credits')])
      .where('source', 'like', 'urn:source-%')
      .executeTakeFirstOrThrow()
    expect(reported).toEqual({
      events: batches.flat().length,
      credits: batches.flat().reduce((sum, { data }) => sum + data.credits, 0),
    })
    const spent = await after.db
      .selectFrom('usage_events')
      .select('eventId')
      .where('source', '=', 'quartermaster:spends')
      .execute()
    const wanted = [...allowed].flatMap(([name, was]) => (was ? [`spend ${name}`] : []))
    expect(spent.map(({ eventId }) => eventId).sort()).toEqual(wanted.sort())
    await after.close()
  },
)
