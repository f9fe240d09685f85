// A fault says where it lies and what would be right, in our own words; the parsing library's own sentences and what was sent stay out.
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { read } from '#shared/faults.ts'
import { LimitChoice, MAX_CREDITS } from '#shared/model.ts'

const Order = v.strictObject({
  name: v.pipe(v.string(), v.minLength(2), v.maxLength(9)),
  kind: v.picklist(['contract', 'top-up']),
  credits: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_CREDITS)),
  day: v.pipe(v.string(), v.isoDate()),
  id: v.optional(v.pipe(v.string(), v.uuid('Is not an id.'))),
  more: v.optional(v.array(v.union([v.boolean(), LimitChoice]))),
  by: v.optional(v.variant('as', [v.object({ as: v.literal('a') }), v.object({ as: v.literal('b') })])),
  to: v.optional(v.pipe(v.array(v.literal('1.0')), v.maxLength(1))),
})
const order = { name: 'Secret', kind: 'contract', credits: 5, day: '2026-11-24' }

test.each([
  [{ orgId: 'Secret' }, 'orgId', 'Is not a member that this request has. Leave it out.'],
  [{ name: undefined }, 'name', 'Is missing.'],
  [{ name: 5 }, 'name', 'Is no text. Send it in quotes.'],
  [{ name: 'S' }, 'name', 'Has fewer than 2 characters, the fewest that are allowed.'],
  [{ name: 'Secret text' }, 'name', 'Has more than 9 characters, the most that are allowed.'],
  [{ kind: 'Secret' }, 'kind', 'Is not "contract" or "top-up".'],
  [{ credits: 'Secret' }, 'credits', 'Is no number. Send it without quotes.'],
  [{ credits: null }, 'credits', 'Is no number. Send it without quotes.'],
  [{ credits: 1.5 }, 'credits', 'Is no whole number.'],
  [{ credits: -1 }, 'credits', 'Is less than 0, the least that is allowed.'],
  [{ credits: 1e13 }, 'credits', 'Is more than 1,000,000,000,000, the most that is allowed.'],
  [{ day: 'Secret' }, 'day', 'Is not a day like 2026-11-24.'],
  [{ id: 'Secret' }, 'id', 'Is not an id.'],
  [{ more: {} }, 'more', 'Is no array.'],
  [{ more: [true, 'Secret'] }, 'more.1', 'Is not in the form that is asked for here.'],
  [{ by: { as: 'Secret' } }, 'by.as', 'Is not "a" or "b".'],
  [{ to: ['Secret'] }, 'to.0', 'Is not "1.0".'],
  [{ to: ['1.0', '1.0'] }, 'to', 'Has more than 1 entries, the most that are allowed.'],
])('%j lies at %s: %s', (over, path, message) => {
  expect(read(Order, { ...order, ...over })).toEqual({ ok: false, fault: { path, message } })
})

test('a member that is left out is missing, and what is no object at all is none', () => {
  const { kind: _kind, ...rest } = order
  expect(read(Order, rest)).toMatchObject({ fault: { path: 'kind', message: 'Is missing.' } })
  for (const sent of ['Secret', null, 5])
    expect(read(Order, sent)).toMatchObject({ fault: { message: 'Is no object.' } })
  expect(read(Order, order)).toEqual({ ok: true, output: order })
})
