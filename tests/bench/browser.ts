// A real Chromium with a profile on disk (a private one would keep IndexedDB in memory), and a typed way to call into its pages.
import { chromium, type Page } from '@playwright/test'
import { CHROMIUM_FLAGS, findChromium } from '../support/chromium.ts'
import type { Bench } from './page/index.ts'

export type Browser = Awaited<ReturnType<typeof startBrowser>>
export interface BenchPage {
  call<Name extends keyof Bench>(
    name: Name,
    args: Parameters<Bench[Name]>[0],
  ): Promise<Awaited<ReturnType<Bench[Name]>>>
  /** Bytes of the JavaScript heap after a collection. */
  heap(): Promise<number>
  close(): Promise<void>
}

export async function startBrowser(url: string, profile: string) {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    args: [
      ...CHROMIUM_FLAGS,
      '--disable-background-timer-throttling',
      '--disable-renderer-backgrounding',
      '--disable-backgrounding-occluded-windows',
    ],
  })
  return {
    /** A page with nothing in memory. */
    async page(): Promise<BenchPage> {
      const page = await context.newPage()
      page.on('pageerror', (error) => console.error(error))
      page.on('console', (message) => {
        if (message.type() === 'error') console.error(message.text())
      })
      await page.goto(url)
      await page.waitForFunction(() => 'bench' in globalThis)
      return {
        call: (name, args) =>
          page.evaluate(({ name, args }) => (globalThis.bench[name] as (args: unknown) => Promise<unknown>)(args), {
            name,
            args,
          } as { name: keyof Bench; args: unknown }) as ReturnType<BenchPage['call']> as never,
        heap: () => heapOf(page),
        close: () => page.close(),
      }
    },
    close: () => context.close(),
  }
}

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.enable')
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize
}
