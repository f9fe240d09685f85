import { expect, test } from 'vitest'
import { organisation, results } from '../../../support/organisation.ts'

test('each user is mailed once, a deactivated one not at all, and no row changes', () => {
  const acme = organisation({ users: { ada: {} }, deactivated: ['bo'] })
  const deed = acme.perform('reset-password', { userIds: acme.ids('ada', 'bo', 'ada') })
  expect(results(deed)).toEqual(['applied', 'user-deactivated', 'unchanged'])
  expect(deed.effects).toEqual([{ kind: 'mail', template: 'reset-password', userId: acme.user('ada').id }])
  expect(deed.view.changes.users.size).toBe(0)
})

test('undo stops the mail while it waits', () => {
  const acme = organisation({ users: { ada: {} } })
  const deed = acme.perform('reset-password', { userIds: acme.ids('ada') })
  const undone = acme.undo(deed.id)
  expect(results(undone)).toEqual(['applied'])
  expect(undone.effects).toEqual([{ kind: 'stop-mail', operationId: deed.id, userId: acme.user('ada').id }])
})

test('a mail that has left can not be called back', () => {
  const acme = organisation({ users: { ada: {} } })
  const deed = acme.perform('reset-password', { userIds: acme.ids('ada') })
  acme.mailsLeave(deed.id)
  const undone = acme.undo(deed.id)
  expect(results(undone)).toEqual(['mail-left'])
  expect(undone.effects).toEqual([])
})
