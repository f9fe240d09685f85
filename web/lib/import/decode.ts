// Bytes of a file to text: which of the encodings that spreadsheets and directories write it is in. Never replaces what it can't read:
// a wrong byte becomes a sentence, not a question mark in somebody's name.
import { Unreadable } from './fault.ts'

export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const
export type Encoding = (typeof ENCODINGS)[number]
export const ENCODING_NAMES: Readonly<Record<Encoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16 (big endian)',
  'windows-1252': 'Windows-1252',
}

export const MAX_FILE_BYTES = 64 * 1024 * 1024
/** So much tells what a file is. */
const SAMPLE = 4_096

const SIGNATURES: readonly (readonly [bytes: readonly number[], text: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'This is a workbook or an archive, not a CSV file. Save the sheet as CSV and open that.'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'This is an old workbook, not a CSV file. Save the sheet as CSV and open that.'],
  [[0x25, 0x50, 0x44, 0x46], 'This is a PDF document, not a CSV file.'],
]

/** @throws {Unreadable} for what is no text, or not text of the encoding that it claims */
export function decode(bytes: Uint8Array, as?: Encoding): { text: string; encoding: Encoding } {
  if (bytes.length > MAX_FILE_BYTES)
    throw new Unreadable(
      `This file has ${Math.ceil(bytes.length / 1024 / 1024)} MB; at most ${MAX_FILE_BYTES / 1024 / 1024} MB can be read. Split it.`,
    )
  const known = SIGNATURES.find(([signature]) => signature.every((byte, at) => bytes[at] === byte))
  if (known) throw new Unreadable(known[1])
  const encoding = as ?? encodingOf(bytes)
  if (encoding !== 'utf-16le' && encoding !== 'utf-16be') refuseBinary(bytes)
  const text = strictly(bytes, encoding)
  if (text.trim() === '') throw new Unreadable('The file is empty.')
  return { text, encoding }
}

function encodingOf(bytes: Uint8Array): Encoding {
  const [a, b, c] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  return unmarked16(bytes) ?? (isUtf8(bytes) ? 'utf-8' : 'windows-1252')
}

/** Without a mark UTF-16 is known by the zero half of its delimiters, line ends and Latin letters. */
function unmarked16(bytes: Uint8Array): Encoding | undefined {
  if (bytes.length % 2 !== 0) return undefined
  const zeros: [even: number, odd: number] = [0, 0]
  const sample = bytes.subarray(0, SAMPLE)
  sample.forEach((byte, at) => {
    if (byte === 0) zeros[at % 2 === 0 ? 0 : 1] += 1
  })
  const [even, odd] = zeros
  const many = sample.length / 2 / 10
  if (odd > many && even < odd / 10) return 'utf-16le'
  if (even > many && odd < even / 10) return 'utf-16be'
  return undefined
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}

/** A stray control character is the business of its cell; a file full of them is no text. */
function refuseBinary(bytes: Uint8Array): void {
  const sample = bytes.subarray(0, SAMPLE)
  let strange = 0
  for (const byte of sample) if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) strange += 1
  if (strange > Math.max(2, sample.length / 50))
    throw new Unreadable('This is not a text file. Save the list as CSV and open that.')
}

function strictly(bytes: Uint8Array, encoding: Encoding): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new Unreadable(
      `A character here is not valid ${ENCODING_NAMES[encoding]} and can't be stored. Mend it, or save the file as UTF-8.`,
      { row: rowOfFault(bytes, encoding) },
    )
  }
}

/** How many lines could be read before the fault. */
function rowOfFault(bytes: Uint8Array, encoding: Encoding): number {
  const decoder = new TextDecoder(encoding, { fatal: true })
  let lines = 1
  try {
    // Small steps, so that the line is exact: only the last step before the fault is not counted.
    for (let at = 0; at < bytes.length; at += 2)
      lines += decoder.decode(bytes.subarray(at, at + 2), { stream: true }).split('\n').length - 1
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
  return lines
}
