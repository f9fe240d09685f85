// Whom a mail goes to and which link stands in it, looked up when it is sent: what it was for may be over by then. A link for an
// account goes to the address that its owner has confirmed, never to one that an admin has typed.
import { ACCOUNT_TEMPLATES, type Facts } from '../mail/letter.ts'
import type { Mail } from '../mail/post.ts'
import type { Address } from '../mail/transport.ts'
import type { Store, Tx } from '../store/index.ts'
import { accountOf, type Account } from './credentials.ts'
import { addressOf, makeLink, type Link } from './links.ts'

interface Person {
  email: string
  emailKey: string
  name: string
  status: string
  organisation: string
}

/** @param base the origin that links lead to: configured, never a request's */
export const createRecipients =
  ({ store, base, clock }: { store: Store; base: string; clock: () => number }) =>
  (mail: Mail): Promise<{ to: Address; facts: Facts } | undefined> =>
    store.transaction(async (tx) => {
      const person = await personOf(tx, mail)
      if (!person) return undefined
      const account = await accountOf(tx, mail.orgId, mail.userId)
      const facts = { name: person.name, organisation: person.organisation, email: account?.email ?? person.emailKey }
      if (ACCOUNT_TEMPLATES.some((template) => template === mail.template))
        return account && { to: { name: person.name, address: account.email }, facts }
      const wanted = linkFor(mail, person, account)
      if (!wanted) return undefined
      const token = await makeLink(tx, { ...wanted, orgId: mail.orgId, userId: mail.userId }, clock())
      return {
        to: { name: person.name, address: wanted.email },
        facts: { ...facts, link: addressOf(base, wanted.purpose, token) },
      }
    })

/** Undefined where the mail has become needless. */
function linkFor(
  { template }: Mail,
  { emailKey, status }: Person,
  account: Account | undefined,
): Pick<Link, 'purpose' | 'accountId' | 'email'> | undefined {
  switch (template) {
    case 'invitation':
      return status === 'invited' ? { purpose: 'invitation', accountId: null, email: emailKey } : undefined
    case 'reset-password':
      if (status === 'deactivated') return undefined
      return { purpose: 'reset-password', accountId: account?.id ?? null, email: account?.email ?? emailKey }
    case 'confirm-email':
      if (!account || status === 'deactivated' || account.email === emailKey) return undefined
      return { purpose: 'confirm-email', accountId: account.id, email: emailKey }
    default:
      return undefined
  }
}

async function personOf(tx: Tx, { orgId, userId }: Mail): Promise<Person | undefined> {
  const row = await tx.db
    .selectFrom('users as u')
    .innerJoin('organisations as o', 'o.orgId', 'u.orgId')
    .select(['u.email', 'u.emailKey', 'u.firstName', 'u.lastName', 'u.status', 'o.name as organisation'])
    .where('u.orgId', '=', orgId)
    .where('u.id', '=', userId as never)
    .executeTakeFirst()
  return row && { ...row, name: `${row.firstName} ${row.lastName}`.trim() }
}
