// Names of many scripts, each with the Latin spelling that an address would use.
import { CULTURES, type Culture } from './cultures.ts'

const LETTERS: Readonly<Record<string, string>> = {
  ø: 'o',
  æ: 'ae',
  œ: 'oe',
  ł: 'l',
  ß: 'ss',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
}

export interface Name {
  /** As written by its owner. */
  written: string
  /** Lower-case ASCII, for the local part of an address. */
  ascii: string
}

/** The cultures to pick people from, by weight. */
export const cultures: readonly (Pick<Culture, 'weight' | 'phone'> & {
  given: readonly Name[]
  family: readonly Name[]
})[] = CULTURES.map(({ weight, phone, given, family }) => ({
  weight,
  phone,
  given: parse(given),
  family: parse(family),
}))

function parse(names: string): Name[] {
  return names.split(' ').map((name) => {
    const [written = '', ascii] = name.replaceAll('_', ' ').split('=')
    return { written, ascii: ascii ?? toAscii(written) }
  })
}

/** The spelling of a Latin name in an address: lower case, without marks, spaces and apostrophes. */
export function toAscii(name: string): string {
  const bare = name.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')
  return bare.replace(/[øæœłßđðþı]/g, (letter) => LETTERS[letter] ?? '').replace(/[^a-z0-9-]/g, '')
}
