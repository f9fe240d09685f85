// Which months of usage are not on this device, in a sentence: on the dashboard, and wherever usage is asked for.
import { formatMonth, formatNames } from '#lib/format.ts'

/** "August 2025 is not on this device yet; it is fetched when the network returns." */
export function missingWords(months: readonly string[], online: boolean): string {
  const one = months.length === 1
  const names = formatNames(months.map(formatMonth), months.length, 3)
  const promise = online
    ? `${one ? 'it is' : 'they are'} being fetched.`
    : `${one ? 'it is' : 'they are'} fetched when the network returns.`
  return `${names} ${one ? 'is' : 'are'} not on this device yet; ${promise}`
}
