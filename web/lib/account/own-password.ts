// The own password, changed by who knows the one of before.
import { request } from '#lib/api.ts'

/** @throws {ApiError} `wrong-password`, `password-weak`, `too-many-tries` */
export const changePassword = (change: { current: string; password: string }): Promise<unknown> =>
  request('/api/password', { method: 'POST', json: change })
