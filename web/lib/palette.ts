// What the palette finds in this device's copy: people, groups, and what can be done with the selection or a product. People are
// asked for by the same search as the list of users; ids are looked up as they are.
import Boxes from '@lucide/svelte/icons/boxes'
import Eraser from '@lucide/svelte/icons/eraser'
import Gauge from '@lucide/svelte/icons/gauge'
import HistoryIcon from '@lucide/svelte/icons/history'
import KeyRound from '@lucide/svelte/icons/key-round'
import ListFilter from '@lucide/svelte/icons/list-filter'
import ListOrdered from '@lucide/svelte/icons/list-ordered'
import LayoutDashboard from '@lucide/svelte/icons/layout-dashboard'
import Package from '@lucide/svelte/icons/package'
import Plus from '@lucide/svelte/icons/plus'
import RotateCcw from '@lucide/svelte/icons/rotate-ccw'
import Settings from '@lucide/svelte/icons/settings'
import User from '@lucide/svelte/icons/user'
import UserPlus from '@lucide/svelte/icons/user-plus'
import UserX from '@lucide/svelte/icons/user-x'
import Users from '@lucide/svelte/icons/users'
import { actions, type ActionName } from '#lib/actions.svelte.ts'
import { device } from '#lib/device.svelte.ts'
import { formatCount } from '#lib/format.ts'
import { everyone, fold } from '#lib/replica/roster.ts'
import { shell } from '#lib/shell.svelte.ts'
import { fullName } from '#lib/users/facts.ts'
import { selection } from '#lib/users/selection.svelte.ts'
import type { User as UserRow } from '#shared/model.ts'
import { seatsLeft } from '#shared/seats.ts'
import type { LucideIcon } from '@lucide/svelte'
import { isolated } from '#shared/bidi.ts'

export interface PaletteEntry {
  /** Unique among all entries. */
  id: string
  label: string
  /** After the label, in gray: an e-mail. */
  detail?: string
  /** At the right: a product, the number of members. */
  hint?: string
  icon?: LucideIcon
  /** Either where it leads, or what it does. */
  href?: string
  run?: () => void
}
export interface PaletteGroup {
  title: string
  entries: PaletteEntry[]
}

const PEOPLE = 6
/** So many of those who match are looked at for the best ones. */
const LOOKED_AT = 3_000

/** What is found for a text; for none what is useful then. */
export async function findInPalette(text: string): Promise<PaletteGroup[]> {
  const people = await findPeople(text)
  return [...people, ...findGroups(text), ...findActions(text), ...findPages(text)].filter(
    ({ entries }) => entries.length > 0,
  )
}

/** A label in parts, those that match the text marked. */
export function marked(label: string, text: string): { text: string; match: boolean }[] {
  const lower = label.toLowerCase()
  const word = words(text).find((each) => lower.includes(each))
  const at = word === undefined || lower.length !== label.length ? -1 : lower.indexOf(word)
  if (word === undefined || at < 0) return [{ text: label, match: false }]
  return [
    { text: label.slice(0, at), match: false },
    { text: label.slice(at, at + word.length), match: true },
    { text: label.slice(at + word.length), match: false },
  ].filter((part) => part.text !== '')
}

const words = (text: string) => fold(text).split(/\s+/).filter(Boolean)
const fits = (label: string, wanted: readonly string[]) => {
  const folded = fold(label)
  return wanted.every((word) => folded.includes(word))
}

/** 0: a name begins with the text; 1: it stands in the name; 2: elsewhere. */
function rank(user: UserRow, wanted: readonly string[]): 0 | 1 | 2 {
  const name = fullName(user)
  const begins = fold(name).split(/\s+/)
  if (wanted.every((word) => begins.some((part) => part.startsWith(word)))) return 0
  return fits(name, wanted) ? 1 : 2
}

