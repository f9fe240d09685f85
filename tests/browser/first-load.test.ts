// What a browser must fetch before a page shows its first rows, counted in the built files: the page itself, its styles, and every script
// that is imported on the way, compressed as the server sends it. What comes after (Dexie, dialogs, menus, charts) is not in it.
import { expect, test } from '@playwright/test'
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { brotliCompressSync } from 'node:zlib'

const BUILD = join(import.meta.dirname, '..', '..', 'build')
const CODE = '_app/immutable'

/** kB of 1,000 bytes. */
const BUDGET = 120

const read = (file: string) => readFileSync(join(BUILD, file))
const text = (file: string) => read(file).toString()
const kB = (file: string) => brotliCompressSync(read(file)).length / 1000

/** The files that a script imports at once, as paths in the build. */
function imported(file: string): string[] {
  const specifiers = text(file).matchAll(/(?:import|export)(?:[\w$*{}\s,]+?from)?\s*["'](\.[^"']+\.js)["']/g)
  return [...specifiers].map(([, to = '']) => posix.join(posix.dirname(file), to))
}

function withImports(files: readonly string[]): Set<string> {
  const found = new Set<string>()
  const open = [...files]
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file)) continue
    found.add(file)
    open.push(...imported(file))
  }
  return found
}

/** The numbers of a route's nodes, outermost first, from the table of routes in the app's entry: `"/(app)/dashboard":[5,[2]]`. */
function nodesOf(route: string, entry: string): string[] {
  const at = entry.indexOf(`"${route}":[`)
  const [, page = '', layouts = ''] = /:\[(\d+),\[([\d,]*)\]\]/.exec(entry.slice(at)) ?? []
  return ['0', ...layouts.split(','), page]
}

function firstLoad(route: string): { scripts: number; total: number } {
  const html = text('index.html')
  const entries = [...new Set([...html.matchAll(/_app\/immutable\/[^"]+\.js/g)].map(([path]) => path))]
  const app = entries.find((path) => path.startsWith(`${CODE}/entry/app`))
  if (!app) throw new Error('The page names no entry of the app.')
  const nodes = readdirSync(join(BUILD, CODE, 'nodes'))
  const own = nodesOf(route, text(app)).map((number) => {
    const file = nodes.find((name) => name.startsWith(`${number}.`) && name.endsWith('.js'))
    if (!file) throw new Error(`The build has no node ${number} for ${route}.`)
    return `${CODE}/nodes/${file}`
  })
  const scripts = [...withImports([...entries, ...own])]
  // The styles of the app are one file; a library's own come with its part.
  const styles = readdirSync(join(BUILD, CODE, 'assets')).filter((name) => /^(frame|0)\..*\.css$/.test(name))
  expect(styles, 'The file of the app’s styles is not where this test looks for it.').toHaveLength(1)
  const files = ['index.html', ...styles.map((name) => `${CODE}/assets/${name}`), ...scripts]
  return { scripts: scripts.length, total: files.reduce((sum, file) => sum + kB(file), 0) }
}

for (const [name, route] of [
  ['Users', '/(app)/users/(list)'],
  ['Dashboard', '/(app)/dashboard'],
] as const)
  test(`the first load of ${name} stays under ${BUDGET} kB`, () => {
    const { scripts, total } = firstLoad(route)
    // Were the imports not found, it would be far too little.
    expect(scripts).toBeGreaterThan(5)
    expect(total).toBeGreaterThan(60)
    expect(
      total,
      `${name} fetches ${total.toFixed(1)} kB before its first rows. Give what the first screen does without a file of its own: late(() => import('./Part.svelte')), web/lib/late.ts.`,
    ).toBeLessThanOrEqual(BUDGET)
  })
