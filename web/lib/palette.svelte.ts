// What the search palette finds. The pages of the app are always there; who owns people, groups and actions adds a source of them.
import type { LucideIcon } from '@lucide/svelte'

export type PaletteEntry = {
  /** Unique among all entries. */
  id: string
  label: string
  /** Right of the label: e-mail, number of members, a key. */
  hint?: string
  icon?: LucideIcon
  /** Either where it leads, or what it does. */
  href?: string
  run?: () => void
}

export type PaletteGroup = { title: string; entries: readonly PaletteEntry[] }

/** Answers what fits the text, best first, 50 entries at most; for an empty text what is useful then. */
export type PaletteSource = (text: string) => readonly PaletteGroup[]

let sources = $state.raw<readonly PaletteSource[]>([])

/** Adds a source; answers a function that takes it away again (fit for an $effect). */
export function addPaletteSource(source: PaletteSource): () => void {
  sources = [...sources, source]
  return () => {
    sources = sources.filter((other) => other !== source)
  }
}

/** Everything found for this text, in the order in which the sources were added. */
export const findInPalette: PaletteSource = (text) =>
  sources.flatMap((source) => source(text.trim())).filter(({ entries }) => entries.length > 0)
