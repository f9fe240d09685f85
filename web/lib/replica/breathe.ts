// Giving the page its turn in long work: cheap to call often, it really yields when a slice of time is used up.

const SLICE = 12

interface WithScheduler {
  scheduler?: { yield?: () => Promise<void> }
}

/** Yields when this tab has worked for 12 ms without a pause. `now`: a monotonic clock in milliseconds. */
export function createBreathe(now: () => number): () => Promise<void> | void {
  const { scheduler } = globalThis as WithScheduler
  const turn = scheduler?.yield
    ? () => scheduler.yield?.() ?? Promise.resolve()
    : () =>
        new Promise<void>((resolve) => {
          // A message is the one thing that older browsers run soon even in a page that is not in front.
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = () => {
            port1.close()
            resolve()
          }
          port2.postMessage(null)
        })
  let since = now()
  return () => {
    if (now() - since < SLICE) return
    return turn().then(() => {
      since = now()
    })
  }
}
