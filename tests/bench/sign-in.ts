// `npm run bench -- sign-in`: whether the time of an answer tells that an account exists. Wrong passwords for one that does and for one
// that does not, and forgotten passwords of both, in turns over a port; beside them the same question twice, which shows how far two
// series of one thing differ on this machine.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { served } from '../support/app.ts'
import { atPort } from '../support/provider.ts'

/** Of each; the first ones warm up and do not count. */
const [SAMPLES, WARM_UP] = [600, 30]
/** A day between two tries, so that nobody is slowed down. */
const DAY = 24 * 60 * 60_000

const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0

interface Asked {
  path: string
  body: (email: string) => object
}
const QUESTIONS: Readonly<Record<string, Asked>> = {
  'sign-in': { path: '/api/auth/sign-in/email', body: (email) => ({ email, password: 'not the right one' }) },
  forgot: { path: '/api/forgot', body: (email) => ({ email }) },
}

/** Prints a line for each question: the middle and the 95th percentile of both, and how they compare. */
export async function benchSignIn(samples = SAMPLES): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'quartermaster-sign-in-'))
  const acme = await served({ file: join(folder, 'quartermaster.db') })
  const port = await atPort(acme)
  let asked = 0
  async function time({ path, body }: Asked, email: string): Promise<number> {
    acme.clock.now += DAY + 1
    asked += 1
    const start = performance.now()
    const answer = await fetch(port.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-test-address': `192.0.2.${asked % 250}` },
      body: JSON.stringify(body(email)),
    })
    await answer.text()
    const took = performance.now() - start
    // What is done once the answer is on its way is done between two samples, and is nobody's time.
    await acme.settle()
    return took
  }
  try {
    for (const [name, question] of Object.entries(QUESTIONS)) {
      const series: [string, string, number[]][] = [
        ['exists', 'ingrid@tern.example', []],
        ['does not', 'nobody@tern.example', []],
        ['does not, again', 'nobody@tern.example', []],
      ]
      for (let round = -WARM_UP; round < samples; round += 1)
        // Each comes first, second and third equally often.
        for (let turn = 0; turn < series.length; turn += 1) {
          const one = series[(turn + round + WARM_UP) % series.length]
          if (!one) continue
          // What is measured always comes after the same: else the traces of what an account needed would be another's time.
          await time(question, 'somebody@tern.example')
          const took = await time(question, one[1])
          if (round >= 0) one[2].push(took)
        }
      const found = series.map(([label, , times]) => {
        const sorted = times.toSorted((a, b) => a - b)
        return { label, p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95) }
      })
      const [exists, not, again] = found
      if (!exists || !not || !again) throw new Error('A series is missing.')
      for (const { label, p50, p95 } of found)
        console.log(`${name}: ${label.padEnd(16)} p50 ${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms`)
      const apart = (a: number, b: number) => `${((a / b - 1) * 100).toFixed(1)} %`
      console.log(
        `${name}: an account that exists is apart by ${apart(exists.p50, not.p50)} (p50) and ${apart(exists.p95, not.p95)} (p95); ` +
          `the same twice by ${apart(again.p50, not.p50)} and ${apart(again.p95, not.p95)}`,
      )
    }
  } finally {
    await port.close()
    await acme.close()
    await rm(folder, { recursive: true, force: true })
  }
}
