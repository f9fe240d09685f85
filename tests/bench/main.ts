// `npm run bench`: the workloads in a real browser against a real server, each beside the raw platform doing the same work in the same
// run. `npm run bench -- W1 W3 --json FILE --rounds 5`: some of them, more rounds, and the figures as a file. EVENTS=100000 lets
// INGEST report fewer. `npm run bench -- sign-in`: see sign-in.ts.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import { action } from './action.ts'
import { app } from './app.ts'
import { startBrowser } from './browser.ts'
import { csv } from './csv.ts'
import { edits } from './edits.ts'
import { firstSync } from './first-sync.ts'
import { ingest } from './ingest.ts'
import { open } from './open.ts'
import { createReport } from './report.ts'
import { startServer } from './serve.ts'
import { benchSignIn } from './sign-in.ts'
import { usage } from './usage.ts'
import { createWorld } from './world.ts'

const WORKLOADS = { W1: firstSync, W2: open, W3: edits, W4: action, W7: app, W8: usage, CSV: csv, INGEST: ingest }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, rounds: { type: 'string', default: '3' } },
})
const wanted = positionals.length > 0 ? positionals.map((name) => name.toUpperCase()) : Object.keys(WORKLOADS)
// It needs neither a browser nor a build.
if (wanted.join() === 'SIGN-IN') {
  await benchSignIn()
  process.exit(0)
}
const unknown = wanted.find((name) => !(name in WORKLOADS))
if (unknown !== undefined) {
  console.error(
    `There is no workload ${unknown}. There are ${Object.keys(WORKLOADS).join(', ')}, and SIGN-IN by itself.`,
  )
  process.exit(1)
}

const folder = await mkdtemp(join(tmpdir(), 'quartermaster-bench-'))
// Each of one file, as the server hands them out.
const scripts = {
  'bench.js': 'page/index.ts',
  'usage-worker.js': '../../web/lib/usage/worker.ts',
  'usage-sums.js': 'page/usage-sums.ts',
}
for (const [script, entry] of Object.entries(scripts))
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'esnext',
      lib: { entry: join(import.meta.dirname, entry), formats: ['es'], fileName: () => script },
      minify: process.env['BENCH_PROFILE'] ? false : 'oxc',
    },
  })
const world = await createWorld(folder)
const server = await startServer(world, folder)
const browser = await startBrowser(server.url, join(folder, 'profile'))
const report = createReport()
try {
  for (const [name, run] of Object.entries(WORKLOADS))
    if (wanted.includes(name)) {
      const start = performance.now()
      await run({ world, server, browser, report, rounds: Number(values.rounds) })
      console.error(`${name} took ${Math.round((performance.now() - start) / 1000)} s`)
    }
} finally {
  await browser.close()
  await server.close()
  await world.close()
  await rm(folder, { recursive: true, force: true })
}
console.log(report.table())
if (values.json) await writeFile(values.json, `${JSON.stringify(report.results(), null, 2)}\n`)
