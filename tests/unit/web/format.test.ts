// What tables and toasts say about numbers and time, whatever the locale of the machine.
import { describe, expect, test } from 'vitest'
import {
  formatAge,
  formatCount,
  formatDay,
  formatDays,
  formatLeft,
  formatNames,
  formatTime,
  initials,
} from '#lib/format.ts'

const now = new Date(2026, 10, 24, 9, 41)
const before = (minutes: number) => new Date(now.getTime() - minutes * 60_000)

describe('days', () => {
  test('a moment of today says its time', () => {
    expect(formatDay(before(3), now)).toBe(`Today ${formatTime(before(3))}`)
  })
  test('yesterday is the day before, not 24 hours ago', () => {
    expect(formatDay(new Date(2026, 10, 23, 0, 1), now)).toBe('Yesterday')
    expect(formatDay(new Date(2026, 10, 23, 23, 59), now)).toBe('Yesterday')
    expect(formatDay(new Date(2026, 10, 22, 23, 59), now)).not.toBe('Yesterday')
  })
  test('another year is named, this one is not', () => {
    expect(formatDay(new Date(2025, 8, 3), now)).toContain('2025')
    expect(formatDay(new Date(2026, 8, 3), now)).not.toContain('2026')
  })
})

describe('a range of days', () => {
  const words = (from: string, to: string) => formatDays({ from, to }, now)
  test('names both ends, one day once, and a year where it says more', () => {
    expect(words('2026-11-01', '2026-11-30')).toMatch(/1.*30/)
    expect(words('2026-11-24', '2026-11-24').match(/24/g)).toHaveLength(1)
    expect(words('2026-11-01', '2026-11-30')).not.toContain('2026')
    expect(words('2025-12-29', '2026-01-04')).toContain('2025')
  })
})

describe('ages', () => {
  test.each([
    [0, 'just now'],
    [-5, 'just now'],
    [12, '12 minutes ago'],
    [60, '1 hour ago'],
    [60 * 49, '2 days ago'],
  ])('%i minutes: %s', (minutes, text) => {
    expect(formatAge(before(minutes), now)).toBe(text)
  })
})

test('what is missing is said in words, never as a negative number', () => {
  expect(formatLeft(9)).toBe('9')
  expect(formatLeft(-3)).toBe('over by 3')
})

test('one user, two users', () => {
  expect([formatCount(1, 'user'), formatCount(2, 'user'), formatCount(0, 'user')]).toEqual([
    '1 user',
    '2 users',
    '0 users',
  ])
})

test('a long list of names tells how many are left out', () => {
  expect(formatNames(['Ada', 'Bo'])).toBe('Ada and Bo')
  expect(formatNames(['Ada', 'Bo', 'Cy', 'Di'], 9)).toBe('Ada, Bo, Cy and 6 more')
})

test('initials of one name, of several, and of scripts outside the first plane', () => {
  expect([
    initials('Ingrid Solberg'),
    initials('Ada'),
    initials('Noor van den Berg'),
    initials('佐藤 健'),
    initials(''),
  ]).toEqual(['IS', 'A', 'NB', '佐健', ''])
})
