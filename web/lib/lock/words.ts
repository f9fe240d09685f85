// Why this device is locked, and what is the matter where it may keep nothing any more, in sentences.
import { formatCount } from '#lib/format.ts'
import type { DevicePolicies } from '#shared/policies.ts'
import type { Locked } from './locked.ts'

/** Names no data: whoever finds the device reads it too. */
export function lockWords(why: Locked['why'], policies: DevicePolicies | undefined): string {
  const { leaseDays, lockMinutes } = policies ?? { leaseDays: null, lockMinutes: null }
  if (why === 'lease') {
    const days = leaseDays === null ? 'long' : formatCount(leaseDays, 'day')
    return `This device has not been in touch with the server for ${days}. Sign in to go on.`
  }
  const minutes = lockMinutes === null ? 'a while' : formatCount(lockMinutes, 'minute')
  return `Nobody has used the console for ${minutes}. Sign in to go on.`
}

export function leavingWords(
  unsent: number,
  { online, asks }: { online: boolean; asks: boolean },
): { title: string; text: string } {
  const title = 'This organisation keeps nothing on devices any more'
  if (unsent === 0) return { title, text: 'What this browser holds is being erased.' }
  const one = unsent === 1
  const first = `${formatCount(unsent, 'change')} ${one ? 'is' : 'are'} not sent yet. Nothing is erased before you say so.`
  const sent = asks
    ? ` Go on in this tab to answer what asks before it is sent.`
    : online
      ? ` Send ${one ? 'it' : 'them'} now, or take ${one ? 'it' : 'them'} along as a file.`
      : ` ${one ? 'It is' : 'They are'} sent when the network is back; until then you can take ${one ? 'it' : 'them'} along as a file.`
  const rest = ` If you go on in this tab, ${one ? 'it waits' : 'they wait'} in it alone, and ${one ? 'is' : 'are'} lost when the tab is closed.`
  return { title, text: first + sent + rest }
}
