import { describe, expect, test } from 'vitest'
import { toEmailKey, type EmailKey } from '#shared/email.ts'
import { createView } from '#shared/view.ts'
import { organisation } from '../../support/organisation.ts'

const key = (address: string) => toEmailKey(address) as EmailKey
const acme = organisation({ groups: { Sales: ['ada', 'bo'], Support: ['cy'] }, deactivated: ['bo'] })
const [ada, sales, support] = [acme.user('ada'), acme.group('Sales'), acme.group('Support')]

describe('a view', () => {
  test('finds a user by the address that he has now, and by no earlier one', () => {
    const view = createView(acme.rows)
    view.users.put({ ...ada, email: 'ada@other.example', emailKey: key('ada@other.example') })
    expect(view.users.byEmail(key('ada@tern.example'))).toBeUndefined()
    expect(view.users.byEmail(key('ada@other.example'))?.id).toBe(ada.id)
    view.users.remove(ada.id)
    expect(view.users.byEmail(key('ada@other.example'))).toBeUndefined()
  })

  test('finds a group by the name that it has now, and by no earlier one', () => {
    const view = createView(acme.rows)
    view.groups.put({ ...sales, name: 'EMEA', nameKey: 'emea' })
    expect([view.groups.byName('sales'), view.groups.byName('emea')?.id]).toEqual([undefined, sales.id])
    view.groups.remove(sales.id)
    expect(view.groups.byName('emea')).toBeUndefined()
  })

  test('knows who is in a group now, deactivated users included', () => {
    const view = createView(acme.rows)
    view.users.put({ ...ada, groupId: support.id })
    const names = (id: typeof sales.id) => view.users.ofGroup(id).map(({ firstName }) => firstName)
    expect([names(sales.id), names(support.id)]).toEqual([['bo'], ['cy', 'ada']])
  })

  test('remembers each row as it was before the first change, and nothing once it is discarded', () => {
    const view = createView(acme.rows)
    view.users.put({ ...ada, title: 'one' })
    view.users.put({ ...ada, title: 'two' })
    view.cause({ kind: 'end-sessions', userId: ada.id })
    expect(view.changes.users.get(ada.id)).toEqual({ before: ada, after: { ...ada, title: 'two' } })
    view.discard()
    expect([view.users.get(ada.id), view.changes.users.size, view.effects]).toEqual([ada, 0, []])
  })

  test('knows what was removed, until it comes back', () => {
    const view = createView(acme.rows)
    view.groups.remove(sales.id)
    expect([view.groups.get(sales.id), view.groups.wasRemoved(sales.id)]).toEqual([undefined, true])
    view.groups.put(sales)
    expect(view.groups.wasRemoved(sales.id)).toBe(false)
  })

  test('never writes to its source', () => {
    const view = createView(acme.rows)
    view.putOrganisation({ ...acme.rows.organisation, activeAdmins: 9 })
    view.users.remove(ada.id)
    expect(view.organisation.activeAdmins).toBe(9)
    expect([acme.rows.organisation.activeAdmins, acme.rows.get('users', ada.id)]).toEqual([1, ada])
  })
})
