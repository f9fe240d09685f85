// The post of a test: what it sends is kept, and may be made to fail.
import { createRecipients } from '../../sync-server/accounts/recipients.ts'
import { createPost } from '../../sync-server/mail/post.ts'
import type { Outgoing } from '../../sync-server/mail/transport.ts'
import { silent, type World } from '../support/server.ts'

export const BASE = 'https://console.example'

export function postOf(world: Pick<World, 'store' | 'clock'>) {
  const sent: Outgoing[] = []
  let failing: Error | undefined
  const clock = () => world.clock.now
  const post = createPost({
    store: world.store,
    transport: {
      send: async (mail) => {
        if (failing) throw failing
        sent.push(mail)
      },
      close: () => undefined,
    },
    addressed: createRecipients({ store: world.store, base: BASE, clock }),
    clock,
    chance: () => 1,
    log: silent,
  })
  return {
    sent,
    fail: (error: Error | undefined) => (failing = error),
    send: post.send,
    /** Sends what is due after the delay. @returns the token of the last mail's link */
    token: async (): Promise<string> => {
      world.clock.now += 60_000
      await post.send()
      return tokenIn(sent.at(-1))
    },
  }
}

export function tokenIn(mail: Pick<Outgoing, 'text'> | undefined): string {
  const token = /#([\w-]{43})\s/.exec(mail?.text ?? '')?.[1]
  if (token === undefined) throw new Error('There is no link in this mail.')
  return token
}
