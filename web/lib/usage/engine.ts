// Sums over the usage on this device: months are put in as they come, questions are answered from kept sums where a month is asked for
// whole, and from its days where it is not. Pure: it fetches and stores nothing, and runs wherever typed arrays do.
import type { GroupId, ProductId, UserId } from '#shared/model.ts'
import type { UsageBlock } from '#shared/usage.ts'
import {
  add,
  addDay,
  addRows,
  addSums,
  addTallies,
  addTotal,
  isWhole,
  maskOf,
  tally,
  type Filter,
  type Tally,
} from './adding.ts'
import { daysIn, monthsOf, type MonthPart } from './days.ts'
import {
  amountAt,
  bytesOfDigest,
  bytesOfSection,
  firstRowOf,
  type DayTotal,
  type Digest,
  type Section,
} from './section.ts'
import { createSectioner } from './sectioner.ts'
import { topOf } from './top.ts'
import type { UsageQuery, UsageSums } from './types.ts'

/** A month made ready to be put in. */
export interface MadeMonth {
  month: string
  version: number
  digest: Digest
  /** In order of days; undefined where only the digest is here. */
  sections: Section[] | undefined
}

export type Engine = ReturnType<typeof createEngine>

export function createEngine() {
  const months = new Map<string, MadeMonth>()
  const { sectionOf, sumUp } = createSectioner()
  /** Number 0 is none. */
  let ids: string[] = ['']
  let numbers: Map<string, number> | undefined
  /** By number; cleared before each question, so that none makes arrays as long as the list of ids. */
  let userCredits = new Float64Array(0)
  let userUses = new Int32Array(0)
  let [ofProducts, ofGroups] = [tally(0), tally(0)]

  const numberOf = (id: string): number | null => {
    numbers ??= new Map(ids.map((known, number) => [known, number]))
    return numbers.get(id) ?? null
  }
  const filterOf = ({ userId, productId, groupId }: UsageQuery): Filter => ({
    user: userId && numberOf(userId),
    product: productId && numberOf(productId),
    group: groupId && numberOf(groupId),
  })

  function startAnew(): void {
    if (userCredits.length < ids.length) {
      userCredits = new Float64Array(ids.length)
      userUses = new Int32Array(ids.length)
      ofProducts = tally(ids.length)
      ofGroups = tally(ids.length)
      return
    }
    for (const values of [
      userCredits,
      userUses,
      ofProducts.credits,
      ofProducts.views,
      ofGroups.credits,
      ofGroups.views,
    ])
      values.fill(0)
  }

  function make(block: UsageBlock, others: readonly Section[]): MadeMonth {
    const sections = [
      ...others,
      ...block.days.map(({ day, version, columns }) => sectionOf(day, version, columns)),
    ].sort((a, b) => (a.day < b.day ? -1 : 1))
    const digest = { sums: sumUp(sections), days: sections.map(({ total }) => total) }
    return { month: block.month, version: block.version, digest, sections }
  }
  const makeMonth = (block: UsageBlock): MadeMonth => make(block, [])
  function makeDays(block: UsageBlock): MadeMonth {
    const days = new Set(block.days.map(({ day }) => day))
    return make(block, months.get(block.month)?.sections?.filter(({ day }) => !days.has(day)) ?? [])
  }
  const put = (made: MadeMonth): void => void months.set(made.month, made)

  /** Whether a question needs the days of a month, and not only what they come to. */
  function needsDays({ userId, productId, groupId }: UsageQuery, { month, first, last }: MonthPart): boolean {
    if (userId !== undefined || productId !== undefined || groupId !== undefined) return true
    return !isWhole(months.get(month)?.digest.days ?? [], first, last)
  }

  /** Adds the users of a month's days from one through another, both included. */
  function addUsers(
    { sections = [], digest: { sums, days } }: MadeMonth,
    from: string,
    to: string,
    filter: Filter,
  ): void {
    if (isWhole(days, from, to)) return addSums(sums, userCredits, userUses, maskOf(sums.shares, filter))
    const [inside, outside]: Section[][] = [[], []]
    for (const section of sections) (section.day >= from && section.day <= to ? inside : outside)?.push(section)
    if (!inside?.length) return
    // Taking the other days off the whole month is exact, since all are whole numbers.
    const byWhole = (outside?.length ?? 0) <= inside.length
    if (byWhole) addSums(sums, userCredits, userUses, maskOf(sums.shares, filter))
    for (const section of byWhole ? (outside ?? []) : inside)
      addRows(section, userCredits, userUses, maskOf(section.shares, filter), byWhole ? -1 : 1)
  }

  function sumUsers(query: UsageQuery, filter: Filter): void {
    startAnew()
    for (const { month, first, last } of monthsOf(query)) {
      const held = months.get(month)
      if (held) addUsers(held, first, last, filter)
    }
  }

  return {
    /** Takes what numbers from `from` on stand for; what follows them is forgotten. */
    putIds(from: number, more: readonly string[]): void {
      ids = [...ids.slice(0, from), ...more]
      if (ids.length === 0) ids = ['']
      numbers = undefined
    },
    get ids(): number {
      return ids.length
    },
    /** Makes a whole month, to be put in place of what is held of it. */
    makeMonth,
    /** Makes a month of the days that changed and the other days that are held: each replaces the day as it was. */
    makeDays,
    put,
    needsDays,
    hasDays: (month: string): boolean => months.get(month)?.sections !== undefined,
    drop: (month: string): void => void months.delete(month),
    clear(): void {
      months.clear()
      ids = ['']
      numbers = undefined
    },
    /** The version of a month, undefined where it is not in memory. */
    versionOf: (month: string): number | undefined => months.get(month)?.version,
    /** Bytes of all columns, and about as many of the ids. */
    get bytes(): number {
      let sum = ids.length * 64
      for (const { digest, sections = [] } of months.values())
        sum = sections.reduce((all, section) => all + bytesOfSection(section), sum + bytesOfDigest(digest))
      return sum
    },

    /** All that a page shows of a range; months that are not here count nothing. */
    sums(query: UsageQuery, top: number): UsageSums {
      const filter = filterOf(query)
      startAnew()
      const days: DayTotal[] = []
      for (const { month, first, last } of monthsOf(query)) {
        const at = days.length
        for (const day of daysIn(first, last)) days.push({ day: `${month}-${day}`, credits: 0, contactViews: 0 })
        const held = months.get(month)
        if (!held) continue
        const dayOf = (day: string): DayTotal | undefined =>
          day >= first && day <= last ? days[at + Number(day) - Number(first)] : undefined
        if (filter.user !== undefined) {
          for (const section of held.sections ?? []) {
            const day = dayOf(section.day)
            if (day) addUser(section, filter, day)
          }
          continue
        }
        addUsers(held, first, last, filter)
        const whole = isWhole(held.digest.days, first, last)
        if (whole) addTallies(held.digest.sums.shares, ofProducts, ofGroups, filter)
        else
          for (const section of held.sections ?? [])
            if (dayOf(section.day)) addTallies(section.shares, ofProducts, ofGroups, filter)
        if (filter.product === undefined && filter.group === undefined)
          for (const total of held.digest.days) addTotal(total, dayOf(total.day))
        else for (const section of held.sections ?? []) addDay(section.shares, filter, dayOf(section.day))
      }
      let [credits, contactViews] = [0, 0]
      for (const day of days) {
        credits += day.credits
        contactViews += day.contactViews
      }
      const ranked = topOf(userCredits, userUses, ids, top)
      return {
        credits,
        contactViews,
        days,
        top: ranked.numbers.map((number) => ({ userId: ids[number] as UserId, credits: userCredits[number] ?? 0 })),
        users: ranked.users,
        products: listed(ofProducts, (id, amounts) => ({ productId: id as ProductId, ...amounts })),
        groups: listed(ofGroups, (id, amounts) => ({ groupId: (id || null) as GroupId | null, ...amounts })),
      }
    },

    /** Who used credits, most first; with `views` also who had contact views alone. */
    users(query: UsageQuery): UserId[] {
      const filter = filterOf(query)
      if (filter.user !== undefined) {
        const { users, contactViews } = this.sums(query, 0)
        return (users > 0 || (query.views && contactViews > 0)) && query.userId ? [query.userId] : []
      }
      sumUsers(query, filter)
      return topOf(userCredits, userUses, ids, Infinity, query.views).numbers.map((number) => ids[number] as UserId)
    },
  }

  /** One user's rows of a day. */
  function addUser(section: Section, { user, product, group }: Filter, day: DayTotal) {
    if (user === null || user === undefined) return
    const { users, share, shares } = section
    for (let row = firstRowOf(users, user); users[row] === user; row += 1) {
      const at = share[row] ?? 0
      const [ofProduct, ofGroup] = [shares.products[at] ?? 0, shares.groups[at] ?? 0]
      if ((product !== undefined && product !== ofProduct) || (group !== undefined && group !== ofGroup)) continue
      const [credits, views] = [amountAt(section.credits, row), amountAt(section.views, row)]
      day.credits += credits
      day.contactViews += views
      userCredits[user] = (userCredits[user] ?? 0) + credits
      userUses[user] = (userUses[user] ?? 0) + 1
      add(ofProducts, ofProduct, credits, views)
      add(ofGroups, ofGroup, credits, views)
    }
  }

  function listed<Row>(
    from: Tally,
    make: (id: string, amounts: { credits: number; contactViews: number }) => Row,
  ): Row[] {
    const found: number[] = []
    for (let number = 0; number < ids.length; number += 1)
      if ((from.credits[number] ?? 0) > 0 || (from.views[number] ?? 0) > 0) found.push(number)
    const order = (a: number, b: number) =>
      (from.credits[b] ?? 0) - (from.credits[a] ?? 0) || ((ids[a] ?? '') < (ids[b] ?? '') ? -1 : 1)
    return found
      .sort(order)
      .map((number) =>
        make(ids[number] ?? '', { credits: from.credits[number] ?? 0, contactViews: from.views[number] ?? 0 }),
      )
  }
}
