// What text may be stored: one rule for the form, the queue, the request and the file.
// PostgreSQL can't hold NUL and UTF-8 can't carry a lone surrogate, so neither ever gets past a border.
import * as v from 'valibot'

export const MAX_TEXT = 200

/** A short text: at most `max` characters (code points), trimmed, no NUL, no lone surrogate. */
export const text = (max = MAX_TEXT) =>
  v.pipe(
    v.string(),
    v.check(
      (value) => !value.includes('\0') && value.isWellFormed(),
      'Contains a character that cannot be stored. Remove it and try again.',
    ),
    v.trim(),
    v.check((value) => isWithin(value, max), `Longer than ${max} characters. Shorten it.`),
  )

/** As `text`, but not empty. */
export const filledText = (max = MAX_TEXT) => v.pipe(text(max), v.minLength(1, 'Needs at least one character.'))

/** Most texts are short enough by their UTF-16 length alone. */
const isWithin = (value: string, max: number) => value.length <= max || [...value].length <= max
