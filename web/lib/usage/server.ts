// The server as the keeper of usage knows it: month blocks, and what the numbers in them stand for. Each request names the organisation
// that it is for, so that a session of somebody else never fills this one's store.
import * as v from 'valibot'
import { request, requestBytes } from '#lib/api.ts'
import type { OrganisationId } from '#shared/model.ts'
import type { UsageIds } from '#shared/usage.ts'

export interface UsageServer {
  /**
   * A month's block: whole, or only the days that changed since a version.
   * @returns undefined where nothing has changed since
   * @throws {ApiError}
   */
  month(organisation: OrganisationId, month: string, since: number | undefined): Promise<ArrayBuffer | undefined>
  /** @throws {ApiError} */
  ids(organisation: OrganisationId, from: number): Promise<UsageIds>
}

const Ids = v.object({ from: v.number(), ids: v.array(v.string()) })

/** A request that hangs holds up all that come after it. */
const TIMEOUT = 60_000

export const usageServer: UsageServer = {
  month: (organisation, month, since) =>
    requestBytes(`/api/usage/${month}?organisation=${organisation}${since === undefined ? '' : `&since=${since}`}`, {
      etag: since === undefined ? undefined : `"${since}"`,
      signal: AbortSignal.timeout(TIMEOUT),
    }),
  ids: async (organisation, from) =>
    v.parse(
      Ids,
      await request(`/api/usage/ids?organisation=${organisation}&from=${from}`, {
        signal: AbortSignal.timeout(TIMEOUT),
      }),
    ),
}
