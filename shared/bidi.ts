// Typed text within a sentence of ours. Unicode lets a text turn the direction of what follows it, so that a name could reorder the words
// round it: here it is fenced in. A text in letters that run to the right alone is left as it is.

/** Embeddings, overrides and isolates: what turns directions, and could end the fence. */
const CONTROLS = /[\u202A-\u202E\u2066-\u2069]/gu
/** What is written to the left, or marks that count as such; see the Unicode Bidirectional Algorithm (UAX 9). */
const TURNING =
  /[\u0590-\u08FF\u200F\u202A-\u202E\u2066-\u2069\uFB1D-\uFDFF\uFE70-\uFEFC]|[\u{10800}-\u{10FFF}]|[\u{1E800}-\u{1EFFF}]/u
const [FIRST_STRONG, POP] = ['\u2068', '\u2069']

/** The text as part of a sentence; undefined stays so. */
export function isolated<Text extends string | undefined>(text: Text): Text | string {
  if (text === undefined || !TURNING.test(text)) return text
  return `${FIRST_STRONG}${text.replace(CONTROLS, '')}${POP}`
}
