// How the tabs of one account move together. Over the store on this device one tab syncs and the others follow it. Where the device keeps
// nothing, each tab has a copy of its own, under a clientId of its own, and syncs it itself; one alone hears the server's pokes for all,
// since HTTP/1.1 gives a browser six connections.
import type { Exchanged } from '#lib/replica/exchange.ts'
import type { createDriver } from '#lib/replica/driver.ts'
import { openTabs, type Tabs } from '#lib/tabs.ts'
import { listenForPokes } from './requests.ts'

interface Parts {
  name: string
  driver: ReturnType<typeof createDriver>
  /** Follows what another tab wrote into the store. */
  catchUp: (then?: () => void) => void
  onstate: (state: Exchanged) => void
  /** Another tab has signed out. */
  onerased: () => void
}

const visible = () => document.visibilityState === 'visible'

export const overOneStore = ({ name, driver, catchUp, onstate }: Parts): Tabs =>
  openTabs(name, {
    visible,
    lead: () => {
      const stopPokes = listenForPokes(() => driver.nudge())
      driver.start()
      return () => {
        driver.stop()
        stopPokes()
      }
    },
    onmessage: (message) => {
      if (message.kind === 'state') onstate(message.state as Exchanged)
      else catchUp(message.kind === 'performed' ? () => driver.nudge() : undefined)
    },
  })

export function eachItsOwn({ name, driver, onerased }: Parts): Tabs {
  const tabs = openTabs(`${name}/own`, {
    visible,
    lead: () =>
      listenForPokes(() => {
        driver.nudge()
        tabs.tell({ kind: 'moved' })
      }),
    onmessage: ({ kind }) => {
      if (kind === 'erased') onerased()
      else if (kind === 'moved') driver.nudge()
    },
  })
  driver.start()
  return {
    // What this tab fetched is no news for the others, which fetch it themselves.
    tell: (message) => {
      if (message.kind === 'erased' || message.kind === 'performed') tabs.tell(message)
    },
    close: () => {
      driver.stop()
      tabs.close()
    },
  }
}
