// A real spreadsheet between export and import: LibreOffice opens the export with "quoted fields as text", saves it as CSV again, and every
// cell is as it was: no formula was run, no leading zero lost. Skipped where it is not installed (Debian: libreoffice-calc).
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { expect, test } from 'vitest'
import { readFile } from '#lib/import/read.ts'
import { rowOfFile, type DraftRow } from '#lib/import/rows.ts'
import { toCsv } from '#shared/csv.ts'

const isInstalled = spawnSync('soffice', ['--version']).status === 0

const ROWS = [
  ['E-mail', 'First name', 'Title', 'Phone', 'External id', 'Used'],
  ['a@x.example', "O'Hara", '=1+1', '+47 22 00', '00012', '17'],
  ['b@x.example', "'tis", '@SUM(A1)', '-5', '1-2', '0'],
  ['c@x.example', 'say "hi", all', 'two\nlines', '1e5', '2026-11-25', '9'],
  ['d@x.example', 'Зоя', "=cmd|'/c calc'!A0", '007', 'TRUE', '1'],
]

// Comma, quote, UTF-8, from line 1, columns as they are, language by itself, quoted fields as text; when saving: all text quoted, as shown.
const OPENED = 'CSV:44,34,76,1,,0,true'
const SAVED = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true'

test.skipIf(!isInstalled)('LibreOffice gives back what it was given', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-libreoffice-'))
  try {
    const [given, out] = [join(folder, 'users.csv'), join(folder, 'out')]
    writeFileSync(given, toCsv(ROWS, { bom: true }))
    const profile = `-env:UserInstallation=file://${folder.split(sep).join('/')}/profile`
    execFileSync('soffice', [
      profile,
      '--headless',
      `--infilter=${OPENED}`,
      '--convert-to',
      SAVED,
      '--outdir',
      out,
      given,
    ])
    expect(rowsOf(readFileSync(join(out, 'users.csv')))).toEqual(rowsOf(readFileSync(given)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

function rowsOf(bytes: Uint8Array) {
  const rows: DraftRow[] = []
  readFile(
    bytes,
    {},
    { products: new Set(), groups: new Set() },
    {
      shape: () => undefined,
      rows: (more) => rows.push(...more.map(rowOfFile)),
    },
  )
  return rows.map(({ id: _id, ...cells }) => cells)
}
