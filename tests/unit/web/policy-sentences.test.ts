// Policies in sentences: what holds, what a change does, why a device is locked, and what it says before it erases what is not sent.
import { expect, test } from 'vitest'
import { leavingWords, lockWords } from '#lib/lock/words.ts'
import { effectSentences, holds } from '#lib/settings/policy-sentences.ts'
import { NO_POLICIES } from '#shared/policies.ts'

test('each policy says what holds', () => {
  expect(Object.values(holds(NO_POLICIES))).toEqual([
    'Nobody needs a second factor to enter',
    'Devices keep a copy, so that the console works without a network',
    'A device may be without contact with the server for any time',
    'The console never locks by itself',
  ])
  expect(Object.values(holds({ secondFactor: 'admins', localData: 'none', leaseDays: 1, lockMinutes: 15 }))).toEqual([
    'Admins need a second factor to enter',
    'Devices keep nothing: the console needs the network',
    'A device locks after 1 day without contact with the server',
    'The console locks after 15 minutes without input',
  ])
})

test('only what changes is told, and nothing of how many people it meets', () => {
  const told = effectSentences({ secondFactor: { from: 'off', to: 'admins' }, localData: { from: 'kept', to: 'none' } })
  expect(told.map(({ field }) => field)).toEqual(['secondFactor', 'localData'])
  expect(told[0]?.text).toContain('Admins without a second factor are led to set one up')
  expect(told[1]?.text).toContain('sends what waits and erases its copy at its next contact')
  expect(told.map(({ text }) => text).join('')).not.toMatch(/\d/)
})

test('a locked device says why, and names nobody', () => {
  const policies = { localData: 'kept', leaseDays: 7, lockMinutes: 1 } as const
  expect(lockWords('idle', policies)).toBe('Nobody has used the console for 1 minute. Sign in to go on.')
  expect(lockWords('lease', policies)).toBe(
    'This device has not been in touch with the server for 7 days. Sign in to go on.',
  )
  expect(lockWords('lease', undefined)).toContain('for long')
})

test('before anything is erased it is said what is not sent, and what can be done', () => {
  const say = (unsent: number, online: boolean, asks = false) => leavingWords(unsent, { online, asks }).text
  expect(say(1, true)).toContain('1 change is not sent yet. Nothing is erased before you say so. Send it now')
  expect(say(2, false)).toContain('They are sent when the network is back')
  expect(say(2, true, true)).toContain('to answer what asks before it is sent')
  expect(say(0, true)).toBe('What this browser holds is being erased.')
})
