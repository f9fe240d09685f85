// A server for one test file: its own process, its own data, the demo organisation in it, and the command line beside it.
import { test as base, type BrowserContext, type Page } from '@playwright/test'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { filledBy } from './filled.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const ENTRY = join(ROOT, 'sync-server', 'start.js')

export interface Server {
  url: string
  /** Runs a command of the server's host: `host('set-product', '--name', 'Recruiter', '--seats', '900')`. */
  host(...args: string[]): string
  /** Asks the database itself, beside the server. */
  rows<Row>(sql: string, ...values: (string | number)[]): Row[]
  /** Writes into the database beside the server, as nobody should. */
  tamper(sql: string): void
  /** Ends the process; `start` has it serve the same data again. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Ends the process the hard way and starts it again over the same data. */
  restart(signal?: NodeJS.Signals): Promise<void>
}

export const ADMIN = { email: 'ingrid.solberg@tern.example', password: 'northern-terns' }

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (typeof address !== 'object' || !address) throw new Error('No free port.')
  return address.port
}

/** A data folder with a filled organisation. Filling takes seconds: each size is made once in a run of the tests and copied after that. */
function filledFolder(users: number): string {
  const kept = `${filledBy(process.ppid)}-${users}`
  const data = mkdtempSync(join(tmpdir(), 'quartermaster-browser-'))
  if (existsSync(kept)) cpSync(kept, data, { recursive: true })
  else {
    const env = { ...process.env, DATA_DIR: data }
    execFileSync(process.execPath, [ENTRY, 'seed', '--users', String(users)], { env, cwd: ROOT })
    const making = mkdtempSync(`${kept}-`)
    cpSync(data, making, { recursive: true })
    try {
      renameSync(making, kept)
    } catch (error) {
      // Another worker was first.
      if (!existsSync(kept)) throw error
      rmSync(making, { recursive: true })
    }
  }
  return data
}

async function startServer(users: number) {
  const data = filledFolder(users)
  const port = await freePort()
  const env = { ...process.env, PORT: String(port), HOST: '127.0.0.1', DATA_DIR: data, PUBLIC_URL: '' }
  const host = (...args: string[]) =>
    execFileSync(process.execPath, [ENTRY, ...args], { env, encoding: 'utf8', cwd: ROOT })
  let child: ChildProcess
  const launch = async () => {
    child = spawn(process.execPath, [ENTRY, 'serve'], { env, cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
    const { stdout } = child
    if (!stdout) throw new Error('The server has no output.')
    for await (const chunk of stdout) if (String(chunk).includes(`:${port}`)) break
    // What it prints later is read and dropped, so that a full pipe never holds it up.
    stdout.resume()
  }
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  await launch()
  const server: Server = {
    url: `http://localhost:${port}`,
    host,
    rows: <Row>(sql: string, ...values: (string | number)[]) => {
      const database = new DatabaseSync(join(data, 'quartermaster.db'), { readOnly: true })
      try {
        return database.prepare(sql).all(...values) as Row[]
      } finally {
        database.close()
      }
    },
    tamper: (sql) => {
      const database = new DatabaseSync(join(data, 'quartermaster.db'), { timeout: 5_000 })
      try {
        database.exec(sql)
      } finally {
        database.close()
      }
    },
    stop: () => end('SIGTERM'),
    start: launch,
    restart: async (signal = 'SIGKILL') => {
      await end(signal)
      await launch()
    },
  }
  return {
    server,
    stop: async () => {
      await end('SIGTERM')
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/**
 * `users` says how large the organisation of a file is. `server` lives as long as its worker, and Playwright gives a worker to the next
 * file where nothing tells them apart: so each file names itself, `test.use({ file: import.meta.filename })`.
 */
export const test = base.extend<object, { server: Server; users: number; file: string }>({
  file: ['', { option: true, scope: 'worker' }],
  users: [2_500, { option: true, scope: 'worker' }],
  server: [
    async ({ users, file }, use) => {
      if (!file) throw new Error('Name the file: test.use({ file: import.meta.filename })')
      const { server, stop } = await startServer(users)
      await use(server)
      await stop()
    },
    { scope: 'worker', timeout: 600_000 },
  ],
})
export { expect } from '@playwright/test'

/** Signs in by the page, as a person does, and waits until the first copy is complete. */
export async function signIn(page: Page, server: Server, who = ADMIN): Promise<void> {
  await page.goto(`${server.url}/sign-in?next=/users`)
  await page.getByLabel('E-mail').fill(who.email)
  await page.getByLabel('Password').fill(who.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Users', level: 1, exact: true }).waitFor()
  await saved(page)
}

/** Waits until everything is saved, as the pill says. */
export const saved = (page: Page) => waits(page, /^Saved/)
/** Waits until the pill says so. */
export const waits = (page: Page, text: RegExp) =>
  page.getByRole('banner').getByRole('button', { name: text }).waitFor()

/** Waits until the service worker has everything that an offline start needs. */
export async function installed(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
  })
}

/** Fails the test on any error of the page, and on any breach of the content security policy. */
export function watchForFaults(context: BrowserContext): { faults: string[] } {
  const faults: string[] = []
  context.on('weberror', (error) => faults.push(error.error().message))
  context.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource|ERR_INTERNET_DISCONNECTED/.test(message.text()))
      faults.push(message.text())
  })
  return { faults }
}
