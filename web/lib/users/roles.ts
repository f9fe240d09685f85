// The roles as they are offered, with what each may do.
import type { Role } from '#shared/model.ts'

export const ROLE_OPTIONS: readonly { value: Role; label: string; hint: string }[] = [
  { value: 'member', label: 'Member', hint: 'Uses credits, has no console.' },
  { value: 'viewer', label: 'Viewer', hint: 'Uses credits and reads the console.' },
  { value: 'admin', label: 'Admin', hint: 'Uses credits and changes everything here.' },
]
