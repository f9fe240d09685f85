// CSV: a file of 100,000 new users into Add Multiple Users, from the drop to the last row that was checked: how long the page's main thread is
// held at most, when the first errors stand there, and all of it beside papaparse alone on the same text in the same browser.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext } from '@playwright/test'
import { CHROMIUM_FLAGS, findChromium } from '../support/chromium.ts'
import { firstSync, ROOT, serveApp } from './app.ts'
import { createTrace } from './trace.ts'
import type { Bench } from './workload.ts'

const ROWS = 100_000
const USERS = 1_000
/** One of so many has an address that can't be mailed. */
const FAULTY = 100

export async function csv({ report, rounds }: Bench): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'quartermaster-bench-csv-'))
  const app = await serveApp(folder, USERS)
  try {
    app.host('set-product', '--name', 'Recruiter', '--seats', '200000')
    const text = fileOf(ROWS)
    const path = join(folder, 'joiners.csv')
    await writeFile(path, text)
    const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: findChromium(),
      args: CHROMIUM_FLAGS,
      viewport: { width: 1440, height: 900 },
      locale: 'en-GB',
    })
    const page = context.pages()[0] ?? (await context.newPage())
    await firstSync(page, app.url, USERS)
    await page.getByRole('link', { name: 'Add Multiple Users' }).first().click()
    const input = page.getByLabel('File of users')
    const rowsShown = page.getByRole('group', { name: 'Rows shown' })
    const trace = await createTrace(page)
    const figures = { first: [] as number[], whole: [] as number[], longest: [] as number[], raw: [] as number[] }
    await rowsShown.waitFor()
    for (let round = 0; round < rounds; round += 1) {
      figures.raw.push(await papaparseAlone(context, text))
      const seen = await page.evaluateHandle(watch, (ROWS - ROWS / FAULTY).toLocaleString('en'))
      const tasks = await trace.tasks(async () => {
        await input.setInputFiles(path)
        const moments = await seen.evaluate(({ whole }) => whole)
        figures.first.push(moments.first)
        figures.whole.push(moments.whole)
      })
      figures.longest.push(Math.max(0, ...tasks))
      await page.getByRole('button', { name: 'Leave file' }).click()
      await rowsShown.getByRole('button', { name: 'Ready 0' }).waitFor()
    }
    await context.close()
    report.absolute('CSV', '100,000 rows: first errors shown', '≤ 1,000', 'ms', figures.first)
    report.absolute('CSV', 'longest task from drop to preview', '≤ 50', 'ms', figures.longest)
    report.compare('CSV', 'the whole check, beside papaparse alone', 'shown', figures.whole, figures.raw)
  } finally {
    await app.end()
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Runs in the page, since a driver that looks from outside waits for its own turn: milliseconds from the choice of the file until the first
 * row to mend is counted, and until all rows are.
 */
function watch(ready: string): { whole: Promise<{ first: number; whole: number }> } {
  const whole = new Promise<{ first: number; whole: number }>((resolve) => {
    const shown = document.querySelector('[aria-label="Rows shown"]')
    let start = 0
    let first = 0
    document.addEventListener('change', () => (start = performance.now()), { capture: true, once: true })
    const observer = new MutationObserver(() => {
      if (start === 0) return
      const text = shown?.textContent?.replace(/\s+/g, ' ') ?? ''
      if (first === 0 && /To mend [1-9]/.test(text)) first = performance.now() - start
      if (!text.includes(`Ready ${ready}`)) return
      observer.disconnect()
      resolve({ first, whole: performance.now() - start })
    })
    if (shown) observer.observe(shown, { childList: true, subtree: true, characterData: true })
  })
  return { whole }
}

function fileOf(rows: number): string {
  const lines = Array.from({ length: rows }, (_, at) => {
    const email = at % FAULTY === 0 ? `joiner${at}.example` : `joiner${at}@file.example`
    return `First${at},Last${at},${email},Recruiter,"Lead, ${at % 40}",+47 22 ${at},E-${at}`
  })
  return ['First name,Last name,E-mail,Product,Title,Phone,External id', ...lines].join('\r\n')
}

/** Milliseconds that papaparse takes for the text in a page that does nothing else. */
async function papaparseAlone(context: BrowserContext, text: string): Promise<number> {
  const page = await context.newPage()
  await page.addScriptTag({ path: join(ROOT, 'node_modules', 'papaparse', 'papaparse.min.js') })
  const took = await page.evaluate((given) => {
    const { Papa } = globalThis as unknown as { Papa: { parse(text: string): unknown } }
    const start = performance.now()
    Papa.parse(given)
    return performance.now() - start
  }, text)
  await page.close()
  return took
}
