// The real server as a process of its own, killed in the middle of its work: what it has acknowledged is there afterwards.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import * as v from 'valibot'
import { OrganisationId } from '#shared/model.ts'
import { PROTOCOL, SyncResponse } from '#shared/protocol.ts'
import { openStore } from '../../sync-server/store/sqlite.ts'
import { verifyChain } from '../../sync-server/sync.ts'
import { cookieOf } from '../support/app.ts'

const Session = v.object({ account: v.object({ id: v.string() }), organisation: v.object({ id: OrganisationId }) })

async function start(dataDir: string) {
  const child = spawn(process.execPath, ['sync-server/start.js', 'serve', '--demo'], {
    env: { ...process.env, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  for await (const part of child.stdout) {
    said += String(part)
    if (said.includes('password')) break
  }
  const [, url = ''] = /(http:\S+)/.exec(said) ?? []
  const [, email, password] = /sign in as (\S+) with the password (\S+)/.exec(said) ?? []
  return { child, url, email, password }
}

test('what was acknowledged survives kill -9 under load', { timeout: 120_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'quartermaster-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const { child, url, email, password } = await start(dataDir)
  const post = (path: string, body: unknown, cookie = '') =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(body),
    })
  const cookie = cookieOf(await post('/api/auth/sign-in/email', { email, password }))
  const session = v.parse(Session, await (await fetch(`${url}/api/session`, { headers: { cookie } })).json())

  const acknowledged: string[] = []
  const sender = async () => {
    const clientId = v7()
    for (let sequence = 1; ; sequence += 1) {
      const id = v7()
      const group = { id: v7(), name: `Group ${id}`, memberLimit: null, poolLimit: null }
      const operation = {
        sequence,
        id,
        type: 'add-group',
        args: { group },
        names: { users: {}, groups: {}, products: {} },
        madeAt: 0,
        batch: null,
        atomic: false,
      }
      const response = await post(
        '/api/sync',
        {
          protocol: PROTOCOL,
          account: session.account.id,
          organisation: session.organisation.id,
          clientId,
          cursor: null,
          seen: { version: 0, hash: '' },
          operations: [operation],
        },
        cookie,
      )
      const { outcomes } = v.parse(SyncResponse, await response.json())
      if (outcomes[0]?.notApplied.length === 0) acknowledged.push(id)
    }
  }
  const senders = Promise.allSettled([sender(), sender(), sender()])
  await expect.poll(() => acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(20)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await senders

  const store = await openStore({ file: join(dataDir, 'quartermaster.db') })
  const known = await store.db.selectFrom('log').select('operationId').where('type', '=', 'add-group').execute()
  expect(known.map(({ operationId }) => operationId)).toEqual(expect.arrayContaining(acknowledged))
  expect(await verifyChain(store, session.organisation.id)).toEqual([])
  await store.close()
})
