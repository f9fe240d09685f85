// The actions on users in the order in which every bar and menu has them, and why one cannot be done to a selection now.
import Boxes from '@lucide/svelte/icons/boxes'
import Eraser from '@lucide/svelte/icons/eraser'
import Download from '@lucide/svelte/icons/download'
import Gauge from '@lucide/svelte/icons/gauge'
import KeyRound from '@lucide/svelte/icons/key-round'
import Package from '@lucide/svelte/icons/package'
import RotateCcw from '@lucide/svelte/icons/rotate-ccw'
import ShieldCheck from '@lucide/svelte/icons/shield-check'
import UserPlus from '@lucide/svelte/icons/user-plus'
import UserX from '@lucide/svelte/icons/user-x'
import type { ActionName } from '#lib/actions.svelte.ts'
import { device } from '#lib/device.svelte.ts'
import { formatNumber } from '#lib/format.ts'
import { mayNot } from '#lib/may.ts'
import type { UserId } from '#shared/model.ts'
import type { LucideIcon } from '@lucide/svelte'

export interface ToolbarAction {
  name: Exclude<ActionName, 'add-user'>
  label: string
  icon: LucideIcon
  /** Can't be undone. */
  danger?: boolean
}

export const BAR: readonly ToolbarAction[] = [
  { name: 'assign-group', label: 'Assign Group', icon: Boxes },
  { name: 'change-product', label: 'Change Product', icon: Package },
  { name: 'manage-limit', label: 'Manage Limit', icon: Gauge },
  { name: 'reset-usage', label: 'Reset Usage', icon: RotateCcw },
  { name: 'reset-password', label: 'Reset Password', icon: KeyRound },
  { name: 'deactivate-users', label: 'Deactivate User', icon: UserX },
  { name: 'export-users', label: 'Export as CSV', icon: Download },
]
/** What stands under More alone. */
export const MORE: readonly ToolbarAction[] = [
  { name: 'reactivate-users', label: 'Reactivate User', icon: UserPlus },
  { name: 'set-role', label: 'Change Role', icon: ShieldCheck },
  { name: 'erase-user', label: 'Erase User', icon: Eraser, danger: true },
]

export interface Kinds {
  size: number
  /** Some of them is deactivated. */
  off: boolean
  /** Some of them is not. */
  on: boolean
}

/** What there is among these users; stops looking as soon as it knows. */
export function kindsOf(ids: ReadonlySet<UserId> | readonly UserId[]): Kinds {
  const kinds: Kinds = { size: 'size' in ids ? ids.size : ids.length, off: false, on: false }
  const { layer } = device
  for (const id of ids) {
    const status = layer.get('users', id)?.status
    if (status === 'deactivated') kinds.off = true
    else if (status) kinds.on = true
    if (kinds.on && kinds.off) break
  }
  return kinds
}

/** Why the action cannot be done to these now; undefined where it can. */
export function whyNot(name: ActionName, { size, off, on }: Kinds): string | undefined {
  if (name === 'export-users') return undefined
  const refused = mayNot()
  if (refused) return refused
  if (name === 'add-user') return undefined
  if (size === 0) return 'Select users first'
  if (name === 'erase-user') return size === 1 ? undefined : 'Erase users one at a time'
  const all = size === 1 ? 'The user is' : `All ${formatNumber(size)} are`
  if (name === 'reactivate-users')
    return off
      ? undefined
      : size === 1
        ? 'The user is not deactivated.'
        : `None of the ${formatNumber(size)} is deactivated.`
  if (on) return undefined
  if (name === 'deactivate-users') return `${all} deactivated already`
  if (name === 'change-product' || name === 'reset-password' || name === 'set-role')
    return 'Reactivate a deactivated user first'
  return undefined
}
