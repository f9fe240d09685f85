// From a session that has begun to the page that was wanted, by way of the second factor where the organisation asks for one that the
// account does not have yet.
import { ApiError } from '#lib/api.ts'
import { device } from '#lib/device.svelte.ts'

/** An address as the router has it. */
interface Address {
  origin: string
  searchParams: Pick<URLSearchParams, 'get'>
}

/** Where the person wanted to go; only a path of this app, never another site. */
export function nextOf({ origin, searchParams }: Address): string {
  const wanted = searchParams.get('next') ?? ''
  const to = wanted.startsWith('/') ? URL.parse(wanted, origin) : null
  return to?.origin === origin ? wanted : '/dashboard'
}

export const secondFactorPage = (next: string): string => `/second-factor?next=${encodeURIComponent(next)}`

/** Opens the account's data. @returns the page to go to @throws {ApiError} */
export async function enterConsole(next: string): Promise<string> {
  try {
    await device.signedIn()
    return next
  } catch (error) {
    if (error instanceof ApiError && error.code === 'second-factor-needed') return secondFactorPage(next)
    throw error
  }
}
