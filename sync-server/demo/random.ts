// A small source of chance that repeats from its seed: sfc32, seeded through splitmix32.
// It fills the demo organisation alone and must never make a secret, a token or an id of a real row.
import { v7 } from 'uuid'

export interface Random {
  /** From 0 up to, never reaching, 1. */
  next(): number
  /** A whole number from 0 up to, never reaching, `end`. */
  below(end: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** One of a list that is not empty. */
  pick<Item>(items: readonly Item[]): Item
  /** One of a list that is not empty, in proportion to its weight. */
  weighted<Item extends { weight: number }>(items: readonly Item[]): Item
  /** A UUIDv7 of this moment. */
  uuid(msecs: number): string
}

/** @param seed any whole number; the same seed gives the same sequence on every machine. */
export function randomFrom(seed: number): Random {
  let mixed = seed | 0
  const mix = () => {
    mixed = (mixed + 0x9e3779b9) | 0
    let word = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97)
    return word ^ (word >>> 15)
  }
  let a = mix()
  let b = mix()
  let c = mix()
  let counter = 1

  const word = () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let round = 0; round < 12; round += 1) word()

  const bytes = new Uint8Array(16)
  const words = new DataView(bytes.buffer)
  const next = () => word() / 2 ** 32
  const below = (end: number) => Math.floor(next() * end)
  const some = <Item>(item: Item | undefined): Item => {
    if (item === undefined) throw new Error('Nothing to pick from: the list is empty.')
    return item
  }
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (items) => some(items[below(items.length)]),
    weighted(items) {
      let left = next() * items.reduce((sum, { weight }) => sum + weight, 0)
      return some(items.find(({ weight }) => (left -= weight) < 0) ?? items.at(-1))
    },
    uuid(msecs) {
      for (let at = 0; at < 16; at += 4) words.setUint32(at, word())
      return v7({ msecs, random: bytes })
    },
  }
}
