// Unfinished work that holds the address of a user who has been removed. In Add Multiple Users it is not touched, but said, there and once
// in the header. A half-typed Add User is about that one person, and out of sight until it is opened again: it is forgotten.
import { goto } from '$app/navigation'
import { toast } from '#lib/toasts.svelte.ts'
import { drafts } from '#lib/users/drafts.svelte.ts'
import { forgetTypedUser } from '#lib/users/user-form.ts'
import { Unreadable } from './fault.ts'
import { decode } from './decode.ts'
import type { KeptImport } from './keep.ts'
import { source } from './source.svelte.ts'

/** @param emails as keys */
export async function nameWhatHolds(database: string, emails: ReadonlySet<string>): Promise<void> {
  const isHeld = (text: string) => {
    const lower = text.toLowerCase()
    return [...emails].some((email) => lower.includes(email))
  }
  if (forgetTypedUser(database, isHeld))
    toast({ text: 'The half-typed Add User had the address of a user who was removed. It was forgotten.' })
  drafts.open(database)
  const typed = drafts.markRemoved(isHeld)
  const file = await source.markRemoved(database, async (kept) => isHeld(await textOf(kept)))
  if (!typed && file === undefined) return
  const where = file === undefined ? 'Rows in Add Multiple Users have' : `“${file}” in Add Multiple Users has`
  toast({
    text: `${where} the address of a user who was removed.`,
    action: { label: 'Show', run: () => goto('/users/add') },
  })
}

async function textOf({ file: { blob, chosen }, work }: KeptImport): Promise<string> {
  const mended = JSON.stringify(work.touched)
  try {
    return mended + decode(new Uint8Array(await blob.arrayBuffer()), chosen.encoding).text
  } catch (error) {
    // Nobody can read it, the app says so itself.
    if (!(error instanceof Unreadable)) throw error
    return mended
  }
}
