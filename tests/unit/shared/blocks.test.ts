import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { Block, BLOCK_ROWS, blockIds, blockSize, isTombstones, rowsOf, toBlocks } from '#shared/blocks.ts'
import { COLUMNS, ENTITIES } from '#shared/model.ts'
import { organisation } from '../../support/organisation.ts'
import { dealOf, steps } from '../../support/random-steps.ts'

test('rows come out of their blocks as they went in, through JSON, whatever has happened to them', () => {
  fc.assert(
    fc.property(steps(15), (plan) => {
      const acme = organisation({ groups: { Sales: ['ada', 'bo'] }, products: { Pro: 9, Basic: 9 }, invited: ['cy'] })
      for (const step of plan) {
        const deal = dealOf(step, acme, [])
        if (deal.kind === 'others') deal.happen(acme)
        if (deal.kind === 'perform') acme.run(deal.type, deal.args, undefined, deal)
      }
      for (const entity of ENTITIES) {
        const rows = acme.rows.all(entity)
        const sent = v.parse(v.array(Block), JSON.parse(JSON.stringify(toBlocks(entity, rows))))
        const got = sent.flatMap((block) => (isTombstones(block) ? [] : [...rowsOf(block)]))
        expect(got).toEqual(rows)
      }
    }),
    { numRuns: 50 },
  )
})

test('every field of a row has its column', () => {
  const acme = organisation({ groups: { Sales: ['ada'] } })
  acme.use('ada', 1)
  for (const entity of ENTITIES)
    for (const row of acme.rows.all(entity))
      expect(Object.keys(row).toSorted()).toEqual([...COLUMNS[entity]].toSorted())
})

test('a block holds at most 500 rows, and knows its size and its ids', () => {
  const acme = organisation()
  const users = Array.from({ length: 1_001 }, () => ({
    ...acme.user('ingrid'),
    id: acme.newId<ReturnType<typeof acme.user>['id']>(),
  }))
  const blocks = toBlocks('users', users)
  expect(blocks.map(blockSize)).toEqual([BLOCK_ROWS, BLOCK_ROWS, 1])
  expect(blocks.flatMap(blockIds)).toEqual(users.map(({ id }) => id))
  expect(toBlocks('users', [])).toEqual([])
  expect(blockSize({ entity: 'users', gone: ['a', 'b'], versions: [1, 2] })).toBe(2)
})
