// What axe finds wrong on a page, a line each: the rule and the element. Axe runs in the page itself, which has no frames, so that
// nothing else is opened for it and it is brought there once.
import type { Page } from '@playwright/test'
import axe from 'axe-core'

declare global {
  var axe: Axe
}
type Axe = typeof axe

/** What is wrong within a part of the page, by all rules or by the named ones; empty where all is well. */
export async function wrong(page: Page, within = 'body', rules?: string[]): Promise<string[]> {
  if (await page.evaluate(() => !('axe' in globalThis))) await page.evaluate(axe.source)
  return page.evaluate(
    async ([part, only]) => {
      // What is half faded in has another contrast.
      const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
      await Promise.all(ending.map(({ finished }) => finished.catch(() => undefined)))
      // Of what is right only the names would be wanted: axe need not describe each element of it.
      const { violations } = await globalThis.axe.run(part, {
        resultTypes: ['violations'],
        ...(only && { runOnly: only }),
      })
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`))
    },
    [within, rules] as const,
  )
}

/**
 * What is wrong in either theme, and whether anything is wider than its window. The other theme has other colours and no other markup,
 * so that only contrast is looked at again.
 */
export async function wrongInBothThemes(page: Page, within = 'body'): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light' })
  const light = await wrong(page, within)
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await wrong(page, within, ['color-contrast'])
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  return [...light, ...dark.map((fault) => `dark: ${fault}`), ...(wide > 0 ? [`${wide} px too wide`] : [])]
}
