// Writes rows as a CSV file in slices, so that the page answers all the while: a small one as a download, a large one straight to disk where
// the browser can, so that it never stands in memory whole. Nothing of it passes through a server.
import { download } from '#lib/download.ts'
import { createBreathe } from '#lib/replica/breathe.ts'
import { csvRow, type CsvOptions } from '#shared/csv.ts'

/** From so many rows on the person is asked for the place on disk first. */
export const STREAMED_FROM = 20_000
const TYPE = 'text/csv;charset=utf-8'
const PART = 256 * 1024

export interface CsvFile extends CsvOptions {
  name: string
  heads: readonly string[]
  count: number
  /** Undefined for a row that is gone meanwhile. */
  row: (at: number) => readonly string[] | undefined
  /** Hears of the rows that are done; false stops it, and no file is made. */
  onprogress: (done: number, total: number) => boolean
}

interface Sink {
  write: (text: string) => Promise<void> | void
  close: () => Promise<void> | void
  abort: () => Promise<void> | void
}
interface WithPicker {
  showSaveFilePicker?: (options: object) => Promise<{
    createWritable: () => Promise<{ write: Sink['write']; close: () => Promise<void>; abort: () => Promise<void> }>
  }>
}

/** Call it at once from a press: a place on disk may only be asked for then. @returns how many rows were written; undefined if stopped */
export async function saveCsv(file: CsvFile): Promise<number | undefined> {
  const sink = await sinkFor(file)
  if (!sink) return undefined
  const breathe = createBreathe(() => performance.now())
  let part = (file.bom ? '\uFEFF' : '') + csvRow(file.heads, file)
  let written = 0
  try {
    for (let at = 0; at < file.count; at += 1) {
      const row = file.row(at)
      if (row) {
        part += csvRow(row, file)
        written += 1
      }
      if (part.length > PART) {
        await sink.write(part)
        part = ''
      }
      if (at % 100 > 0) continue
      await breathe()
      if (at % 2_000 === 0 && !file.onprogress(at, file.count)) {
        await sink.abort()
        return undefined
      }
    }
    await sink.write(part)
    await sink.close()
  } catch (error) {
    await sink.abort()
    throw error
  }
  return written
}

async function sinkFor({ name, count }: CsvFile): Promise<Sink | undefined> {
  const { showSaveFilePicker } = globalThis as WithPicker
  if (count < STREAMED_FROM || !showSaveFilePicker) return asDownload(name)
  try {
    const handle = await showSaveFilePicker({
      suggestedName: name,
      types: [{ description: 'CSV', accept: { 'text/csv': ['.csv'] } }],
    })
    return await handle.createWritable()
  } catch (error) {
    // Left without choosing a place.
    if (error instanceof DOMException && error.name === 'AbortError') return undefined
    // Some browsers know the picker and refuse it here: then as every other download.
    if (error instanceof DOMException && error.name === 'SecurityError') return asDownload(name)
    throw error
  }
}

function asDownload(name: string): Sink {
  const parts: string[] = []
  return {
    write: (text) => void parts.push(text),
    close: () => download(name, new Blob(parts), TYPE),
    abort: () => undefined,
  }
}
