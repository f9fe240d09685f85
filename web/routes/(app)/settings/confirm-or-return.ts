// What changes how an organisation is entered is asked for once more: by the password, or, of who came by single sign-on and may have
// none, by the provider, whose page leads back here.
import { confirmFirst } from '#lib/account/confirm-first.svelte.ts'
import { cameBySignOn, startSignOn, type KnownSettings } from '#lib/account/sign-on.ts'
import { ApiError } from '#lib/api.ts'

const HERE = '/settings#sign-on'

/** @returns undefined where nothing was done: the question was left, or the browser is on its way to the provider */
export async function confirmOrReturn<T extends object>(
  settings: KnownSettings | null,
  act: () => Promise<T>,
): Promise<T | undefined> {
  if (!settings || !(await cameBySignOn())) return await confirmFirst(act)
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'confirm-first') throw error
    location.assign(await startSignOn(settings.name, HERE, true))
    return undefined
  }
}
