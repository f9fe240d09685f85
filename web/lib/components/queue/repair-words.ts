// What the buttons of the repairs are called.
import { formatCount, formatNumber } from '#lib/format.ts'
import type { Reason } from '#lib/replica/queue.ts'
import type { RepairKind } from '#lib/replica/repairs.ts'

const LABELS: Readonly<Record<Exclude<RepairKind, 'leave-without-group' | 'move-members' | 'select'>, string>> = {
  'other-product': 'Other product',
  reactivate: 'Reactivate',
  'apply-to-existing': 'Apply to the existing user',
  'change-email': 'Change e-mail',
  rename: 'Change name',
  'without-group': 'Add without a group',
  'without-limit': 'Without a limit',
  'other-admin': 'Make someone else admin',
  'keep-theirs': 'Keep theirs',
  'use-mine': 'Use mine',
  'do-the-rest': 'Do those that can',
  'both-again': 'Try both again',
  again: 'Try again',
  discard: 'Discard',
}

/** Whether a repair needs a choice or a text first. */
export const asksMore = (kind: RepairKind): boolean =>
  kind === 'other-product' || kind === 'change-email' || kind === 'rename' || kind === 'move-members'

/** "Other product", "Select these 20", "Leave the 38 without a group". */
export function repairLabel(kind: RepairKind, { code, problems }: Pick<Reason, 'code' | 'problems'>): string {
  const [{ outcome }] = problems
  const members = outcome.code === 'group-not-empty' ? formatNumber(outcome.fact.members) : ''
  if (kind === 'leave-without-group') return `Leave the ${members} without a group`
  if (kind === 'move-members') return `Move the ${members} to another group`
  if (kind === 'discard' && code === 'group-not-empty') return 'Keep the group'
  if (kind === 'select')
    return problems.length === 1 ? 'Select this user' : `Select these ${formatNumber(problems.length)}`
  return LABELS[kind]
}

/** The button that carries it out, with what was chosen. */
export function confirmRepair(kind: RepairKind, type: string, n: number, chosen: string): string {
  if (kind === 'other-product')
    return type === 'add-users' ? `Add with ${chosen || 'it'}` : `Change product of ${formatCount(n, 'user')}`
  if (kind === 'move-members') return 'Move and delete'
  return 'Save'
}
