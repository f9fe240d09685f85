// What kind of run a seed makes: each has some faults and not others, since faults of one kind hide those of another.
import type { Random } from './random.ts'
import type { Plan, Tier } from './state.ts'

export function planFor(random: Random, tier: Tier): Plan {
  const sometimes = (probability: number, value: number) => (random.chance(probability) ? value : 0)
  return {
    actions: tier === 'A' ? 40 + random.int(50) : 40 + random.int(40),
    devices: 2 + random.int(3),
    pageRows: random.pick([3, 6, 12, 1000]) ?? 12,
    lose: sometimes(0.6, 0.12),
    repeat: sometimes(0.5, 0.15),
    tooLarge: sometimes(0.2, 0.5),
    crashTab: sometimes(0.6, 0.8),
    crashServer: sometimes(0.5, 0.8),
    storeFault: sometimes(0.2, 0.05),
    fine: random.chance(0.15),
    deviceStore: sometimes(0.2, 0.02),
    fork: random.chance(0.25),
    restore: random.chance(0.25),
    tombstones: random.chance(0.3),
    poison: random.chance(0.3),
    clocks: random.chance(0.3),
    signOut: random.chance(0.15),
    demote: random.chance(0.25),
    publishEvery: random.pick([300, 5_000, 60_000]) ?? 60_000,
  }
}
