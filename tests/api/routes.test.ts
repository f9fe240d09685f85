// The walk of all routes: every route × everybody who may knock × the own and another organisation, as route-table.ts says. A route that
// stands there in no line fails here, so that none is open by having been forgotten. Whoever is refused has changed nothing, and
// nobody of another organisation reads or changes a row of this one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { createApp } from '../../sync-server/app.ts'
import { PROVIDER_ROUTES } from '../../sync-server/provider/routes.ts'
import { staticFiles } from '../../sync-server/static.ts'
import { ORIGIN } from '../support/app.ts'
import { everythingOf, putBack, type Everything } from '../support/everything.ts'
import { API } from '../support/provider.ts'
import { KNOCKERS, requestOf, walkThrough, type Knocker } from './route-requests.ts'
import { rowsOf, TABLE, type Expected } from './route-table.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const walk = await walkThrough()
const { acme } = walk
const build = mkdtempSync(join(tmpdir(), 'quartermaster-build-'))
writeFileSync(join(build, 'index.html'), '<!doctype html><title>The app</title>')
afterAll(() => rmSync(build, { recursive: true }))
/** With what only the demo and a built app add. */
const app = createApp({
  ...acme.parts,
  accounts: { ...acme.parts.accounts, demoMails: () => [] },
  files: staticFiles(build),
})
const before = await everythingOf(acme.store)
const wasBefore = JSON.stringify([...before])

test('every route stands in the table, once, and none that is not there', () => {
  const routes = app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`)
  expect(TABLE.map(({ route }) => route).toSorted()).toEqual([...new Set(routes)].toSorted())
})

test('a line without an answer for somebody is no line', () => {
  expect(() => rowsOf('open', 'anybody other\nGET /x 200')).toThrow('does not say who is answered what')
  expect(() => rowsOf('open', 'anybody\nGET /x yes')).toThrow('does not say who is answered what')
})

/** What everybody gets whom a line does not name: status and code. */
function expected({ route, kind, statuses }: Expected, by: Knocker): readonly [status: number, code?: string] {
  const own = statuses[by] ?? statuses['anybody']
  if (own !== undefined) return [own]
  const isKey = by.endsWith('key')
  if (kind === 'provider') {
    const scope = PROVIDER_ROUTES.find((one) => route === `${one.method.toUpperCase()} ${API}${asked(one.path)}`)?.scope
    if (by === 'contract-key' || by === 'usage-key')
      return scope === 'any' || by.startsWith(String(scope)) ? [allowed(statuses)] : [403, 'scope-needed']
    return [401, by === 'revoked-key' ? 'key-unknown' : 'key-needed']
  }
  if (kind === 'docs' && isKey) return by === 'revoked-key' ? [401, 'key-unknown'] : [200]
  if (by === 'member' || by === 'deactivated') return [403, 'no-console']
  if (by === 'revoked') return [403, 'device-revoked']
  if (by === 'nobody' || by === 'made-up' || by === 'half' || isKey) return [401, 'sign-in-needed']
  return [allowed(statuses)]
}
const asked = (path: string) => path.replace(/\{(\w+)\}/g, ':$1')
const allowed = (statuses: Readonly<Record<string, number>>): number => statuses['key'] ?? statuses['viewer'] ?? 0

const isForeign = (by: Knocker) => by.startsWith('foreign')
/** The rows of an organisation, in every table that knows organisations. */
const rowsOfOurs = (all: Everything) =>
  [...all].map(([table, rows]) => [table, rows.filter(({ orgId }) => orgId === acme.id)] as const)
/** What a refusal may move: it ends a session, and notes a device and when a key was used. */
const MAY_MOVE: ReadonlySet<string> = new Set(['auth_sessions', 'auth_devices', 'auth_tries'])
/** Whose refusal is itself an entry of the log: who has lost something, and a wrong code of who is half signed in. */
const TOLD: ReadonlySet<Knocker> = new Set(['member', 'deactivated', 'revoked', 'half'])
const LOG: ReadonlySet<string> = new Set(['log', 'heads'])
const lasting = (all: Everything, by: Knocker) =>
  [...all]
    .filter(([table]) => !MAY_MOVE.has(table) && !(TOLD.has(by) && LOG.has(table)))
    .map(([table, rows]) => [table, rows.map(({ lastUsedAt: _, ...row }) => row)])

test.each(TABLE.map((line) => [line.route, line] as const))('%s', async (route, line) => {
  for (const by of KNOCKERS) {
    const { path, init } = await requestOf(route, walk, by)
    const answer = await app.request(`${ORIGIN}${path}`, init)
    const streams = answer.headers.get('content-type') === 'text/event-stream'
    const text = streams ? '' : await answer.text()
    if (streams) await answer.body?.cancel()
    await acme.settle()
    const [status, code] = expected(line, by)
    expect([answer.status, by], text).toEqual([status, by])
    if (code !== undefined) expect(JSON.parse(text), by).toMatchObject({ status, code })

    const after = await everythingOf(acme.store)
    if (JSON.stringify([...after]) !== wasBefore) await putBack(acme.store, before)
    if (status >= 400) expect(lasting(after, by), by).toEqual(lasting(before, by))
    // Asking changes nothing, beside what the log says of it.
    if (route.startsWith('GET ')) expect(lasting(after, 'member'), by).toEqual(lasting(before, 'member'))
    if (!isForeign(by)) continue
    if (line.kind !== 'open') for (const ours of walk.ours) expect(text, by).not.toContain(ours)
    expect(rowsOfOurs(after), by).toEqual(rowsOfOurs(before))
  }
})
