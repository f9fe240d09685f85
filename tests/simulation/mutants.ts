// Breaks the engine in one place at a time, in a copy of the sources, and runs seeds until one notices: a law that no mutant ever
// breaks promises nothing. Ends with 1 when a mutant survives. `npm run simulate:mutants`, or with names: `-- sequence replay`.
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { mutants, type Mutant } from './mutant-list.ts'

/** So many seeds must pass before anything is broken. */
const SOUND_SEEDS = '20'

const root = resolve(import.meta.dirname, '../..')
const { values, positionals } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    check: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})

const PARTS = ['package.json', 'shared', 'sync-server', 'web/lib/replica', 'tests/simulation', 'tests/support']

/** A copy of the sources at `from`. */
function copyOf(from: string): string {
  const tree = mkdtempSync(join(tmpdir(), 'quartermaster-mutant-'))
  for (const part of PARTS) cpSync(join(from, part), join(tree, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'))
  return tree
}

function breakIn(tree: string, { name, changes }: Mutant): void {
  for (const { file, find, replace } of changes) {
    const path = join(tree, file)
    const source = readFileSync(path, 'utf8')
    if (source.split(find).length !== 2) throw new Error(`${name}: ${file} does not hold this once: ${find}`)
    writeFileSync(
      path,
      source.replace(find, () => replace),
    )
  }
}

/** Runs seeds in the copy. @returns what the first failing one said */
function firstFailure(tree: string, tier: string, seeds: string): Promise<{ seed: string; why: string } | undefined> {
  const args = ['tests/simulation/run.ts', '--tier', tier, '--seeds', seeds, '--from', values.from]
  const child = spawn(process.execPath, args, { cwd: tree, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
  return new Promise((done) =>
    child.on('close', (code) => {
      const seed = /Seed (\d+) of tier/.exec(said)?.[1] ?? ''
      const why = said.split('\n').find((line) => line.startsWith('✗')) ?? said.slice(-300)
      done(code === 0 ? undefined : { seed, why })
    }),
  )
}

const chosen = mutants.filter(({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)))
// Everybody may go on working in the sources meanwhile: all mutants are made of what they are now.
const sound = copyOf(root)
let survived = 0
try {
  const unbroken = values.check ? undefined : await firstFailure(sound, 'A', SOUND_SEEDS)
  if (unbroken) throw new Error(`Seed ${unbroken.seed} fails without any mutant: ${unbroken.why}`)
  for (const mutant of chosen) {
    const tree = copyOf(sound)
    try {
      breakIn(tree, mutant)
      if (values.check) continue
      const failure = await firstFailure(tree, mutant.tier ?? 'A', values.seeds)
      if (!failure) survived += 1
      console.log(
        failure
          ? `found by seed ${failure.seed.padEnd(5)} ${mutant.name}\n      ${failure.why.slice(0, 200)}`
          : `SURVIVED            ${mutant.name}`,
      )
    } finally {
      rmSync(tree, { recursive: true, force: true })
    }
  }
} finally {
  rmSync(sound, { recursive: true, force: true })
}
console.log(`${chosen.length} mutants, ${survived} survived`)
process.exitCode = survived > 0 ? 1 : 0
