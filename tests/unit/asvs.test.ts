// The table of OWASP ASVS says something of every requirement of levels 1 and 2, names tests that are there, and is the one that is
// committed. And what is written down of the rules agrees with the code.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { CLASSES } from '../asvs/classes.ts'
import { LEVEL_1, LEVEL_2 } from '../asvs/ids.ts'
import { PROOFS } from '../asvs/proofs.ts'
import { allRows, CHAPTERS, FILE, tableText } from '../asvs/table.ts'
import { LONGEST, SHORTEST } from '../../sync-server/accounts/strength.ts'
import { MAX_FILE_BYTES } from '../../web/lib/import/decode.ts'
import { MAX_FILE_ROWS } from '../../web/lib/import/read.ts'
import { MAX_REQUEST_BYTES } from '#shared/protocol.ts'
import { MAX_TEXT } from '#shared/text.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const rows = allRows()

test('every requirement of levels 1 and 2 has one row, in its chapter, and no other has', () => {
  const ids = rows.map(([id]) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.toSorted()).toEqual([...LEVEL_1, ...LEVEL_2].toSorted())
  for (const [at, { rows: own }] of CHAPTERS.entries())
    for (const id of Object.keys(own)) expect(id.startsWith(`${at + 1}.`), id).toBe(true)
})

test('every answer says how, or why not', () => {
  for (const [id, { about, how }] of rows) {
    expect(about.length, id).toBeGreaterThan(2)
    expect(how.length, id).toBeGreaterThan(3)
  }
})

test('one deviation is accepted, and it is the one that SECURITY.md names', () => {
  expect(rows.filter(([, { answer }]) => answer === 'deviation').map(([id]) => id)).toEqual(['14.3.3'])
  expect(read('SECURITY.md')).toContain('14.3.3')
})

test('at least 140 requirements are held by tests, and what is held without one says where it is written', () => {
  const held = rows.filter(([, { answer }]) => answer === 'held')
  expect(held.filter(([, { tests }]) => tests.length > 0).length).toBeGreaterThanOrEqual(140)
  expect(held.filter(([, { tests }]) => tests.length === 0).map(([id]) => id)).toEqual([])
})

/** The titles of the tests of a file, as they are written there. */
function titlesIn(file: string): Set<string> {
  const text = read(file)
  const quoted = /\(\s*(['"`])((?:(?!\1)[^\\\n]|\\.)*)\1\s*,/g
  return new Set([...text.matchAll(quoted)].map(([, , title = '']) => title.replaceAll("\\'", "'")))
}

test('every test that is named is there', () => {
  const files = new Map<string, Set<string>>()
  const missing = Object.entries(PROOFS).filter(([, [file, title]]) => {
    const titles = files.get(file) ?? titlesIn(file)
    files.set(file, titles)
    return !titles.has(title)
  })
  expect(missing).toEqual([])
})

test('every class of bug has tests, and a line of ours that was broken', () => {
  expect(CLASSES).toHaveLength(20)
  for (const { name, tests, broken } of CLASSES) {
    expect(tests.length, name).toBeGreaterThan(0)
    for (const [, file = ''] of broken.matchAll(/([\w/-]+\.(?:ts|json)):/g))
      expect(existsSync(join(ROOT, file)), file).toBe(true)
  }
})

test('every test that is listed for the table holds something in it', () => {
  const used = new Set<string>([...rows.flatMap(([, { tests }]) => tests), ...CLASSES.flatMap(({ tests }) => tests)])
  expect(Object.keys(PROOFS).filter((name) => !used.has(name))).toEqual([])
})

test('the table that is committed is the one of the data: node tests/asvs/table.ts writes it anew', () => {
  expect(readFileSync(FILE, 'utf8')).toBe(tableText())
})

test('what is written down of the rules has a part for each, with the figures of the code', () => {
  const rules = read('tests/asvs/RULES.md')
  const parts = new Set([...rules.matchAll(/^## (.+)$/gm)].map(([, name]) => name))
  const named = rows.flatMap(([, { how }]) => [...how.matchAll(/RULES\.md, “([^”]+)”/g)].map(([, name]) => name))
  expect([...new Set(named)].filter((name) => !parts.has(name))).toEqual([])
  for (const figure of [
    `at least ${SHORTEST} characters and at most ${LONGEST}`,
    `${MAX_FILE_BYTES / 1024 / 1024} MB`,
    `${MAX_FILE_ROWS.toLocaleString('en')} rows`,
    `${MAX_REQUEST_BYTES / 1024 / 1024} MiB`,
    `${MAX_TEXT} characters`,
    ...constants('sync-server/identity.ts', /LONGEST_SESSION = (\d+) \* DAY/, (days) => `${days} days after`),
    ...constants('sync-server/identity.ts', /expiresIn: (\d+) \* DAY/, (days) => `${days} days without use`),
    ...constants('sync-server/accounts/sign-in.ts', /max: (\d+)/, (tries) => `${tries} tries a minute`),
    ...constants('sync-server/accounts/slowdown.ts', /const FREE = (\d+)/, (tries) => `${tries} free tries`),
    ...constants(
      'sync-server/accounts/passwords.ts',
      /MEMORY = 19_456\b.*\n.*PASSES = (\d)/,
      (passes) => `19 MiB and ${passes} passes`,
    ),
  ])
    expect(rules).toContain(figure)
})

/** A figure that a file of the server keeps to itself. @throws where the file has it no more */
function constants(file: string, pattern: RegExp, words: (figure: string) => string): string[] {
  const [, figure] = pattern.exec(read(file)) ?? []
  if (figure === undefined) throw new Error(`${file} has no ${pattern.source} any more.`)
  return [words(figure)]
}
