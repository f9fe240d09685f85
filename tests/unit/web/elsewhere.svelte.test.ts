// A tab learns from the others where this browser has gone on to, and only then.
import { afterEach, expect, test } from 'vitest'
import { elsewhere, watchElsewhere } from '#lib/elsewhere.svelte.ts'
import { remember, REMEMBERED_IN, type Remembered } from '#lib/remembered.ts'

const here = '019ab4de-4a80-7c3b-a1d7-5e20f4b86c19'
const user = '019ab4de-5c00-7d8e-9c52-6b1f0a7e4d21'
const who = (userId: string, name: string) =>
  ({
    account: { id: 'ada', email: 'ada@tern.example', name: 'Ada' },
    organisation: { id: here, name },
    userId,
    role: 'admin',
    organisations: [],
    waiting: 0,
  }) as unknown as Remembered
/** As another tab does it: the browser tells this one. */
const told = (key: string) => window.dispatchEvent(Object.assign(new Event('storage'), { key }))

let stop = () => {}
afterEach(() => {
  stop()
  localStorage.clear()
})

test('another organisation is noticed, the own one is not, and coming back ends it', () => {
  stop = watchElsewhere(() => user)
  remember(who(user, 'Tern'))
  told(REMEMBERED_IN)
  expect(elsewhere.there).toBeUndefined()
  remember(who(here, 'Second Harbour'))
  told('something else')
  expect(elsewhere.there).toBeUndefined()
  told(REMEMBERED_IN)
  expect(elsewhere.there?.organisation.name).toBe('Second Harbour')
  remember(who(user, 'Tern'))
  told(REMEMBERED_IN)
  expect(elsewhere.there).toBeUndefined()
})

test('a tab that is open for nobody is nowhere else', () => {
  stop = watchElsewhere(() => undefined)
  remember(who(here, 'Second Harbour'))
  told(REMEMBERED_IN)
  expect(elsewhere.there).toBeUndefined()
})
