// Builds the app when its sources are newer than the last build; a start with nothing changed costs a look at some file times.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
export const BUILD = join(ROOT, 'build')
const SOURCES = ['web', 'shared', 'vite.config.ts', 'package.json', 'package-lock.json']
const VITE = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js')

/** @throws Error when the app can't be built, or there is neither a build nor what builds one */
export function build(say: (line: string) => void): void {
  const built = newest(join(BUILD, 'index.html'))
  if (built > Math.max(...SOURCES.map((source) => newest(join(ROOT, source))))) return
  if (!existsSync(VITE)) {
    // An installation without development packages serves the build that it was given.
    if (built > 0) return
    throw new Error('There is no build of the app. Run npm ci and npm run build, or copy the build folder here.')
  }
  say('Building the app …')
  const { status, stderr } = spawnSync(process.execPath, [VITE, 'build', '--logLevel', 'error'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The app could not be built.\n${stderr}`)
}

/** When a file, or anything in a folder, was last changed; 0 where there is none. A folder's own time tells of what was removed. */
function newest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}