/** The people who fit, best first; those with the text in their name before those with it in the e-mail or elsewhere. */
async function findPeople(text: string): Promise<PaletteGroup[]> {
  const wanted = text.trim()
  if (!wanted) return []
  const byId = device.layer.get('users', wanted.toLowerCase())
  const found = await device.find({ ...everyone, text: wanted })
  const named = words(wanted)
  const ranked: UserRow[][] = [byId ? [byId] : [], [], []]
  for (let at = 0; at < Math.min(found.length, LOOKED_AT) && (ranked[0]?.length ?? 0) < PEOPLE; at += 1) {
    const user = found.at(at)
    if (user && user !== byId) ranked[rank(user, named)]?.push(user)
  }
  const shown = ranked.flat().slice(0, PEOPLE)
  const entries: PaletteEntry[] = shown.map((user) => ({
    id: `user-${user.id}`,
    label: fullName(user),
    detail: user.email,
    hint: device.product(user.productId)?.name ?? '',
    icon: User,
    href: `/users/${user.id}`,
  }))
  if (found.length > shown.length)
    entries.push({
      id: 'users-all',
      label: `Show all ${formatCount(found.length, 'user')} that match`,
      icon: ListFilter,
      href: `/users#${encodeURIComponent(wanted)}`,
    })
  return [{ title: 'People', entries }]
}

function findGroups(text: string): PaletteGroup[] {
  const wanted = words(text)
  const id = text.trim().toLowerCase()
  if (wanted.length === 0) return []
  const found = device.groups.filter((group) => group.id === id || fits(group.name, wanted)).slice(0, PEOPLE)
  return [
    {
      title: 'Groups',
      entries: found.map((group) => ({
        id: `group-${group.id}`,
        label: group.name,
        hint: formatCount(group.members, 'user'),
        icon: Boxes,
        href: `/groups/${group.id}`,
      })),
    },
  ]
}

const ON_SELECTION: readonly { action: ActionName; label: string; icon: LucideIcon }[] = [
  { action: 'assign-group', label: 'Assign Group', icon: Boxes },
  { action: 'change-product', label: 'Change Product', icon: Package },
  { action: 'manage-limit', label: 'Manage Limit', icon: Gauge },
  { action: 'reset-usage', label: 'Reset Usage', icon: RotateCcw },
  { action: 'reset-password', label: 'Reset Password', icon: KeyRound },
  { action: 'deactivate-users', label: 'Deactivate User', icon: UserX },
  { action: 'erase-user', label: 'Erase User', icon: Eraser },
]

function findActions(text: string): PaletteGroup[] {
  const wanted = words(text)
  // The list of users may not have been opened yet in this tab.
  if (device.database) selection.open(device.database)
  const ids = [...selection.ids]
  const selected: PaletteEntry[] =
    ids.length === 0
      ? []
      : ON_SELECTION.filter(({ action }) => action !== 'erase-user' || ids.length === 1).map(
          ({ action, label, icon }) => ({
            id: `do-${action}`,
            label: `${label} for ${formatCount(ids.length, 'selected user')}`,
            icon,
            run: () => actions.open(action, ids),
          }),
        )
  const products: PaletteEntry[] =
    wanted.length === 0
      ? []
      : device.products.map((product) => ({
          id: `product-${product.id}`,
          label: `Show users with ${isolated(product.name)}`,
          hint: `${formatCount(seatsLeft(product), 'seat')} left`,
          icon: ListFilter,
          href: `/users?product=${product.id}`,
        }))
  const always: PaletteEntry[] = [
    { id: 'add-user', label: 'Add User', icon: UserPlus, run: () => actions.open('add-user') },
    { id: 'add-group', label: 'Add Group', icon: Plus, href: '/groups?add' },
    { id: 'open-queue', label: 'Open the queue', icon: ListOrdered, run: () => (shell.queueOpen = true) },
  ]
  return [
    { title: 'Actions', entries: [...selected, ...products, ...always].filter(({ label }) => fits(label, wanted)) },
  ]
}

const PAGES: readonly PaletteEntry[] = [
  { id: 'page-dashboard', label: 'Dashboard', icon: LayoutDashboard, href: '/dashboard' },
  { id: 'page-users', label: 'Users', icon: Users, href: '/users' },
  { id: 'page-groups', label: 'Groups', icon: Boxes, href: '/groups' },
  { id: 'page-activity', label: 'Activity', icon: HistoryIcon, href: '/activity' },
  { id: 'page-settings', label: 'Settings', icon: Settings, href: '/settings' },
]
const findPages = (text: string): PaletteGroup[] => [
  { title: 'Go to', entries: PAGES.filter(({ label }) => fits(label, words(text))) },
]
