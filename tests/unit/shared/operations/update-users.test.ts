import { expect, test } from 'vitest'
import { factOf, organisation, results } from '../../../support/organisation.ts'

const titled = (from: string, to: string) => ({ changes: { title: { from, to } } })

test('of each user all fields are changed or none', () => {
  const acme = organisation({ groups: { Sales: ['bo', 'cy'] } })
  const [bo, cy] = [acme.user('bo').id, acme.user('cy').id]
  acme.perform('update-user', { userId: bo, ...titled('', 'Recruiter') })
  const deed = acme.perform('update-users', {
    users: [
      { id: bo, changes: { title: { from: '', to: 'Lead' }, phone: { from: '', to: '+47 1' } } },
      { id: cy, changes: { title: { from: '', to: 'Lead' }, phone: { from: '', to: '+47 2' } } },
    ],
  })
  expect(results(deed)).toEqual(['changed-meanwhile', 'applied'])
  expect(factOf(deed)).toEqual({ row: bo, field: 'title', theirs: 'Recruiter', by: null, at: null })
  expect(acme.user('bo')).toMatchObject({ title: 'Recruiter', phone: '' })
  expect(acme.user('cy')).toMatchObject({ title: 'Lead', phone: '+47 2' })
})

test('an address may move on to the next user of the same list, and undo brings each back', () => {
  const acme = organisation({ groups: { Sales: ['bo', 'cy'] } })
  const [bo, cy] = [acme.user('bo'), acme.user('cy')]
  const email = (from: string, to: string) => ({ changes: { email: { from, to } } })
  const deed = acme.perform('update-users', {
    users: [
      { id: bo.id, ...email(bo.email, 'new@tern.example') },
      { id: cy.id, ...email(cy.email, bo.email) },
    ],
  })
  expect(results(deed)).toEqual(['applied', 'applied'])
  expect(results(acme.undo(deed.id))).toEqual(['applied', 'applied'])
  expect(acme.user('bo')).toMatchObject({ email: bo.email, emailKey: bo.emailKey })
  expect(acme.user('cy')).toMatchObject({ email: cy.email, emailKey: cy.emailKey })
})

test('an address that is taken or not valid, and a user who is gone, are refused one by one', () => {
  const acme = organisation({ groups: { Sales: ['bo', 'cy'] } })
  const [bo, cy] = [acme.user('bo'), acme.user('cy')]
  const to = (email: string) => ({ id: bo.id, changes: { email: { from: bo.email, to: email } } })
  expect(results(acme.perform('update-users', { users: [to(cy.email), to('nobody')] }))).toEqual([
    'email-taken',
    'email-invalid',
  ])
  const gone = { id: acme.newcomer('mei').id, ...titled('', 'x') }
  expect(results(acme.perform('update-users', { users: [gone] }))).toEqual(['user-unknown'])
})

test('what is already so is unchanged, and an undo leaves it', () => {
  const acme = organisation({ groups: { Sales: ['bo'] } })
  const { id } = acme.user('bo')
  acme.perform('update-user', { userId: id, ...titled('', 'Lead') })
  const both = { users: [{ id, changes: { title: { from: '', to: 'Lead' }, phone: { from: '', to: '1' } } }] }
  const deed = acme.perform('update-users', both)
  expect(results(deed)).toEqual(['applied'])
  expect(results(acme.perform('update-users', both))).toEqual(['unchanged'])
  expect(results(acme.undo(deed.id))).toEqual(['applied'])
  expect(acme.user('bo')).toMatchObject({ title: 'Lead', phone: '' })
})
