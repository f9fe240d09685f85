// What comes from others is named, by its digest, from one place, and runs nothing while it is installed but what we said. `npm run
// supply` asks the registry as well; what is held here needs no network.
import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { lockFaults, sbomFaults, type Lock, type Manifest, type Sbom } from '../check/supply-faults.ts'
import { auditSaid, makeSbom, signaturesSaid } from '../check/supply.ts'

// npm takes its time to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'))
const lock = read('package-lock.json') as Lock
const manifest = read('package.json') as Manifest

test('the lock file names every package by its digest, and one script may run', () => {
  expect(lockFaults(lock, manifest)).toEqual([])
  expect(Object.entries(manifest.allowScripts ?? {}).filter(([, may]) => may)).toEqual([['node', true]])
})

const hono = 'node_modules/hono'
const withHono = (over: object): Lock => ({
  ...lock,
  packages: { ...lock.packages, [hono]: { ...lock.packages[hono], ...over } },
})
test.each([
  ['comes from elsewhere', { resolved: 'https://packages.example/hono.tgz' }, 'comes from https://packages.example/'],
  ['is a repository', { resolved: 'git+ssh://git@code.example/hono.git#1' }, 'comes from git+ssh:'],
  ['has no digest', { integrity: undefined }, 'no SHA-512 digest'],
  ['has a weak digest', { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }, 'no SHA-512 digest'],
  ['runs a script', { hasInstallScript: true }, 'runs a script'],
  ['is a link', { link: true }, 'is a link'],
])('a package that %s is named', (_name, over, fault) => {
  expect(lockFaults(withHono(over), manifest)).toEqual([expect.stringContaining(fault)])
  expect(lockFaults(withHono(over), manifest)[0]).toContain(hono)
})

test('a lock file of another package.json is named, and so is a script that nobody has', () => {
  expect(lockFaults(lock, { ...manifest, dependencies: {} })).toEqual([expect.stringContaining('another package.json')])
  const allowScripts = { ...manifest.allowScripts, hono: true }
  expect(lockFaults(lock, { ...manifest, allowScripts })).toEqual([expect.stringContaining('hono may run a script')])
})

test('the bill of materials holds every package, with version, licence and digest', () => {
  const sbom = makeSbom() as Sbom
  expect(sbomFaults(sbom, lock)).toEqual([])
  const without = sbom.components.filter(({ name }) => name !== 'hono')
  expect(sbomFaults({ ...sbom, components: without }, lock)).toEqual([expect.stringMatching(/^hono@.* is missing/)])
  const bare = sbom.components.map((one) => (one.name === 'hono' ? { ...one, licenses: [], hashes: [] } : one))
  expect(sbomFaults({ ...sbom, components: bare }, lock)).toEqual([
    expect.stringMatching(/^hono@.* has no licence/),
    expect.stringMatching(/^hono@.* has no digest/),
  ])
})

test('a registry that can’t be asked is no good answer', () => {
  const refused = {
    text: '{"message":"405 Method Not Allowed"}',
    complaint: 'npm error audit endpoint returned an error',
  }
  expect(auditSaid(refused)).toEqual({ ok: false, line: expect.stringMatching(/could not be asked.*\(405 /) as string })
  expect(auditSaid({ text: '', complaint: '' }).ok).toBe(false)
  const away = { text: '{"error":{"summary":"ENOTFOUND"}}', complaint: '' }
  expect(signaturesSaid(away)).toEqual({
    ok: false,
    line: expect.stringMatching(/could not be asked.*ENOTFOUND/) as string,
  })
})

test('high and critical holes, wrong and missing signatures fail; lesser ones are told', () => {
  const holes = (found: object) =>
    auditSaid({ text: JSON.stringify({ metadata: { vulnerabilities: found } }), complaint: '' })
  expect(holes({ high: 1, critical: 0 })).toMatchObject({ ok: false })
  expect(holes({ high: 0, critical: 1 })).toMatchObject({ ok: false })
  expect(holes({ high: 0, critical: 0, moderate: 2 })).toEqual({
    ok: true,
    line: expect.stringContaining('2 lesser') as string,
  })
  const signed = (answer: object) => signaturesSaid({ text: JSON.stringify(answer), complaint: '' })
  expect(signed({ invalid: [], missing: [] })).toMatchObject({ ok: true })
  expect(signed({ invalid: [{}], missing: [] })).toMatchObject({ ok: false })
  expect(signed({ invalid: [], missing: [{}] })).toMatchObject({ ok: false })
})
