// Who did an entry, on what, and when, in a few words; what a search looks through.
import { formatDate, formatNumber } from '#lib/format.ts'
import { fold } from '#lib/replica/roster.ts'
import type { ActivityEntry } from '#shared/activity.ts'
import { activityTitle } from '#shared/activity-words.ts'
import { settledWords } from '#shared/action-words.ts'
import { itemName } from '#shared/item-words.ts'

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** "Ingrid Solberg", "Provider", "Server" */
export function whoWords({ actor, key, names, type }: ActivityEntry): string {
  if (actor !== null) return names.users[actor] ?? 'A user who is gone'
  if (type === 'sign-in-failed' || type === 'ask-reset') return 'Somebody'
  return key === null ? 'Server' : 'Provider'
}

/** "This device", "Firefox on Windows", "Key Billing"; empty where no device was part of it. */
export function deviceWords({ clientId, device, key }: ActivityEntry, own: string | undefined): string {
  if (key !== null) return `Key ${key}`
  if (clientId === null) return device ?? ''
  return clientId === own ? 'This device' : (device ?? 'Another device')
}

/** "09:41:08" today, "22 Nov 09:41:08" before. */
export function momentWords(at: number, now: number): string {
  const time = clock.format(at)
  return new Date(at).toDateString() === new Date(now).toDateString() ? time : `${formatDate(at, now)} ${time}`
}

/** "9 changed, 1 unchanged"; empty where nothing was applied. */
export function doneWords({ type, applied, unchanged, rejected }: ActivityEntry): string {
  return applied + unchanged + rejected === 0 ? '' : settledWords(type, { applied, unchanged, rejected }, formatNumber)
}

/** Whether all words stand somewhere in what the page shows of an entry. */
export function matches(entry: ActivityEntry, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const said = { type: entry.type, args: null, names: entry.names }
  const text = fold(
    [
      entry.sentence,
      activityTitle(entry.type),
      whoWords(entry),
      entry.device ?? '',
      String(entry.version),
      ...entry.items.map(({ item }) => itemName(item, said)),
    ].join(' '),
  )
  return words.every((word) => text.includes(word))
}

/** How far the two clocks of an entry are apart, where that is more than the way takes: " (12 s later)". */
export function offsetWords({ madeAt, at }: ActivityEntry): string {
  const seconds = Math.round((at - madeAt) / 1_000)
  if (Math.abs(seconds) < 2) return ''
  return seconds < 0
    ? ` (the device’s clock was ${formatNumber(-seconds)} s ahead)`
    : ` (${formatNumber(seconds)} s later)`
}
