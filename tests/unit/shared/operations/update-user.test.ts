import { expect, test } from 'vitest'
import { factOf, organisation, results } from '../../../support/organisation.ts'

test('each field is merged on its own: what somebody else changed meanwhile stays', () => {
  const acme = organisation({ groups: { Sales: ['bo'] } })
  const { id: userId } = acme.user('bo')
  acme.perform('update-user', { userId, changes: { title: { from: '', to: 'Recruiter' } } })
  const deed = acme.perform('update-user', {
    userId,
    changes: { phone: { from: '', to: '+47 1' }, title: { from: '', to: 'Lead recruiter' } },
  })
  expect(deed.outcomes.map(({ item, result }) => [item, result])).toEqual([
    ['title', 'rejected'],
    ['phone', 'applied'],
  ])
  expect(factOf(deed)).toEqual({ row: userId, field: 'title', theirs: 'Recruiter', by: null, at: null })
  expect(acme.user('bo')).toMatchObject({ title: 'Recruiter', phone: '+47 1' })
})

test('two who want the same find it unchanged', () => {
  const acme = organisation({ groups: { Sales: ['bo'] } })
  const wanted = { userId: acme.user('bo').id, changes: { title: { from: '', to: 'Recruiter' } } }
  expect(results(acme.perform('update-user', wanted))).toEqual(['applied'])
  expect(results(acme.perform('update-user', wanted))).toEqual(['unchanged'])
})

test('an e-mail of somebody else is refused, another spelling of the own one is not', () => {
  const acme = organisation({ groups: { Sales: ['bo', 'cy'] } })
  const { id: userId } = acme.user('bo')
  const set = (to: string) =>
    acme.perform('update-user', { userId, changes: { email: { from: acme.user('bo').email, to } } })
  expect(results(set('CY@tern.example'))).toEqual(['email-taken'])
  expect(results(set('nobody'))).toEqual(['email-invalid'])
  expect(results(set('Bo@tern.example'))).toEqual(['applied'])
  expect(acme.user('bo')).toMatchObject({ email: 'Bo@tern.example', emailKey: 'bo@tern.example' })
})

test('a user who is gone is unknown', () => {
  const acme = organisation()
  const mei = acme.newcomer('mei')
  const deed = acme.perform('update-user', { userId: mei.id, changes: { title: { from: '', to: 'x' } } })
  expect(results(deed)).toEqual(['user-unknown'])
})

test('undo brings the fields back that still stand as written, also one by one', () => {
  const acme = organisation({ groups: { Sales: ['bo'] } })
  const { id: userId } = acme.user('bo')
  const deed = acme.perform('update-user', {
    userId,
    changes: { title: { from: '', to: 'Recruiter' }, phone: { from: '', to: '1' }, externalId: { from: '', to: 'e' } },
  })
  acme.perform('update-user', { userId, changes: { phone: { from: '1', to: '2' } } })
  expect(results(acme.undo(deed.id, ['externalId']))).toEqual(['applied'])
  expect(results(acme.undo(deed.id))).toEqual(['applied', 'changed-meanwhile', 'unchanged'])
  expect(acme.user('bo')).toMatchObject({ title: '', phone: '2', externalId: '' })
})

test('another address is mailed to: an invitation to who was invited, else a link to confirm it', () => {
  const acme = organisation({ groups: { Sales: ['bo'] } })
  const { id: userId, email } = acme.user('bo')
  const change = (from: string, to: string) => acme.perform('update-user', { userId, changes: { email: { from, to } } })
  expect(change(email, email.toUpperCase()).effects).toEqual([])
  const active = change(email.toUpperCase(), 'bo@elsewhere.example')
  expect(active.effects).toEqual([{ kind: 'mail', template: 'confirm-email', userId }])
})
