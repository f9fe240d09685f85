// The address of the users' list: what is asked for survives it, and an old or mistyped link never fails.
import { describe, expect, test } from 'vitest'
import { everyone, type Query } from '#lib/replica/roster.ts'
import { isUnfiltered, readQuery, writeQuery } from '#lib/users/query.ts'
import { GroupId, ProductId } from '#shared/model.ts'
import * as v from 'valibot'

const id = '00000000-0000-7000-8000-000000000001'
const at = (end: string) => readQuery(new URL(`https://console.example/users${end}`))

describe('the address', () => {
  test('says nothing where all are asked for', () => {
    expect(writeQuery(everyone)).toBe('')
    expect(at('')).toEqual(everyone)
  })

  test('carries every filter, the order and the text there and back', () => {
    const query: Query = {
      ...everyone,
      text: 'lefèvre #1',
      products: new Set([v.parse(ProductId, id)]),
      groups: new Set([null, v.parse(GroupId, id)]),
      statuses: new Set(['invited', 'active']),
      roles: new Set(['admin']),
      limits: new Set(['own']),
      usedFrom: 0.9,
      sort: { column: 'used', descending: true },
    }
    expect(at(writeQuery(query))).toEqual(query)
  })

  test('keeps what is typed behind the #, where no server sees it', () => {
    const end = writeQuery({ ...everyone, text: 'ada' })
    expect(end).toBe('#ada')
    expect(new URL(`https://console.example/users${end}`).search).toBe('')
  })

  test('leaves out what it does not know', () => {
    expect(at('?status=gone,active&sort=shoe&used=lots&product=x&group=none,y')).toEqual({
      ...everyone,
      statuses: new Set(['active']),
      groups: new Set([null]),
    })
    expect(at('#50%').text).toBe('50%')
  })

  test('an order alone filters nobody', () => {
    expect(isUnfiltered(at('?sort=-used'))).toBe(true)
    expect(isUnfiltered(at('#ada'))).toBe(false)
  })
})
