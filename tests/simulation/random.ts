// The one source of chance of a run. Everything that happens in it follows from its seed, so that a failure repeats.

export interface Random {
  /** 0 ≤ r < 1 */
  next(): number
  /** 0 ≤ i < below */
  int(below: number): number
  chance(probability: number): boolean
  pick<T>(from: readonly T[]): T | undefined
  /** Up to `most` different ones, at least one where there are any. */
  some<T>(from: readonly T[], most: number): T[]
  bytes(count: number): Uint8Array
}

/** sfc32: small, fast, and good enough to choose with. */
export function createRandom(seed: number): Random {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, seed | 0, 1]
  const word = (): number => {
    const sum = (a + b + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let round = 0; round < 15; round += 1) word()

  const next = () => word() / 0x1_0000_0000
  const int = (below: number) => Math.floor(next() * below)
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (from) => from[int(from.length)],
    some: (from, most) => {
      const left = [...from]
      const count = Math.min(left.length, 1 + int(most))
      return Array.from({ length: count }, () => left.splice(int(left.length), 1)).flat()
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => word() & 0xff),
  }
}

/** UUIDv7s from the run's own chance and clock. */
export function createIds(random: Random, clock: () => number): () => string {
  return () => {
    const bytes = random.bytes(16)
    const now = clock()
    for (let at = 0; at < 6; at += 1) bytes[at] = Math.floor(now / 2 ** (8 * (5 - at))) & 0xff
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    const hex = Buffer.from(bytes).toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
}
