// The browsers that people have signed in with, as the server lists them. Asked for each time and never kept on the device.
import * as v from 'valibot'
import { request } from '#lib/api.ts'

const moment = v.nullable(v.number())
const Device = v.object({
  id: v.string(),
  name: v.string(),
  userName: v.string(),
  createdAt: v.number(),
  lastSyncAt: moment,
  unsent: v.number(),
  signedIn: v.boolean(),
  revokedAt: moment,
  own: v.boolean(),
  current: v.boolean(),
})
export type ListedDevice = v.InferOutput<typeof Device>

export const listDevices = async (): Promise<ListedDevice[]> =>
  v.parse(v.object({ devices: v.array(Device) }), await request('/api/devices')).devices

export const revoke = (id: string): Promise<unknown> =>
  request(`/api/devices/${encodeURIComponent(id)}/revoke`, { method: 'POST', json: {} })

/** @returns how many sessions ended */
export const signOutOthers = async (): Promise<number> =>
  v.parse(v.object({ ended: v.number() }), await request('/api/devices/sign-out-others', { method: 'POST', json: {} }))
    .ended
