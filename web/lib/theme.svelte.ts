// Light or dark: what the person chose on this device, else what the system says. static/theme.js sets it before the first paint.
const KEY = 'qm-theme'

export type Theme = 'light' | 'dark'
export type ThemeChoice = Theme | 'system'

let current = $state<Theme>(document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light')

let choice = $state<ThemeChoice>(asChoice(chosen()))

export const theme = {
  get current(): Theme {
    return current
  },
  /** What was chosen on this device. */
  get choice(): ThemeChoice {
    return choice
  },
  /** Chooses for this device; `system` follows the system again. */
  choose(next: ThemeChoice): void {
    apply(next === 'system' ? (dark.matches ? 'dark' : 'light') : next)
    keep(next)
  },
  /** Switches to the other one and remembers it on this device. */
  toggle(): void {
    theme.choose(current === 'dark' ? 'light' : 'dark')
  },
}

const dark = matchMedia('(prefers-color-scheme: dark)')
dark.addEventListener('change', ({ matches }) => {
  if (choice === 'system') apply(matches ? 'dark' : 'light')
})

function keep(next: ThemeChoice): void {
  choice = next
  try {
    if (next === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, next)
  } catch (error) {
    if (!(error instanceof DOMException)) throw error // storage is forbidden here: the choice lasts until the next reload
  }
}

function asChoice(stored: string | null): ThemeChoice {
  return stored === 'dark' || stored === 'light' ? stored : 'system'
}

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
