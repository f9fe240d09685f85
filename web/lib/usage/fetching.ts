// Fetches months of usage and the ids that their numbers stand for: a month that is stored is asked for its newer days alone.
import type { OrganisationId } from '#shared/model.ts'
import { decodeMonth, UnreadableUsage, type UsageBlock } from '#shared/usage.ts'
import { entriesIn, mergedMonth, mostNumberIn, readable } from './months.ts'
import type { UsageServer } from './server.ts'

/** A fetched month, whole or put together. */
export interface Fetched {
  month: string
  version: number
  entries: number
  buffer: ArrayBuffer
  /** The days that came. */
  came: UsageBlock
  /** The version into which they were put; undefined for a whole month. */
  base: number | undefined
}

export interface FetchedIds {
  from: number
  ids: string[]
}

/**
 * @param stored the bytes of the month in the store, where it is there
 * @throws {UnreadableUsage} where what came is not what was asked for
 */
export async function fetchMonth(
  server: UsageServer,
  organisation: OrganisationId,
  month: string,
  stored: ArrayBuffer | undefined,
): Promise<Fetched | undefined> {
  const base = stored && readable(stored)
  const answer = await server.month(organisation, month, base?.version)
  if (!answer) return undefined
  const came = decodeMonth(answer)
  if (came.month !== month) throw new UnreadableUsage('It is another month than was asked for.')
  const buffer = base ? mergedMonth(base, came) : answer
  const whole = base ? decodeMonth(buffer) : came
  return { month, version: came.version, entries: entriesIn(whole), buffer, came, base: base?.version }
}

/**
 * Ids that the numbers of new blocks need beyond those that are held.
 * @param from how many are held
 * @throws {UnreadableUsage} where the server has fewer
 */
export async function fetchIds(
  server: UsageServer,
  organisation: OrganisationId,
  from: number,
  fetched: readonly Fetched[],
): Promise<FetchedIds | undefined> {
  const most = Math.max(0, ...fetched.map(({ came }) => mostNumberIn(came)))
  if (most < from || fetched.length === 0) return undefined
  const answer = await server.ids(organisation, from)
  if (answer.from !== from || answer.from + answer.ids.length <= most)
    throw new UnreadableUsage('It counts more ids than there are.')
  return { from, ids: answer.ids }
}
