// The address of the users' list: what is asked for survives it, and an old or mistyped link never fails.
import { describe, expect, test } from 'vitest'
import { everybody, isUnfiltered, leftOut, readQuery, writeQuery, type ListQuery } from '#lib/users/query.ts'
import { parseDays } from '#lib/users/used-in.ts'
import { GroupId, ProductId } from '#shared/model.ts'
import * as v from 'valibot'

const id = '00000000-0000-7000-8000-000000000001'
const url = (end: string) => new URL(`https://console.example/users${end}`)
const at = (end: string) => readQuery(url(end))

describe('the address', () => {
  test('says nothing where all are asked for', () => {
    expect(writeQuery(everybody)).toBe('')
    expect(at('')).toEqual(everybody)
  })

  test('carries every filter, the order and the text there and back', () => {
    const query: ListQuery = {
      ...everybody,
      text: 'lefèvre #1',
      products: new Set([v.parse(ProductId, id)]),
      groups: new Set([null, v.parse(GroupId, id)]),
      statuses: new Set(['invited', 'active']),
      roles: new Set(['admin']),
      limits: new Set(['own']),
      usedFrom: 0.9,
      usedIn: {
        from: '2026-11-01',
        to: '2026-11-30',
        productId: v.parse(ProductId, id),
        groupId: v.parse(GroupId, id),
        views: true,
      },
      idle: 60,
      sort: { column: 'used', descending: true },
    }
    expect(at(writeQuery(query))).toEqual(query)
  })

  test('keeps what is typed behind the #, where no server sees it', () => {
    const end = writeQuery({ ...everybody, text: 'ada' })
    expect(end).toBe('#ada')
    expect(new URL(`https://console.example/users${end}`).search).toBe('')
  })

  test('leaves out what it does not know', () => {
    expect(at('?status=gone,active&sort=shoe&used=lots&product=x&group=none,y')).toEqual({
      ...everybody,
      statuses: new Set(['active']),
      groups: new Set([null]),
    })
    expect(at('#50%').text).toBe('50%')
  })

  test('takes days and a share of the limit side by side', () => {
    expect(at('?used=2026-11-01..2026-11-30')).toMatchObject({
      usedIn: { from: '2026-11-01', to: '2026-11-30' },
      usedFrom: null,
    })
    expect(at('?used=90,2026-11-24..2026-11-24')).toMatchObject({
      usedIn: { from: '2026-11-24', to: '2026-11-24' },
      usedFrom: 0.9,
    })
  })

  test('names what it left out, and nothing else', () => {
    expect(leftOut(url('?status=invited,active&used=90,2026-11-01..2026-11-30&idle=60&sort=name#ada'))).toEqual([])
    expect(leftOut(url('?add&select=all&sort=-used'))).toEqual([])
    expect(leftOut(url('?status=gone,active&sort=shoe&used=2026-02-30..2026-03-01&idle=-1'))).toEqual([
      'status=gone',
      'used=2026-02-30..2026-03-01',
      'idle=-1',
      'sort=shoe',
    ])
    // Of which days it should be is missing.
    expect(leftOut(url(`?usedProduct=${id}`))).toEqual([`usedProduct=${id}`])
    expect(leftOut(url('?used=2026-11-01..2026-11-30&usedGroup=x'))).toEqual(['usedGroup=x'])
  })

  test.each([
    '2026-11-01',
    '2026-11-01..',
    '2026-11-31..2026-12-01',
    '2026-11-02..2026-11-01',
    '2025-02-29..2025-03-01',
    '0001-01-01..2026-01-01',
    '2026-11-01..2026-11-30..',
  ])('%s are no days', (text) => expect(parseDays(text)).toBeUndefined())

  test('29 February is a day where it is one', () =>
    expect(parseDays('2024-02-29..2024-02-29')).toEqual({ from: '2024-02-29', to: '2024-02-29' }))

  test.each(['0', '-3', '1.5', 'soon', '99999'])('%s are no days without use', (text) =>
    expect(at(`?idle=${text}`).idle).toBeNull(),
  )

  test('an order alone filters nobody', () => {
    expect(isUnfiltered(at('?sort=-used'))).toBe(true)
    expect(isUnfiltered(at('#ada'))).toBe(false)
  })
})
