// Whose word counts on a content of the log that was redacted: the newest one, of an erasure that is trusted itself.
import { expect, test } from 'vitest'
import { redactedDigests, redactionsIn, type ErasureEntry } from '../../../sync-server/sync/redactions.ts'

const erasure = (version: number, over: Partial<ErasureEntry>): ErasureEntry => ({
  version,
  digest: `own-${version}`,
  own: true,
  redacted: [],
  ...over,
})
const wordOn = (key: string, ...erasures: ErasureEntry[]) => redactedDigests(erasures).get(key)

test('of two words on one content the newer counts, in whatever order they are read', () => {
  const older = erasure(5, { redacted: [[2, 'args', 'first']] })
  const newer = erasure(9, { redacted: [[2, 'args', null]] })
  expect([wordOn('2 args', older, newer), wordOn('2 args', newer, older)]).toEqual([null, null])
})

test('an erasure that was redacted itself is believed where it reads as a later one says, and not otherwise', () => {
  const list = { own: false, redacted: [[2, 'args', 'word']] } satisfies Partial<ErasureEntry>
  const later = erasure(9, { redacted: [[5, 'outcomes', 'anew']] })
  expect(wordOn('2 args', erasure(5, { ...list, digest: 'anew' }), later)).toBe('word')
  expect(wordOn('2 args', erasure(5, { ...list, digest: 'forged' }), later)).toBeUndefined()
  expect(wordOn('2 args', erasure(5, { ...list, digest: 'anew' }))).toBeUndefined()
  // Put back as it was from the start: the later word counts.
  expect(wordOn('2 args', erasure(5, { ...list, own: true }), later)).toBeUndefined()
})

test('no erasure says anything of itself or of what came after it', () => {
  const itself = erasure(5, { own: false, digest: 'x', redacted: [[5, 'outcomes', 'x']] })
  const ahead = erasure(6, {
    redacted: [
      [6, 'args', 'x'],
      [7, 'args', 'x'],
    ],
  })
  expect([...redactedDigests([itself, ahead])]).toEqual([])
})

test('a list that can’t be read is none', () => {
  for (const text of [null, '', '{', '{"redacted":7}', '{"redacted":[[1,"salts","x"]]}', '{"notApplied":[]}'])
    expect(redactionsIn(text)).toEqual([])
  expect(redactionsIn('{"redacted":[[1,"args",null]]}')).toEqual([[1, 'args', null]])
})
