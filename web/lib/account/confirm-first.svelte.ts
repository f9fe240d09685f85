// Some things are changed only by who has just shown the password: the server says `confirm-first` where that was long ago, and this
// asks for it and does the thing again. One `ConfirmFirst.svelte` on the page is the dialog.
import { ApiError } from '#lib/api.ts'

let asking = $state.raw<(confirmed: boolean) => void>()

/** Asks for the password. @returns false where it was left */
export const askToConfirm = (): Promise<boolean> =>
  new Promise((resolve) => {
    asking?.(false)
    asking = resolve
  })

export const confirmation = {
  get asked(): boolean {
    return asking !== undefined
  },
  answer(confirmed: boolean): void {
    asking?.(confirmed)
    asking = undefined
  },
}

/** Does what needs a fresh password, asking for it where the server says so. @returns undefined where the dialog was left */
export async function confirmFirst<T extends object>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'confirm-first') throw error
  }
  return (await askToConfirm()) ? act() : undefined
}
