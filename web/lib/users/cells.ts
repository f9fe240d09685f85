// A row of the users' table as plain values, one for each column that is shown: so that a row is cheap to draw, and what is not shown
// is not worked out.
import { device } from '#lib/device.svelte.ts'
import { formatFullDate, formatNumber } from '#lib/format.ts'
import type { User } from '#shared/model.ts'
import type { Column } from './columns.svelte.ts'
import { fullName, groupName, invitedWords, lastActiveWords, productName, ROLE_WORDS, useOf } from './facts.ts'

export interface Cell {
  id: Column['id']
  class: string
  /** How it is drawn; most are text. */
  kind: 'text' | 'name' | 'limit' | 'used' | 'status'
  text: string
  title?: string | undefined
  /** Small, beside the number of a limit. */
  tail?: string
  /** Of the limit, 0 to 1 or more; undefined where the words "over by n" take its place. */
  share?: number
  over?: string
  /** Not saved yet. */
  waits: boolean
}

/** What a change of each column's value is called in the row. */
const FIELDS: Partial<Record<Column['id'], readonly string[]>> = {
  name: ['firstName', 'lastName'],
  product: ['productId'],
  group: ['groupId'],
  limit: ['limit'],
  lastActive: [],
  added: [],
  used: [],
}

export function cellsOf(user: User, columns: readonly Column[]): Cell[] {
  const pending = device.isPending('users', user.id)
  // Added here: one clock after the name says it all.
  const isNew = pending && device.isPending('users', user.id, 'id')
  const use = columns.some(({ id }) => id === 'limit' || id === 'used') ? useOf(user) : undefined
  return columns.map(({ id, cell }): Cell => {
    const fields = pending && !isNew ? (FIELDS[id] ?? [id]) : []
    const waits = fields.some((field) => device.isPending('users', user.id, field))
    const base = { id, class: cell, kind: 'text' as const, waits }
    switch (id) {
      case 'name':
        return { ...base, kind: 'name', text: fullName(user), waits: waits || isNew }
      case 'email':
        return { ...base, text: user.email, title: user.email }
      case 'product':
        return { ...base, text: productName(user) }
      case 'group':
        return { ...base, text: groupName(user), title: groupName(user) }
      case 'limit':
        return { ...base, kind: 'limit', text: use?.limit ?? '', tail: use?.tail ?? '', title: use?.limitTitle }
      case 'used':
        return {
          ...base,
          kind: 'used',
          text: formatNumber(use?.used ?? 0),
          share: use?.credits ? use.used / use.credits : 0,
          over: use && use.over > 0 ? `over by ${formatNumber(use.over)}` : '',
          waits: device.isPending('meters', user.id),
        }
      case 'status':
        return { ...base, kind: 'status', text: statusText(user, isNew), title: invitedWords(user) || undefined }
      case 'role':
        return { ...base, text: ROLE_WORDS[user.role] }
      case 'lastActive': {
        const text = user.status === 'invited' && !isNew ? invitedWords(user) : lastActiveWords(user)
        return { ...base, text, title: text }
      }
      case 'added':
        return { ...base, text: formatFullDate(user.createdAt) }
      default:
        return { ...base, text: user[id] || '–', title: user[id] || undefined }
    }
  })
}

const STATUS_WORDS = { active: 'Active', invited: 'Invited', deactivated: 'Deactivated' }
const statusText = ({ status }: User, isNew: boolean) =>
  status === 'invited' && isNew ? 'Not invited yet' : STATUS_WORDS[status]
