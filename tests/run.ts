// `npm test`: types, lint, unit, simulation, API and browser tests, one after the other, and one closing line that counts them all.
// A step that fails does not keep the others from running: the whole truth is wanted at once.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Counts {
  passed: number
  failed: number
}
interface Step {
  name: string
  command: [string, ...string[]]
  env?: Record<string, string>
  /** Reads the counts from a report; without one the step counts as one test. */
  report?: (text: string) => Counts
}

const reports = mkdtempSync(join(tmpdir(), 'quartermaster-tests-'))
const reportOf = (name: string) => join(reports, `${name}.json`)

const vitest = (project: string): Step => ({
  name: project,
  command: [
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportOf(project)}`,
  ],
  report: (text) => {
    const { numPassedTests: passed, numFailedTests, numFailedTestSuites } = JSON.parse(text) as Record<string, number>
    // A file that could not be loaded has no failed test, but is a failure.
    return { passed: passed ?? 0, failed: Math.max(numFailedTests ?? 0, numFailedTestSuites ?? 0) }
  },
})

const playwright = (project: string): Step => ({
  name: project,
  command: ['playwright', 'test', '--config', 'tests/browser/playwright.config.ts', '--project', project],
  env: { PLAYWRIGHT_JSON_OUTPUT_FILE: reportOf(project) },
  report: (text) => {
    const { stats } = JSON.parse(text) as { stats: { expected: number; unexpected: number; flaky: number } }
    // Nothing is tried again, so nothing can be flaky; were it, it would be a fault.
    return { passed: stats.expected, failed: stats.unexpected + stats.flaky }
  },
})

const steps: Step[] = [
  { name: 'types', command: ['npm', 'run', '--silent', 'check:types'] },
  { name: 'lint', command: ['npm', 'run', '--silent', 'check:lint'] },
  { name: 'format', command: ['npm', 'run', '--silent', 'check:format'] },
  { name: 'unused', command: ['npm', 'run', '--silent', 'check:unused'] },
  vitest('unit'),
  vitest('components'),
  vitest('api'),
  vitest('api-mocked'),
  vitest('simulation'),
  { name: 'build', command: ['vite', 'build', '--logLevel', 'warn'], env: { QM_FAST_BUILD: '1' } },
  playwright('browser'),
  playwright('alone'),
]

const total: Counts = { passed: 0, failed: 0 }
const wanted = process.argv.slice(2)
for (const step of steps.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const started = Date.now()
  console.log(`\n── ${step.name}`)
  const code = await run(step)
  const counts = countsOf(step, code)
  total.passed += counts.passed
  total.failed += counts.failed
  console.log(
    `── ${step.name}: ${counts.passed} passed, ${counts.failed} failed, ${Math.round((Date.now() - started) / 1000)} s`,
  )
}
rmSync(reports, { recursive: true, force: true })
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0

function run({ command: [program, ...args], env }: Step): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

function countsOf({ name, report }: Step, code: number): Counts {
  const whole = { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 }
  if (!report) return whole
  try {
    const counts = report(readFileSync(reportOf(name), 'utf8'))
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
  } catch (error) {
    console.error(`${name} left no report: ${String(error)}`)
    return { passed: 0, failed: 1 }
  }
}
