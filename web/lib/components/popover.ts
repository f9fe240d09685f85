// What a popover is made of, for its button (Popover.svelte) and for the part that is fetched when it opens (PopoverBox.svelte).
import type { Snippet } from 'svelte'
import type { ClassValue } from 'svelte/elements'

export type PopoverProps = {
  /** What the button shows. */
  trigger: Snippet
  /** Of the button. */
  class?: ClassValue
  /** Name of what opens. */
  label: string
  content: Snippet
  contentClass?: string
  align?: 'start' | 'end'
  open?: boolean
  onopen?: () => void
}
