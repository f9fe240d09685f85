// Sets that are replaced and never changed: what $state.raw holds. Plain ones, because a hundred thousand ids in a reactive set take
// a third of a second.

export const setOf = <Item>(items: Iterable<Item>): ReadonlySet<Item> => new Set(items)

/** Those in `set` first, in their order. */
export function plus<Item>(set: ReadonlySet<Item>, more: Iterable<Item>): Set<Item> {
  const next = new Set(set.size > 0 ? set : undefined)
  for (const item of more) next.add(item)
  return next
}

export function minus<Item>(set: ReadonlySet<Item>, fewer: Iterable<Item>): Set<Item> {
  const next = new Set(set)
  for (const item of fewer) next.delete(item)
  return next
}

/** With the item or without it. */
export const toggled = <Item>(set: ReadonlySet<Item>, item: Item, on: boolean): Set<Item> =>
  on ? plus(set, [item]) : minus(set, [item])
