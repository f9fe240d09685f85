// What each workload gets, and how one says that a store's answer was wrong.
import type { Browser } from './browser.ts'
import type { Report } from './report.ts'
import type { Served } from './serve.ts'
import type { World } from './world.ts'

export interface Bench {
  world: World
  server: Served
  browser: Browser
  report: Report
  rounds: number
}

/** @throws when a store holds something else than it was given: a fast wrong answer is no figure */
export function agree(what: string, found: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)]
  if (a !== b) throw new Error(`${what}: found ${a}, wanted ${b}.`)
}

/** Runs the parts of each round in turn, in the other order every second time. */
export async function interleaved(
  rounds: number,
  ...parts: readonly ((round: number) => Promise<void>)[]
): Promise<void> {
  for (let round = 0; round < rounds; round += 1)
    for (const part of round % 2 === 0 ? parts : parts.toReversed()) await part(round)
}
