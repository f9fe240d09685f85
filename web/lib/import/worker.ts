// The worker that reads a file, so that the page never waits for it: gets one file, answers its shape, its rows in parts, and an end.
// Knows no account and keeps nothing.
import { Unreadable, type FileFault } from './fault.ts'
import { readFile, type Chosen, type Shape } from './read.ts'
import { rowOfFile, type DraftRow } from './rows.ts'

export interface Ask {
  file: Blob
  chosen: Chosen
  /** Name keys. */
  products: readonly string[]
  groups: readonly string[]
}
export type Answer =
  | { kind: 'shape'; shape: Shape }
  | { kind: 'rows'; rows: DraftRow[]; progress: { done: number; total: number } }
  | { kind: 'end' }
  | { kind: 'fault'; fault: FileFault }

/** Rows in one message: the page takes each in one short task. */
const IN_A_MESSAGE = 500

const answer = (message: Answer) => postMessage(message)

addEventListener('message', (event: MessageEvent<Ask>) => {
  const { file, chosen, products, groups } = event.data
  void file
    .arrayBuffer()
    .then((buffer) => {
      const known = { products: new Set(products), groups: new Set(groups) }
      readFile(new Uint8Array(buffer), chosen, known, {
        shape: (shape) => answer({ kind: 'shape', shape }),
        rows: (rows, progress) => {
          for (let at = 0; at < rows.length; at += IN_A_MESSAGE)
            answer({ kind: 'rows', rows: rows.slice(at, at + IN_A_MESSAGE).map(rowOfFile), progress })
        },
      })
      answer({ kind: 'end' })
    })
    .catch((error: unknown) => {
      if (error instanceof Unreadable) answer({ kind: 'fault', fault: error.fault })
      else
        answer({ kind: 'fault', fault: { text: error instanceof Error ? error.message : 'The file can’t be read.' } })
    })
})
