// Light or dark: what the person chose on this device, else what the system says. static/theme.js sets it before the first paint.
const KEY = 'qm-theme'

export type Theme = 'light' | 'dark'

let current = $state<Theme>(document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light')

export const theme = {
  get current(): Theme {
    return current
  },
  /** Switches to the other one and remembers it on this device. */
  toggle(): void {
    apply(current === 'dark' ? 'light' : 'dark')
    try {
      localStorage.setItem(KEY, current)
    } catch (error) {
      if (!(error instanceof DOMException)) throw error // storage is forbidden here: the choice lasts until the next reload
    }
  },
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) => {
  if (!chosen()) apply(matches ? 'dark' : 'light')
})

function chosen(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch (error) {
    if (error instanceof DOMException) return null
    throw error
  }
}

function apply(next: Theme): void {
  current = next
  document.documentElement.dataset.theme = next
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', next === 'dark' ? '#161a1d' : '#ffffff')
}
