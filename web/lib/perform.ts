// Doing what was confirmed: performed here at once, said in a toast with Undo, sent when it can be.
import { device } from '#lib/device.svelte.ts'
import type { Performed } from '#lib/replica/replica.ts'
import { toast } from '#lib/toasts.svelte.ts'
import { doneSentence } from '#shared/action-words.ts'
import type { Call } from '#shared/operations/definition.ts'

/** @throws what stopped it (the device is full, the copy is not complete); then nothing has happened */
export async function performAndSay(
  call: Call | readonly [Call, ...Call[]],
  options: { atomic?: boolean; text?: string } = {},
): Promise<Performed> {
  const { atomic = false, text } = options
  const done = await device.perform(call, { atomic })
  const { type } = 'type' in call ? call : call[0]
  toast({ text: text ?? doneSentence(type, done.outcomes), undo: () => device.undo(done.ids) })
  return done
}
