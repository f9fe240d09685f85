// Who used most: the first few of many without sorting them all.

/**
 * The numbers of those with most credits, most first, equal ones in order of their ids, and how many there are.
 * @param views also those who had contact views and used no credits
 */
export function topOf(
  credits: Float64Array,
  uses: Int32Array,
  ids: readonly string[],
  top: number,
  views = false,
): { numbers: number[]; users: number } {
  const before = (a: number, b: number): boolean => {
    const difference = (credits[a] ?? 0) - (credits[b] ?? 0)
    return difference > 0 || (difference === 0 && (ids[a] ?? '') < (ids[b] ?? ''))
  }
  const best: number[] = []
  let users = 0
  for (let number = 0; number < ids.length; number += 1) {
    if ((uses[number] ?? 0) === 0) continue
    if (!views && (credits[number] ?? 0) === 0) continue
    users += 1
    if (top === Infinity) {
      best.push(number)
      continue
    }
    const last = best.at(-1)
    if (best.length >= top && (last === undefined || before(last, number))) continue
    if (best.length >= top) best.pop()
    let at = best.length
    while (at > 0 && before(number, best[at - 1] ?? 0)) at -= 1
    best.splice(at, 0, number)
  }
  if (top === Infinity) best.sort((a, b) => (before(a, b) ? -1 : 1))
  return { numbers: best, users }
}
