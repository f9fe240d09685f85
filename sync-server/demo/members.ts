// The users of the demo organisation, with what decides how much each of them uses. Seats, limits and usage come afterwards.
import { toEmailKey } from '#shared/email.ts'
import { type ProductId, UserId, type GroupId, type Instant, type Status, type User } from '#shared/model.ts'
import * as v from 'valibot'
import { DAY, HOUR, MINUTE, officeTime, toMinute } from './calendar.ts'
import { GROUPS, PEOPLE, UNGROUPED, UNGROUPED_WEIGHT, type Kind, type Person, type ProductName } from './catalogue.ts'
import { cultures } from './names.ts'
import type { Random } from './random.ts'

export interface Member {
  row: User
  /** Credits in an average month. */
  pace: number
  /** Uses nothing from here on; Infinity for most. */
  until: Instant
  /** The group that the user was in before a move. */
  earlier: { groupId: GroupId | null; before: Instant } | null
}

interface Places {
  groups: ReadonlyMap<string, GroupId>
  products: ReadonlyMap<ProductName, ProductId>
  /** When the organisation began. */
  began: Instant
  now: Instant
}

/** Makes the members: those known by name first, then as many others as are wanted. */
export function makeMembers(count: number, places: Places, random: Random): Member[] {
  const addresses = new Map<string, number>()
  const known = PEOPLE.slice(0, count)
  for (const { address } of PEOPLE) addresses.set(address, 1)
  const members = known.map((person, at) => makeKnown(person, at, places, random))
  const rooms = [
    ...GROUPS.map(({ name, weight, kind }) => ({ weight, kind, groupId: at(places.groups, name) })),
    { weight: UNGROUPED_WEIGHT, kind: UNGROUPED, groupId: null },
  ]
  while (members.length < count) members.push(makeOther(members.length, rooms, addresses, places, random))
  return members
}

function makeKnown(person: Person, index: number, places: Places, random: Random): Member {
  const first = person.role === 'admin' ? places.began + index * 7 * MINUTE : undefined
  const times = timesOf(person.status, places, random, first)
  const row = makeRow(person, index, `${person.address}@tern.example`, times, random)
  return {
    row: {
      ...row,
      productId: at(places.products, person.product),
      groupId: at(places.groups, person.group),
      role: person.role,
    },
    pace: person.pace,
    until: times.deactivatedAt ?? Infinity,
    earlier: null,
  }
}

interface Room {
  weight: number
  kind: Kind
  groupId: GroupId | null
}

function makeOther(
  index: number,
  rooms: readonly Room[],
  addresses: Map<string, number>,
  places: Places,
  random: Random,
): Member {
  const { kind, groupId } = random.weighted(rooms)
  const culture = random.weighted(cultures)
  const given = random.pick(culture.given)
  const family = random.pick(culture.family)
  const chance = random.next()
  const status: Status = chance < 0.03 ? 'invited' : chance < 0.08 ? 'deactivated' : 'active'
  const times = timesOf(status, places, random)

  const local = `${given.ascii}.${family.ascii}`
  const same = (addresses.get(local) ?? 0) + 1
  addresses.set(local, same)
  const address = `${local}${same > 1 ? same : ''}@tern.example`
  const typed = random.chance(0.02) ? address.replace(/(^|\.)[a-z](?=[^@]*@)/g, (part) => part.toUpperCase()) : address

  const person = { firstName: given.written, lastName: family.written, title: random.pick(kind.titles), status }
  const row = makeRow(person, index, typed, times, random, culture.phone)
  row.productId = at(places.products, random.weighted(kind.products).name)
  row.groupId = groupId
  if (status === 'active' && random.chance(0.008)) row.role = 'viewer'

  const member: Member = { row, pace: paceOf(kind, random), until: times.deactivatedAt ?? Infinity, earlier: null }
  const known = places.now - (times.joinedAt ?? places.now)
  if (known > 90 * DAY && status === 'active') {
    const moment = () => officeTime(places.now - known * (0.2 + random.next() * 0.7), places.now - known, places.now)
    if (random.chance(0.03)) {
      const before = moment()
      member.earlier = { groupId: random.weighted(rooms).groupId, before }
      row.updatedAt = before
    }
    if (random.chance(0.05)) member.until = moment()
  }
  return member
}

function paceOf({ appetite }: Kind, random: Random): number {
  const chance = random.next()
  if (chance < 0.06) return 0
  if (chance < 0.1) return appetite * (180 + random.below(420))
  if (chance < 0.4) return appetite * (14 + random.below(46))
  return appetite * (2 + random.below(9))
}

interface Times {
  createdAt: Instant
  joinedAt: Instant | null
  deactivatedAt: Instant | null
}

/** Two thirds came when the organisation began, the others one by one since. */
function timesOf(status: Status, { began, now }: Places, random: Random, first?: Instant): Times {
  if (first !== undefined) return { createdAt: first, joinedAt: first + 5 * MINUTE, deactivatedAt: null }
  if (status === 'invited')
    return {
      createdAt: officeTime(now - HOUR - random.next() * 20 * DAY, began, now),
      joinedAt: null,
      deactivatedAt: null,
    }
  const early = status === 'deactivated' || random.chance(0.65)
  const after = early ? 1 + random.below(20) : 21 + random.below(Math.floor((now - began) / DAY) - 22)
  const createdAt = officeTime(began + after * DAY + random.below(14 * 60) * MINUTE, began, now - 2 * HOUR)
  const joinedAt = Math.min(toMinute(now - HOUR), createdAt + 20 * MINUTE + random.below(4 * 24 * 60) * MINUTE)
  const left = joinedAt + (now - joinedAt) * (0.25 + random.next() * 0.74)
  const deactivatedAt = status === 'deactivated' ? officeTime(left, joinedAt, now) : null
  return { createdAt, joinedAt, deactivatedAt }
}

function makeRow(
  { firstName, lastName, title, status }: Pick<Person, 'firstName' | 'lastName' | 'title' | 'status'>,
  index: number,
  email: string,
  { createdAt, joinedAt, deactivatedAt }: Times,
  random: Random,
  country = '+47',
): User {
  const emailKey = toEmailKey(email)
  if (emailKey === undefined) throw new Error(`The demo made an address that cannot be mailed: ${email}`)
  return {
    id: v.parse(UserId, random.uuid(createdAt)),
    version: 0,
    email,
    emailKey,
    firstName,
    lastName,
    title: random.chance(0.94) ? title : '',
    phone: random.chance(0.8) ? `${country} 5550 ${String(random.below(10_000)).padStart(4, '0')}` : '',
    externalId: random.chance(0.88) ? `TS-${String(index + 1).padStart(6, '0')}` : '',
    productId: null,
    groupId: null,
    limit: null,
    role: 'member',
    status,
    joinedAt,
    createdAt,
    updatedAt: deactivatedAt ?? joinedAt ?? createdAt,
  }
}

/** What a map holds under a key that the demo itself put there. */
export function at<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = map.get(key)
  if (value === undefined) throw new Error(`The demo knows nothing of ${String(key)}.`)
  return value
}
