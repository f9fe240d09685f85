// Lets a mounted component come to rest: what it waits for is answered, and what follows is drawn.
import { flushSync } from 'svelte'

/** What the dialogs' library puts off by timers comes within so many milliseconds. */
const PUT_OFF = 20

export async function settled(): Promise<void> {
  flushSync()
  await new Promise((resolve) => setTimeout(resolve, PUT_OFF))
  flushSync()
}
