// The page's side of the worker: starts it for one file, hands on what it finds, and ends it when nobody waits any more.
import type { FileFault } from './fault.ts'
import type { Shape } from './read.ts'
import type { Answer, Ask } from './worker.ts'

export interface OnFile {
  shape: (shape: Shape) => void
  rows: (rows: Extract<Answer, { kind: 'rows' }>['rows'], progress: { done: number; total: number }) => void
  end: () => void
  fault: (fault: FileFault) => void
}

const make = (): Worker => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })

/** One that has started already and waits for a file, while somebody may choose one. */
let waiting: Worker | undefined
let wanted = false

/** Keeps a worker ready before there is a file for it, until what is returned is called. */
export function prepareReading(): () => void {
  wanted = true
  waiting ??= make()
  return () => {
    wanted = false
    waiting?.terminate()
    waiting = undefined
  }
}

/** Reads a file in a worker. Calling what is returned ends it at once; then nothing more is told. */
export function startReading(ask: Ask, on: OnFile): () => void {
  const worker = waiting ?? make()
  waiting = undefined
  const stop = () => {
    worker.terminate()
    if (wanted) waiting ??= make()
  }
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    if (data.kind === 'shape') on.shape(data.shape)
    else if (data.kind === 'rows') on.rows(data.rows, data.progress)
    else {
      stop()
      if (data.kind === 'end') on.end()
      else on.fault(data.fault)
    }
  }
  worker.onerror = (event) => {
    event.preventDefault()
    stop()
    on.fault({
      text: 'The file can’t be read here: the part of the app that reads files did not start. Reload and try again.',
    })
  }
  worker.postMessage(ask)
  return stop
}
