// The organisation with which each run begins: small, so that everybody meets on the same few rows, with a product that is full, one
// that is nearly full and a roomy one, and with usage to reset.
import { toEmailKey } from '#shared/email.ts'
import {
  toNameKey,
  type GrantId,
  type Group,
  type GroupId,
  type Instant,
  type Organisation,
  type OrganisationId,
  type Product,
  type ProductId,
  type Rows,
  type User,
  type UserId,
} from '#shared/model.ts'
import { NO_POLICIES } from '#shared/policies.ts'
import type { UsageEvent } from '../../sync-server/usage/usage.ts'
import type { Random } from './random.ts'

export const START: Instant = Date.UTC(2026, 10, 24, 9)
const DAY = 24 * 60 * 60 * 1000

const idOf = <Id extends string>(n: number) =>
  `01932000-0000-7000-8000-${n.toString(16).padStart(12, '0')}` as unknown as Id

export const ORGANISATION = idOf<OrganisationId>(1)
/** The admins who have devices. */
export const ADA = idOf<UserId>(0x1000)
export const BO = idOf<UserId>(0x1001)

const NAMES = ['Ada', 'Bo', 'Cleo', 'Dai', 'Eve', 'Femi', 'Gus', 'Hana', 'Ines', 'Juan', 'Kai', 'Lena']

export interface Beginning {
  organisation: Organisation
  products: Product[]
  grants: Rows['grants'][]
  groups: Group[]
  users: User[]
  /** Reported before anybody looks. */
  used: UsageEvent[]
}

export function beginning(random: Random): Beginning {
  const products = [idOf<ProductId>(0x100), idOf<ProductId>(0x101), idOf<ProductId>(0x102)]
  const groups = [idOf<GroupId>(0x300), idOf<GroupId>(0x301), idOf<GroupId>(0x302)]
  const users = NAMES.map((name, n): User => {
    const email = `${name.toLowerCase()}@tern.example`
    return {
      id: idOf<UserId>(0x1000 + n),
      version: 0,
      email,
      emailKey: keyOf(email),
      firstName: name,
      lastName: '',
      title: '',
      phone: '',
      externalId: '',
      productId: products[random.int(3)] ?? null,
      groupId: random.chance(0.7) ? (groups[random.int(3)] ?? null) : null,
      limit: null,
      // The third admin has no device: so both others can lose their role.
      role: n < 3 ? 'admin' : 'member',
      status: n < 3 || random.chance(0.7) ? 'active' : random.chance(0.5) ? 'invited' : 'deactivated',
      joinedAt: n < 3 || random.chance(0.7) ? START - 20 * DAY : null,
      createdAt: START - 21 * DAY,
      updatedAt: START - 20 * DAY,
    }
  })
  const counted = users.filter(({ status }) => status !== 'deactivated')
  return {
    organisation: {
      id: ORGANISATION,
      version: 0,
      name: 'Tern',
      timeZone: 'Europe/Oslo',
      weekStart: 1,
      fiscalYearStart: 4,
      defaultLimit: null,
      activeAdmins: 3,
      ...NO_POLICIES,
    },
    products: products.map((id, n) => {
      const seatsUsed = counted.filter(({ productId }) => productId === id).length
      return {
        id,
        version: 0,
        name: ['Full', 'Nearly full', 'Roomy'][n] ?? '',
        seatsPurchased: seatsUsed + ([0, 1, 20][n] ?? 0),
        seatsUsed,
        lastSeat: null,
        lastContract: null,
      }
    }),
    grants: [
      {
        id: idOf<GrantId>(0x200),
        version: 0,
        kind: 'contract',
        credits: 1000,
        startsOn: '2026-04-01',
        endsOn: '2027-03-31',
        used: 0,
        voided: 0,
        usedBy: {},
      },
    ],
    groups: groups.map((id, n) => {
      const name = ['Sales', 'Support', 'Field'][n] ?? ''
      return {
        id,
        version: 0,
        name,
        nameKey: toNameKey(name),
        memberLimit: null,
        poolLimit: null,
        members: counted.filter(({ groupId }) => groupId === id).length,
        lastModified: START - 10 * DAY,
        lastModifiedBy: null,
      }
    }),
    users,
    used: users.filter(() => random.chance(0.6)).flatMap(({ id }) => usedBy(id, products, random)),
  }
}

const usedBy = (user: UserId, products: readonly ProductId[], random: Random): UsageEvent[] =>
  Array.from({ length: 1 + random.int(3) }, (_, n) => ({
    source: 'before',
    id: `${user} ${n}`,
    at: START - random.int(60 * DAY),
    user,
    product: random.pick(products) ?? '',
    credits: random.int(30),
    contactViews: random.int(3),
  }))

function keyOf(email: string) {
  const key = toEmailKey(email)
  if (!key) throw new Error(`${email} has no key.`)
  return key
}
