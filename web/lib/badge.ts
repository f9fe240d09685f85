// The number on the installed app's icon. Browsers without badges, or that refuse one, are left alone: the pill says the same.

/** Shows how much needs attention; nothing for 0. */
export function showBadge(count: number): void {
  if (!navigator.setAppBadge) return
  const done = count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge()
  done.catch((error: unknown) => {
    if (!(error instanceof DOMException)) throw error
  })
}
