// The policies in sentences: what holds, and what a change of each does to people and their devices. It says nothing that the app can't
// know: who has a second factor is the server's alone.
import { formatCount } from '#lib/format.ts'
import type { PolicyChanges } from '#shared/operations/update-policies.ts'
import { POLICY_FIELDS, type Policies, type PolicyField } from '#shared/policies.ts'

const FACTOR: Readonly<Record<Policies['secondFactor'], string>> = {
  off: 'Nobody needs a second factor to enter',
  admins: 'Admins need a second factor to enter',
  everyone: 'Everyone who enters needs a second factor',
}
const DATA: Readonly<Record<Policies['localData'], string>> = {
  kept: 'Devices keep a copy, so that the console works without a network',
  none: 'Devices keep nothing: the console needs the network',
}

/** What holds, by field. */
export const holds = ({ secondFactor, localData, leaseDays, lockMinutes }: Policies): Record<PolicyField, string> => ({
  secondFactor: FACTOR[secondFactor],
  localData: DATA[localData],
  leaseDays:
    leaseDays === null
      ? 'A device may be without contact with the server for any time'
      : `A device locks after ${formatCount(leaseDays, 'day')} without contact with the server`,
  lockMinutes:
    lockMinutes === null
      ? 'The console never locks by itself'
      : `The console locks after ${formatCount(lockMinutes, 'minute')} without input`,
})

const OWN = 'Factors that people have set up stay, and are asked for when they sign in.'
const BECOMES_FACTOR: Readonly<Record<Policies['secondFactor'], string>> = {
  off: `Nobody has to have a second factor any more. ${OWN}`,
  admins:
    'Admins without a second factor are led to set one up before they go on, you too. What waits on their devices stays.',
  everyone:
    'Whoever enters without a second factor, viewers too, is led to set one up before going on. What waits on their devices stays.',
}
const BECOMES_DATA: Readonly<Record<Policies['localData'], string>> = {
  kept: 'Devices keep a copy again from their next contact on, and work without a network.',
  none: 'Each device, this one too, sends what waits and erases its copy at its next contact. From then on the console works with a network alone, and what is not saved is lost when its tab is closed.',
}

/** What each change does, in the order of the form. */
export function effectSentences(changes: PolicyChanges): { field: PolicyField; text: string }[] {
  return POLICY_FIELDS.flatMap((field) => {
    const text = effectOf(field, changes)
    return text === undefined ? [] : [{ field, text }]
  })
}

function effectOf(field: PolicyField, changes: PolicyChanges): string | undefined {
  const { secondFactor, localData, leaseDays, lockMinutes } = changes
  if (field === 'secondFactor') return secondFactor && BECOMES_FACTOR[secondFactor.to]
  if (field === 'localData') return localData && BECOMES_DATA[localData.to]
  if (field === 'leaseDays') {
    if (!leaseDays) return undefined
    return leaseDays.to === null
      ? 'No device locks any more for want of contact.'
      : `A device that is without contact for ${formatCount(leaseDays.to, 'day')} locks until somebody signs in there; what waits on it stays. Each device hears of this at its next contact.`
  }
  if (!lockMinutes) return undefined
  return lockMinutes.to === null
    ? 'No device locks by itself any more.'
    : `Each device, this one too, locks after ${formatCount(lockMinutes.to, 'minute')} without a key, a touch or the pointer, in all its tabs, and says so half a minute before. Signing in unlocks it.`
}
