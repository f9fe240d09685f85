// The table of ASVS as data, and as the text that is committed beside it (`node tests/asvs/table.ts` writes it anew).
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CLASSES } from './classes.ts'
import { LEVEL_1, LEVEL_2 } from './ids.ts'
import { PROOFS } from './proofs.ts'
import type { Answer, Chapter, Proof, Row } from './rows.ts'
import { V1, V2, V3, V4, V5 } from './v01-v05.ts'
import { V6, V7 } from './v06-v07.ts'
import { V10, V8, V9 } from './v08-v10.ts'
import { V11, V12, V13, V14 } from './v11-v14.ts'
import { V15, V16, V17 } from './v15-v17.ts'

export const CHAPTERS: readonly Chapter[] = [V1, V2, V3, V4, V5, V6, V7, V8, V9, V10, V11, V12, V13, V14, V15, V16, V17]
export const FILE = fileURLToPath(new URL('TABLE.md', import.meta.url))

export const allRows = (): [id: string, row: Row][] => CHAPTERS.flatMap(({ rows }) => Object.entries(rows))

const WORDS: Readonly<Record<Answer, string>> = {
  held: 'held',
  'not-applicable': 'does not apply',
  operator: 'the operator’s',
  deviation: 'accepted deviation',
  open: '**open**',
}
const levels = new Map([...LEVEL_1.map((id) => [id, 1] as const), ...LEVEL_2.map((id) => [id, 2] as const)])
const testsOf = (tests: readonly Proof[]) => tests.map((one) => `\`${cell(nameOf(one))}\``).join('<br>')
const cell = (text: string) => text.replaceAll('|', '\\|')
/** The name of a test, as its file has it. */
export const nameOf = (proof: keyof typeof PROOFS): string => PROOFS[proof].join(' › ')

export function tableText(): string {
  const rows = allRows()
  const count = (answer: Answer) => rows.filter(([, row]) => row.answer === answer).length
  const tested = rows.filter(([, { answer, tests }]) => answer === 'held' && tests.length > 0).length
  const parts = CHAPTERS.map(({ name, rows: own }, at) => {
    const lines = Object.entries(own).map(
      ([id, { about, answer, how, tests }]) =>
        `| v5.0.0-${id} | ${levels.get(id)} | ${cell(about)} | ${WORDS[answer]} | ${cell(how)} | ${tests.map((one) => `\`${cell(nameOf(one))}\``).join('<br>')} |`,
    )
    return [
      `## V${at + 1} ${name}`,
      '',
      '| id | level | what | answer | how | tests |',
      '| - | - | - | - | - | - |',
      ...lines,
    ].join('\n')
  })
  return `<!-- Written by tests/asvs/table.ts from the data beside it; change that. -->

# OWASP ASVS 5.0.0, levels 1 and 2

${rows.length} requirements: ${count('held')} held here, ${tested} of them by automated tests; ${count('operator')} by whoever runs the server; ${count('not-applicable')} do not apply; ${count('deviation')} accepted deviation; ${count('open')} open.
The requirements themselves are in the [standard](https://github.com/OWASP/ASVS/tree/v5.0.0) (OWASP, CC BY-SA 4.0); here each is named by its number and a few words of ours.

${parts.join('\n\n')}

## Classes of bug

What consoles like this one really had, the tests that look for it, and the line that was broken once to see one of them fail.

| class | tests | seen to fail with |
| - | - | - |
${CLASSES.map(({ name, tests, broken }) => `| ${name} | ${testsOf(tests)} | ${cell(broken)} |`).join('\n')}
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, tableText())
