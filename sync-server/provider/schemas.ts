// What the provider sends and is answered, as schemas: they parse the requests, give the handlers their types and become the OpenAPI
// document. Requests are strict: a field that is not named here is refused, so that no column is ever set by its name. What may be left
// out has no default here but where it is handled: generators of clients take a field with a default for one that is always there.
import * as v from 'valibot'
import { Credits, GrantId, MAX_CREDITS, ProductId } from '#shared/model.ts'
import { filledText, MAX_TEXT, text } from '#shared/text.ts'
import { ProductName, Seats } from './products.ts'

const said = <Schema extends v.GenericSchema>(schema: Schema, description: string) =>
  v.pipe(schema, v.description(description))
/** Kept as it was sent, since it is compared byte by byte: never trimmed. */
const exact = (description: string) =>
  v.pipe(
    v.string(),
    v.metadata({ minLength: 1, maxLength: MAX_TEXT, description }),
    v.check((value) => value === value.trim(), 'Begins or ends with white space. Send it without.'),
    filledText(),
  )
const shortText = (max: number, description: string) =>
  v.pipe(filledText(max), v.metadata({ minLength: 1, maxLength: max, description }))
const uuid = <Schema extends v.GenericSchema<string>>(schema: Schema, description: string) =>
  v.pipe(schema, v.metadata({ format: 'uuid', description }))
const credits = (description: string) => said(Credits, description)
/** In answers: a sum may be below 0, or above what one request may say. */
const sum = (description: string) => v.pipe(v.number(), v.safeInteger(), v.description(description))
const count = (description: string) => v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.description(description))

const DAY = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d{2}-\d{2}$/, 'Is not a day like 2026-11-24.'),
  v.check((value) => isDay(value), 'There is no such day.'),
  v.metadata({ format: 'date', examples: ['2026-11-24'] }),
)
function isDay(value: string): boolean {
  const [year = 0, month = 0, day = 0] = value.split('-').map(Number)
  const date = new Date(Date.UTC(2000, month - 1, day))
  date.setUTCFullYear(year, month - 1, day)
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}
const day = (description: string) => said(DAY, description)
const moment = (description: string) => v.pipe(v.string(), v.metadata({ format: 'date-time', description }))

const user = shortText(254, 'The user: his id, or his e-mail address.')
const product = shortText(MAX_TEXT, 'The product: its id, or its name.')
const views = v.optional(credits('Contacts that were viewed with it. Left out: none.'))

// ---- Contract

export const NewProduct = v.strictObject({
  id: v.optional(
    uuid(ProductId, 'Chosen by you (a UUID, best version 7), so that the same request twice makes one product.'),
  ),
  name: v.pipe(
    ProductName,
    v.metadata({ minLength: 1, maxLength: MAX_TEXT, description: 'Unlike the other products’.' }),
  ),
  seatsPurchased: said(Seats, 'Seats sold.'),
})
export const ProductChanges = v.strictObject({
  name: v.optional(
    v.pipe(ProductName, v.metadata({ minLength: 1, maxLength: MAX_TEXT, description: 'Its new name.' })),
  ),
  seatsPurchased: v.optional(
    said(Seats, 'Seats sold from now on; also fewer than are used: nobody is thrown out, new ones are not let in.'),
  ),
})
export const ProductAnswer = v.object({
  id: uuid(v.string(), 'The product’s id.'),
  name: v.string(),
  seatsPurchased: count('Seats sold.'),
  seatsUsed: count('Seats of invited and active users.'),
})
export const Products = v.object({ products: v.array(ProductAnswer) })

const state = v.pipe(
  v.picklist(['running', 'ended', 'to-come']),
  v.description('Whether its credits can be burnt today, in the organisation’s time zone.'),
)
export const NewGrant = v.strictObject({
  id: v.optional(
    uuid(GrantId, 'Chosen by you (a UUID, best version 7), so that the same request twice makes one grant.'),
  ),
  kind: v.optional(
    v.pipe(
      v.picklist(['contract', 'top-up']),
      v.description(
        'A contract begins a new contract term on its first day; a top-up only adds credits. Left out: a contract.',
      ),
    ),
  ),
  credits: said(
    v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(MAX_CREDITS)),
    'Credits sold, whole ones.',
  ),
  startsOn: day('The first day on which it can be burnt.'),
  endsOn: day('The last day on which it can be burnt.'),
})
export const VoidWish = v.strictObject({
  voided: v.optional(
    credits(
      'How many of the grant’s credits are void in all afterwards; never fewer than before, never more than are not used. Left out: all that is left. The same again changes nothing.',
    ),
  ),
})
export const GrantAnswer = v.object({
  id: uuid(v.string(), 'The grant’s id.'),
  kind: v.picklist(['contract', 'top-up']),
  credits: count('As sold.'),
  voided: count('Taken back of it.'),
  used: count('Burnt of it, in all.'),
  left: count('Neither burnt nor taken back; what an ended grant has left is lost.'),
  startsOn: day('The first day on which it can be burnt.'),
  endsOn: day('The last day on which it can be burnt.'),
  state,
})
export const Grants = v.object({ grants: v.array(GrantAnswer) })

