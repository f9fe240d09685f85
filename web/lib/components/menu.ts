// What a menu is made of, for its button (Menu.svelte) and for the part that is fetched when it opens (MenuBox.svelte).
import type { LucideIcon } from '@lucide/svelte'
import type { Snippet } from 'svelte'

export type MenuItem = {
  label: string
  icon?: LucideIcon
  /** Either what it does, or where it leads. */
  onselect?: () => void
  href?: string
  /** Why it cannot be done now: "Reactivate a deactivated user first". */
  because?: string | undefined
  danger?: boolean
  class?: string
}

export type MenuProps = {
  items: readonly MenuItem[]
  /** What the button shows. */
  trigger: Snippet
  /** Name of the button for screen readers where it shows an icon alone (hide other text in it from them). */
  label?: string
  class?: string
  /** Above the entries: name and e-mail of the account. */
  header?: Snippet
  align?: 'start' | 'end'
  open?: boolean
}
