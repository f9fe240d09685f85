// A toast stays long enough to be read, and never runs away from under a hand.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { toast, toasts } from '#lib/toasts.svelte.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  toasts.dismiss()
  vi.useRealTimers()
})

test('leaves after 8 seconds', () => {
  toast({ text: 'Product changed for 9 users' })
  vi.advanceTimersByTime(7_999)
  expect(toasts.current?.text).toBe('Product changed for 9 users')
  vi.advanceTimersByTime(1)
  expect(toasts.current).toBeNull()
})

test('waits while it is held, and its time starts anew afterwards', () => {
  toast({ text: 'Deactivated 12 users' })
  vi.advanceTimersByTime(7_000)
  toasts.hold()
  vi.advanceTimersByTime(60_000)
  expect(toasts.current).not.toBeNull()
  toasts.release()
  vi.advanceTimersByTime(7_999)
  expect(toasts.current).not.toBeNull()
  vi.advanceTimersByTime(1)
  expect(toasts.current).toBeNull()
})

test('a newer one takes the place of the older and has its own 8 seconds', () => {
  toast({ text: 'first' })
  vi.advanceTimersByTime(5_000)
  toast({ text: 'second' })
  vi.advanceTimersByTime(5_000)
  expect(toasts.current?.text).toBe('second')
})

test('one that asks for an answer stays', () => {
  toast({ text: 'A new version is ready', stays: true })
  vi.advanceTimersByTime(3_600_000)
  expect(toasts.current).not.toBeNull()
})
