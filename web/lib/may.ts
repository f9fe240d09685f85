// Whether who is signed in may change anything: a viewer reads. The server judges by itself; this says it before anything is begun.
import { device } from '#lib/device.svelte.ts'
import { toast } from '#lib/toasts.svelte.ts'

/** Why nothing may be changed here, for a title or a toast; undefined for an admin, and as long as nobody is known. */
export function mayNot(): string | undefined {
  const me = device.user(device.me)
  return me && me.role !== 'admin' ? 'Only an admin can do this' : undefined
}

/** Runs what changes something, or says why it may not be done. */
export function ifAdmin(run: () => void): void {
  const because = mayNot()
  if (because) toast({ text: because })
  else run()
}
