// `npm run supply`: what comes from others. The lock file's own faults, a bill of materials (CycloneDX) of all of it, known holes and the
// registry's signatures. Development packages count as well: the app that browsers get is built of them.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { lockFaults, sbomFaults, type Lock, type Manifest, type Sbom } from './supply-faults.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Never committed: it is of one moment. */
const FILE = 'sbom.cdx.json'

const read = (name: string): unknown => JSON.parse(readFileSync(`${ROOT}/${name}`, 'utf8'))

interface Said {
  ok: boolean
  line: string
}

/** npm answers in JSON on standard output, also where it fails. */
function npm(...args: string[]): { text: string; complaint: string } {
  const { stdout, stderr, error } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  return { text: stdout ?? '', complaint: error?.message ?? stderr ?? '' }
}

function parsedOrNothing(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    // A failure that npm puts in words alone is no answer.
    return {}
  }
}

const COULD_NOT = 'could not be asked, so nothing is known. Run this again where the registry can be reached'

export function auditSaid({ text, complaint }: { text: string; complaint: string }): Said {
  const { metadata, message } = parsedOrNothing(text) as {
    metadata?: { vulnerabilities?: Record<string, number> }
    message?: string
  }
  const found = metadata?.vulnerabilities
  if (!found) return { ok: false, line: `Known holes: the registry ${COULD_NOT}. (${reasonOf(message ?? complaint)})` }
  const { high = 0, critical = 0, moderate = 0, low = 0 } = found
  const others = `${moderate + low} lesser`
  return high + critical > 0
    ? {
        ok: false,
        line: `Known holes: ${high} high and ${critical} critical ones, ${others}. \`npm audit\` lists them.`,
      }
    : { ok: true, line: `Known holes: none that is high or critical, ${others}.` }
}

export function signaturesSaid({ text, complaint }: { text: string; complaint: string }): Said {
  const { invalid, missing, error } = parsedOrNothing(text) as {
    invalid?: unknown[]
    missing?: unknown[]
    error?: { summary?: string }
  }
  if (!invalid || !missing)
    return {
      ok: false,
      line: `Signatures: the registry's keys ${COULD_NOT}. (${reasonOf(error?.summary ?? complaint)})`,
    }
  const wrong = invalid.length + missing.length
  return wrong > 0
    ? {
        ok: false,
        line: `Signatures: ${invalid.length} are wrong, ${missing.length} are missing. \`npm audit signatures\` lists them.`,
      }
    : { ok: true, line: 'Signatures: each package is signed by its registry.' }
}

const reasonOf = (complaint: string): string =>
  complaint
    .split('\n')
    .map((line) => line.replace(/^npm (warn|error)\s*(audit\s*)?/i, '').trim())
    .find((line) => line !== '') ?? 'npm said nothing'

/** What a package says in a file of its own and not in its package.json, as we have read it there. */
const READ_LICENCES: Readonly<Record<string, string>> = { 'svelte-toolbelt': 'MIT' }

/** Every package of the lock file, which needs no network. Peers that are optional, and that we have newer, would have npm refuse. */
export function makeSbom(): Partial<Sbom> {
  const { text } = npm('sbom', '--package-lock-only', '--legacy-peer-deps', '--sbom-format', 'cyclonedx')
  const sbom = parsedOrNothing(text) as Partial<Sbom>
  const licensed = (one: Sbom['components'][number]) => {
    const id = READ_LICENCES[one.name]
    return id && !one.licenses?.length ? { ...one, licenses: [{ license: { id } }] } : one
  }
  return { ...sbom, ...(sbom.components ? { components: sbom.components.map(licensed) } : {}) }
}

const told = (what: string, faults: readonly string[], fine: string): Said =>
  faults.length > 0 ? { ok: false, line: [`${what}:`, ...faults].join('\n  ') } : { ok: true, line: `${what}: ${fine}` }

function supply(): Said[] {
  const lock = read('package-lock.json') as Lock
  const sbom = makeSbom()
  writeFileSync(`${ROOT}/${FILE}`, JSON.stringify(sbom, null, 2))
  const packages = Object.keys(lock.packages).length - 1
  return [
    told('Lock file', lockFaults(lock, read('package.json') as Manifest), `${packages} packages, each by its digest.`),
    told('Bill of materials', sbomFaults(sbom, lock), `all of them, in ${FILE}.`),
    auditSaid(npm('audit', '--json', '--audit-level=high')),
    signaturesSaid(npm('audit', 'signatures', '--json')),
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const all = supply()
  for (const { ok, line } of all) console.log(`${ok ? 'well' : 'FAULT'}  ${line}`)
  process.exitCode = all.every(({ ok }) => ok) ? 0 : 1
}
