// W7: the app itself with 100,000 users in a real browser, without a network once they are there: what a filter, a sort, selecting all,
// a preview and scrolling take of the page's main thread. Tasks are counted by the processor's time that they take, from a trace, so
// that what else the machine does weighs little.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { CHROMIUM_FLAGS, findChromium } from '../support/chromium.ts'
import { createTrace } from './trace.ts'
import { agree, type Bench } from './workload.ts'

const SIZE = 100_000
export const ROOT = join(import.meta.dirname, '..', '..')
const FRAMES = 60
const WORD = 'okafor'
/** A forecast, a sort's ranking and the frames after it are over by then. */
const SETTLED = 1_500

export async function app({ report, rounds }: Bench): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'quartermaster-bench-app-'))
  const stop = await serveApp(folder)
  try {
    const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: findChromium(),
      args: CHROMIUM_FLAGS,
      viewport: { width: 1440, height: 900 },
      locale: 'en-GB',
    })
    const page = context.pages()[0] ?? (await context.newPage())
    const trace = await createTrace(page)
    const longest: Record<string, number[]> = {}
    const figures: Record<string, number[]> = {}
    const note = (into: Record<string, number[]>, what: string, value: number) => (into[what] ??= []).push(value)
    const measure = async (what: string, run: () => Promise<unknown>) => {
      const tasks = await trace.tasks(async () => {
        await run()
        await page.waitForTimeout(SETTLED)
      })
      note(longest, what, Math.max(0, ...tasks))
      return tasks
    }

    await measure('first sync', () => firstSync(page, stop.url))
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await page.waitForTimeout(SETTLED)
    await context.setOffline(true)
    for (let round = 0; round < rounds; round += 1) {
      await measure('opening', async () => {
        await page.reload()
        const start = await shown(page, 0)
        note(figures, 'first rows', start)
        await page.getByRole('grid', { name: 'Users', exact: true }).and(page.locator('[aria-busy=false]')).waitFor()
      })
      const search = page.getByRole('searchbox', { name: 'Search users' })
      const typed = await measure('typing', () => search.pressSequentially(WORD, { delay: 60 }))
      note(figures, 'typing', sum(typed) / WORD.length)
      await measure('clearing', () => search.fill(''))
      const sort = (name: string) => page.getByRole('columnheader', { name }).getByRole('button').click()
      const first = await measure('first sort', () => sort('E-mail'))
      note(figures, 'first sort', sum(first))
      await measure('other sorts', async () => {
        for (const name of ['Used', 'Group', 'Last active', 'Name']) {
          await sort(name)
          await page.waitForTimeout(SETTLED / 2)
        }
      })
      note(figures, 'sorting again', sum(await measure('sorting again', () => sort('E-mail'))))
      await page.mouse.move(700, 500)
      const scrolled = await measure('scrolling', async () => {
        for (let frame = 0; frame < FRAMES; frame += 1) {
          await page.mouse.wheel(0, 100)
          await page.waitForTimeout(16)
        }
      })
      note(figures, 'scrolling', sum(scrolled) / FRAMES)
      const all = await measure('selecting all', async () => {
        await page.getByRole('checkbox', { name: /^Select all/ }).click()
        await page.getByText('100,000 selected').first().waitFor()
      })
      note(figures, 'selecting all', Math.max(...all))
      await measure('a dialog', () => page.getByRole('button', { name: 'Assign Group' }).first().click())
      await measure('its preview', () => preview(page))
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Clear selection' }).click()
      await sort('Name')
      await page.waitForTimeout(SETTLED)
    }
    agree(
      'W7: users',
      await page.getByRole('grid', { name: 'Users', exact: true }).getAttribute('aria-rowcount'),
      `${SIZE + 1}`,
    )
    await context.close()
    const absolute = (what: string, goal: string, values: readonly number[]) =>
      report.absolute('W7', what, goal, 'ms', values)
    absolute('opened offline: first rows on the page', 'well under 1,000', figures['first rows'] ?? [])
    absolute('main thread: a letter of a search, filtered and drawn', 'a frame', figures['typing'] ?? [])
    absolute('main thread: first sort of a column', '≤ 100', figures['first sort'] ?? [])
    absolute('main thread: sorting by it again', 'a frame', figures['sorting again'] ?? [])
    absolute('main thread: selecting all', '≤ 50', figures['selecting all'] ?? [])
    absolute('main thread: a frame of scrolling', '≤ 10', figures['scrolling'] ?? [])
    for (const [what, values] of Object.entries(longest)) absolute(`longest task: ${what}`, '≤ 50', values)
  } finally {
    await stop.end()
    await rm(folder, { recursive: true, force: true })
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

export async function firstSync(page: Page, url: string, users = SIZE): Promise<void> {
  await page.goto(`${url}/sign-in?next=/users`)
  await page.getByLabel('E-mail').fill('ingrid.solberg@tern.example')
  await page.getByLabel('Password').fill('northern-terns')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page
    .getByText(`${users.toLocaleString('en')} users`, { exact: true })
    .first()
    .waitFor({ timeout: 120_000 })
  await page
    .getByRole('banner')
    .getByRole('button', { name: /^Saved/ })
    .waitFor({ timeout: 120_000 })
}

/** When a row of the list was there, in milliseconds after the page was asked for. */
async function shown(page: Page, index: number): Promise<number> {
  await page.locator(`[role=grid] tbody [aria-rowindex="${index + 2}"]`).waitFor()
  return page.evaluate(() => performance.now())
}

/** Chooses the first group that there is, and waits for what would happen. */
async function preview(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog')
  const group = dialog.getByRole('combobox')
  await group.click()
  await group.press('ArrowDown')
  await group.press('Enter')
  await dialog.locator('.preview').waitFor()
}

/** Builds the app and serves it with so many users. */
export async function serveApp(
  folder: string,
  users = SIZE,
): Promise<{ url: string; host(...args: string[]): void; end(): Promise<void> }> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  const port = typeof address === 'object' && address ? address.port : 0
  const env = { ...process.env, PORT: String(port), HOST: '127.0.0.1', DATA_DIR: join(folder, 'data'), PUBLIC_URL: '' }
  const entry = join(ROOT, 'sync-server', 'start.js')
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js')
  execFileSync(process.execPath, [vite, 'build', '--logLevel', 'error'], {
    cwd: ROOT,
    env: { ...env, QM_FAST_BUILD: '1' },
  })
  const host = (...args: string[]) => void execFileSync(process.execPath, [entry, ...args], { cwd: ROOT, env })
  host('seed', '--users', String(users))
  const server = spawn(process.execPath, [entry, 'serve'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const chunk of server.stdout) if (String(chunk).includes(`:${port}`)) break
  server.stdout.resume()
  return {
    url: `http://127.0.0.1:${port}`,
    host,
    end: async () => {
      const ended = once(server, 'exit')
      server.kill('SIGTERM')
      await ended
    },
  }
}