// ---- Usage

export const UsageData = v.strictObject({
  user,
  product,
  credits: credits('Credits used, whole ones; 0 where only contacts were viewed.'),
  contactViews: views,
})
export const EVENT_TYPE = 'quartermaster.usage'
/** A CloudEvent of our one type. Extension attributes are allowed, and ignored. */
export const UsageCloudEvent = v.looseObject({
  specversion: v.pipe(v.literal('1.0'), v.description('The version of CloudEvents.')),
  type: v.pipe(v.literal(EVENT_TYPE), v.description('The one type that is taken.')),
  source: exact('What reports it, a URI reference. Source and id together name the event.'),
  id: exact('Unlike all others of its source. Sent again, the event is counted once.'),
  time: v.pipe(
    v.string('Is needed: the moment of use, as RFC 3339 writes it.'),
    v.check((value) => momentOf(value) !== undefined, 'Is no moment as RFC 3339 writes it, with its offset.'),
    v.metadata({
      format: 'date-time',
      description: 'The moment of use, with any offset. It decides the day, in the organisation’s time zone.',
    }),
  ),
  data: UsageData,
})

/** Milliseconds since 1970 UTC of a moment as RFC 3339 writes it; undefined where it is none, or before 1970. */
export function momentOf(text: string): number | undefined {
  const [, date = '', time = '', seconds = '', fraction = '', offset = ''] = MOMENT.exec(text) ?? []
  if (!isDay(date)) return undefined
  // RFC 3339 knows leap seconds, Date does not: the last moment before.
  const leap = seconds === '60'
  const at = Date.parse(`${date}T${time}:${leap ? '59' : seconds}${leap ? '.999' : fraction}${offset.toUpperCase()}`)
  return Number.isNaN(at) || at < 0 ? undefined : at
}
const MOMENT = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}):(\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/

const known = {
  source: v.nullable(v.pipe(v.string(), v.description('As sent; null where it could not be read.'))),
  id: v.nullable(v.pipe(v.string(), v.description('As sent; null where it could not be read.'))),
}
const EventTaken = v.object({
  ...known,
  result: v.literal('taken'),
  day: day('The day on which it was counted.'),
  over: count('By how many credits the limit that binds is passed now. It was recorded all the same.'),
})
const EventRepeated = v.object({
  ...known,
  result: v.pipe(v.literal('repeated'), v.description('It had been taken before; nothing was counted again.')),
})
const EventRefused = v.object({
  ...known,
  result: v.literal('refused'),
  code: v.pipe(
    v.picklist(['user-unknown', 'product-unknown', 'not-yet', 'source-reserved', 'malformed']),
    v.description('Why. Mend what it names and send the event again under the same id.'),
  ),
  fact: v.pipe(v.record(v.string(), v.unknown()), v.description('For `malformed` the path and what is wrong there.')),
})
export const EventAnswer = v.variant('result', [EventTaken, EventRepeated])
export const BatchAnswer = v.object({
  taken: count('Events counted by this request.'),
  repeated: count('Events that had been counted before.'),
  refused: count('Events that were not counted.'),
  events: v.pipe(
    v.array(v.variant('result', [EventTaken, EventRepeated, EventRefused])),
    v.description('An answer for each event, in their order.'),
  ),
})
export const Sources = v.object({
  sources: v.array(
    v.object({
      source: v.string(),
      lastId: v.pipe(
        v.string(),
        v.description('The event taken last. After a restore, send again from the one behind it.'),
      ),
      lastAt: moment('Its moment of use.'),
      events: count('Events taken of this source in all.'),
    }),
  ),
})

// ---- Spends

const key = exact('Chosen by you. The same key with the same content is answered as the first time, and spends once.')
export const NewSpend = v.strictObject({
  user,
  product,
  credits: credits('Credits to spend, whole ones.'),
  contactViews: views,
  idempotencyKey: key,
})
export const MAX_RESERVED_SECONDS = 7 * 24 * 60 * 60
export const NewReservation = v.strictObject({
  ...NewSpend.entries,
  seconds: v.optional(
    v.pipe(
      v.number(),
      v.safeInteger(),
      v.minValue(1),
      v.maxValue(MAX_RESERVED_SECONDS),
      v.description('After how many seconds it expires unless it is confirmed. Left out: an hour.'),
    ),
  ),
})
const bound = ['own', 'group', 'default', 'pool', 'credits'] as const
const allowed = {
  allowed: v.literal(true),
  userId: uuid(v.string(), 'The user’s id.'),
  productId: uuid(v.string(), 'The product’s id.'),
  credits: count('Credits granted.'),
  left: v.nullable(count('What the user can still spend after it; null: without a bound.')),
  binds: v.pipe(v.picklist(bound), v.description('Which bound is the nearest.')),
}
const denied = {
  allowed: v.literal(false),
  deniedBy: v.pipe(
    v.picklist([...bound, 'deactivated']),
    v.description(
      'What bound: the user’s own limit, his group’s for each member, the default, his group’s pool, the organisation’s credits, or that the user is deactivated.',
    ),
  ),
  left: count('What could be spent.'),
  over: count('By how much the bound is passed already.'),
}
export const SpendAnswer = v.variant('allowed', [v.object(allowed), v.object(denied)])
export const ReservationAnswer = v.object({
  id: v.string(),
  userId: uuid(v.string(), 'The user’s id.'),
  productId: uuid(v.string(), 'The product’s id.'),
  credits: count('Credits reserved.'),
  confirmed: count('Of them confirmed as used.'),
  state: v.pipe(
    v.picklist(['open', 'confirmed', 'released', 'expired']),
    v.description('An open one counts as used until it is confirmed, is released or expires.'),
  ),
  expiresAt: moment('When it expires.'),
})
export const ReserveAnswer = v.variant('allowed', [
  v.object({ ...allowed, reservation: ReservationAnswer }),
  v.object(denied),
])
export const Confirmation = v.strictObject({
  credits: v.optional(credits('Credits that were used, at most what was reserved. Left out: all of them.')),
})

// ---- Balances

export const BalanceAnswer = v.object({
  total: sum('Credits of this contract: of running grants all that is not void, of ended ones what was used of them.'),
  used: sum('Used in this contract.'),
  available: sum('Total less used; below 0 where more was used than there is.'),
  reserved: count('Promised to jobs under way; not in `used`.'),
  overage: count('Used in this contract when no grant had any credits left.'),
  grants: v.array(GrantAnswer),
})
export const UserBalanceAnswer = v.object({
  userId: uuid(v.string(), 'The user’s id.'),
  status: v.picklist(['invited', 'active', 'deactivated']),
  groupId: v.nullable(v.string()),
  reserved: count('Promised to jobs of this user under way.'),
  bounds: v.pipe(
    v.array(
      v.object({
        kind: v.picklist(bound),
        credits: v.nullable(count('The limit; null: unlimited, or the organisation’s credits.')),
        term: v.nullable(v.pipe(v.string(), v.description('month, quarter, year or contract.'))),
        used: sum('Used under it in this term, reservations included.'),
        left: v.nullable(count('Left of it; null: unlimited.')),
        over: count('By how much it is passed.'),
      }),
    ),
    v.description('Every bound over what the user may spend, the one that binds first.'),
  ),
})
/** In a path; what it stands for is looked up, and not there where it is none. */
export const Id = v.pipe(text(), v.metadata({ format: 'uuid', description: 'Its id.' }))
export const HeaderText = v.pipe(
  v.string(),
  v.description('For binary mode: an attribute of the event, percent-encoded.'),
)
export const UserParameter = v.pipe(text(254), v.metadata({ description: 'The user’s id or e-mail address.' }))

export const Problem = v.object({
  type: v.pipe(v.string(), v.description('Stable for each code.')),
  title: v.pipe(v.string(), v.description('The code in words.')),
  status: v.pipe(v.number(), v.integer()),
  detail: v.pipe(v.string(), v.description('What to do next, for a person.')),
  code: v.pipe(v.string(), v.description('For programs.')),
  fact: v.optional(v.pipe(v.record(v.string(), v.unknown()), v.description('What the code is about.'))),
})
