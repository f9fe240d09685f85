// The tabs of one device: one of them syncs, each tells the others what it did. This saves work; correctness never leans on it,
// since every transaction looks at the sync row itself.

export type TabMessage =
  | { kind: 'performed' }
  | { kind: 'moved' }
  | { kind: 'erased' }
  | { kind: 'state'; state: unknown }
  /** Is anybody syncing? */
  | { kind: 'ping' }
  | { kind: 'pong' }

export interface Tabs {
  tell(message: TabMessage): void
  close(): void
}

/** So long may the syncing tab be silent before a visible tab takes over: a suspended tab keeps its lock. */
const SILENCE = 10_000

export function openTabs(
  name: string,
  {
    onmessage,
    lead,
    visible,
  }: {
    onmessage: (message: TabMessage) => void
    /** Called when this tab is the one that syncs; answers what ends it. */
    lead: () => () => void
    visible: () => boolean
  },
): Tabs {
  const channel = new BroadcastChannel(name)
  let leading: (() => void) | undefined
  let closed = false
  let release = () => {}
  let waiting: ReturnType<typeof setTimeout> | undefined
  let request = new AbortController()

  channel.onmessage = ({ data }: MessageEvent<TabMessage>) => {
    if (data.kind === 'ping') {
      if (leading) channel.postMessage({ kind: 'pong' })
    } else if (data.kind === 'pong') clearTimeout(waiting)
    else onmessage(data)
  }

  function hold(steal: boolean): void {
    const held = () => {
      leading = lead()
      return new Promise<void>((resolve) => (release = resolve))
    }
    const options: LockOptions = steal ? { steal } : { signal: request.signal }
    navigator.locks.request(name, options, held).catch((error: unknown) => {
      // Stolen by a tab that is in front, or no longer wanted: both are said by AbortError.
      if (!(error instanceof DOMException && error.name === 'AbortError')) throw error
      leading?.()
      leading = undefined
      if (!closed && !steal && !request.signal.aborted) hold(false)
    })
  }

  function askWhoSyncs(): void {
    if (leading || closed || !visible()) return
    clearTimeout(waiting)
    waiting = setTimeout(() => {
      if (leading || closed) return
      request.abort()
      request = new AbortController()
      hold(true)
    }, SILENCE)
    channel.postMessage({ kind: 'ping' } satisfies TabMessage)
  }

  hold(false)
  return {
    tell: (message) => {
      channel.postMessage(message)
      askWhoSyncs()
    },
    close: () => {
      closed = true
      clearTimeout(waiting)
      request.abort()
      leading?.()
      release()
      channel.close()
    },
  }
}
