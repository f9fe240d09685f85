// The command line of the simulation: `npm run simulate -- --tier A --seed 41`, or `--seeds 1000 --from 1`. Ends with 1 when a seed fails.
import { parseArgs } from 'node:util'
import { addReached, nothingReached, reachedText } from './reach.ts'
import { failureText, simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    tier: { type: 'string', default: 'A' },
    seed: { type: 'string' },
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    twice: { type: 'boolean', default: false },
    steps: { type: 'string', default: '60' },
    'keep-going': { type: 'boolean', default: false },
  },
})
const tier = values.tier === 'B' ? 'B' : 'A'
const first = Number(values.seed ?? values.from)
const count = values.seed ? 1 : Number(values.seeds)
const reached = nothingReached()
const begun = performance.now()
let failed = 0

for (let seed = first; seed < first + count; seed += 1) {
  const result = await simulate({ seed, tier, stepsKept: Number(values.steps) })
  addReached(reached, result.reached)
  if (values.seed || values.twice) {
    const again = await simulate({ seed, tier })
    if (again.hash !== result.hash) result.failures.push(`the second run of the seed took another way: ${again.hash}`)
  }
  if (result.failures.length === 0) continue
  failed += 1
  console.error(values['keep-going'] ? `${seed}: ${result.failures[0]?.slice(0, 300)}` : failureText(result))
  if (!values['keep-going']) break
}

const minutes = (performance.now() - begun) / 60_000
console.log(reachedText(reached))
console.log(`Tier ${tier}: ${count} seeds from ${first}, ${failed} failed, ${Math.round(count / minutes)} a minute`)
process.exitCode = failed > 0 ? 1 : 0
