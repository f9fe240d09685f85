// What may be wrong with the lock file and with the bill of materials, each in a sentence that names the package.

interface Locked {
  version?: string
  resolved?: string
  integrity?: string
  license?: string
  link?: boolean
  hasInstallScript?: boolean
}
type Names = Readonly<Record<string, string>>
export interface Lock {
  lockfileVersion: number
  /** By folder; the empty one is the project itself. */
  packages: Readonly<Record<string, Locked & { dependencies?: Names; devDependencies?: Names }>>
}
export interface Manifest {
  dependencies?: Names
  devDependencies?: Names
  /** Which packages may run a script while they are installed. */
  allowScripts?: Readonly<Record<string, boolean>>
}
export interface Sbom {
  bomFormat: string
  components: readonly {
    name: string
    version: string
    hashes?: readonly { alg: string; content: string }[]
    licenses?: readonly unknown[]
  }[]
}

/** The one place that packages come from. Without `resolved` npm asks the registry that it is set up with, and the digest decides. */
const REGISTRY = 'https://registry.npmjs.org/'

const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
const packagesOf = ({ packages }: Lock) => Object.entries(packages).filter(([folder]) => folder !== '')

export function lockFaults(
  lock: Lock,
  { dependencies = {}, devDependencies = {}, allowScripts = {} }: Manifest,
): string[] {
  const faults: string[] = []
  if (lock.lockfileVersion !== 3) faults.push('It is not of version 3. Make it anew with a current npm.')
  const own = lock.packages['']
  if (
    JSON.stringify([own?.dependencies ?? {}, own?.devDependencies ?? {}]) !==
    JSON.stringify([dependencies, devDependencies])
  )
    faults.push('It is of another package.json. Run npm install, and commit both.')
  for (const [folder, one] of packagesOf(lock)) {
    const name = nameOf(folder)
    if (one.link) faults.push(`${folder} is a link to a folder: nobody else has that.`)
    if (one.resolved !== undefined && !one.resolved.startsWith(REGISTRY))
      faults.push(`${folder} comes from ${one.resolved}, and not from ${REGISTRY}.`)
    if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(one.integrity ?? '')) faults.push(`${folder} has no SHA-512 digest.`)
    if (one.version === undefined) faults.push(`${folder} has no version.`)
    if (one.hasInstallScript && allowScripts[name] === undefined)
      faults.push(`${folder} runs a script when it is installed. Say in allowScripts of package.json whether it may.`)
  }
  for (const [name, may] of Object.entries(allowScripts))
    if (may && !packagesOf(lock).some(([folder, one]) => nameOf(folder) === name && one.hasInstallScript))
      faults.push(`${name} may run a script and has none: take it out of allowScripts.`)
  return faults
}

export function sbomFaults(sbom: Partial<Sbom>, lock: Lock): string[] {
  if (sbom.bomFormat !== 'CycloneDX' || !sbom.components) return ['It is no CycloneDX document.']
  const known = new Map(sbom.components.map((one) => [`${one.name}@${one.version}`, one]))
  return packagesOf(lock).flatMap(([folder, { version }]) => {
    const id = `${nameOf(folder)}@${version}`
    const one = known.get(id)
    if (!one) return [`${id} is missing.`]
    return [
      ...(one.licenses?.length ? [] : [`${id} has no licence.`]),
      ...(one.hashes?.some(({ alg }) => alg === 'SHA-512') ? [] : [`${id} has no digest.`]),
    ]
  })
}
