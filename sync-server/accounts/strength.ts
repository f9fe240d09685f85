// Whether a password is good enough to be chosen: long enough, not among the well-known ones, and not guessed by their patterns. The
// list of well-known passwords is zxcvbn-ts' (@zxcvbn-ts/language-common, from leaked collections); it never leaves the server.
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'

export const SHORTEST = 12
/** What argon2id takes is not bounded, what we let it work on is. */
export const LONGEST = 200

/** Guesses after which a stolen hash of this cost is not worth it; 10^8 is what the library calls its second of four grades. */
const ENOUGH_GUESSES = 1e8

export type Weakness = 'short' | 'long' | 'well-known' | 'guessable'

let checker: ZxcvbnFactory | undefined

/**
 * Why a password is refused; undefined where it is good.
 * @param about what others know of the person: name, address, organisation
 */
export function weaknessOf(password: string, about: readonly string[]): Weakness | undefined {
  const letters = [...password.normalize('NFKC')].length
  if (letters < SHORTEST) return 'short'
  if (password.length > LONGEST) return 'long'
  checker ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })
  // Its cost grows faster than the length: a sentence longer than this is judged by its beginning.
  const words = about.flatMap((text) => text.split(/[\s@.]+/)).filter((word) => word.length > 2)
  const { guesses, sequence } = checker.check(password.slice(0, 64), [...about, ...words, 'quartermaster'])
  if (guesses >= ENOUGH_GUESSES) return undefined
  const known = sequence.some((match) => 'dictionaryName' in match && match.dictionaryName.startsWith('passwords'))
  return known ? 'well-known' : 'guessable'
}
