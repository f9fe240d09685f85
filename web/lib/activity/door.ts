// What the activity asks the server for. Every answer is parsed; nothing is kept here.
import * as v from 'valibot'
import { request, requestLines } from '#lib/api.ts'
import {
  ActivityItems,
  ActivityPage,
  ChainProgress,
  MOST_ENTRIES,
  type ChainProgress as Progress,
} from '#shared/activity.ts'
import type { Seen } from '#shared/protocol.ts'

/** Entries before a version, newest first. @throws {ApiError} */
export async function askPage(query: string, before?: number, limit = 100): Promise<ActivityPage> {
  const search = new URLSearchParams(query)
  search.set('limit', String(Math.min(limit, MOST_ENTRIES)))
  if (before !== undefined) search.set('before', String(before))
  return v.parse(ActivityPage, await request(`/api/activity?${search.toString()}`))
}

/** Items of an entry beyond the first ones. @throws {ApiError} */
export const askItems = async (version: number, after: number) =>
  v.parse(ActivityItems, await request(`/api/activity/${version}/items?after=${after}`))

/** Has the log checked. @param seen the head that this device knows: a log that was written anew does not have it */
export const askCheck = (
  seen: Seen | undefined,
  onprogress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> =>
  requestLines('/api/activity/verify', {
    json: seen ? { seen } : {},
    onLine: (line) => onprogress(v.parse(ChainProgress, line)),
    signal,
  })

export const fileAddress = (query: string, format: 'csv' | 'json'): string =>
  `/api/activity/export?format=${format}${query ? `&${query}` : ''}`
