// The app's navigation in tests of components: goes at once, and remembers where to.
import { page } from './app-state.svelte.ts'

export const went: string[] = []

export function goto(href: string | URL): Promise<void> {
  went.push(String(href))
  page.url = new URL(href, page.url)
  return Promise.resolve()
}
export const afterNavigate = (): void => undefined
