// Where a sign-in leads: to the page that was wanted, never to another site, and by way of the second factor where one is asked for.
import { beforeEach, expect, test, vi } from 'vitest'
import { enterConsole, nextOf } from '#lib/account/enter.ts'
import { ApiError } from '#lib/api.ts'

const device = vi.hoisted(() => ({ signedIn: () => Promise.resolve() }))
vi.mock('#lib/device.svelte.ts', () => ({ device }))

beforeEach(() => {
  device.signedIn = () => Promise.resolve()
})

const next = (wanted: string) => nextOf(new URL(`https://console.example/sign-in?next=${encodeURIComponent(wanted)}`))

test('only a path of this app is followed', () => {
  expect(next('/users?role=admin')).toBe('/users?role=admin')
  for (const elsewhere of [
    '',
    'users',
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
  ])
    expect(next(elsewhere), elsewhere).toBe('/dashboard')
})

test('a second factor that is to be set up comes before the page, which it remembers', async () => {
  expect(await enterConsole('/users?role=admin')).toBe('/users?role=admin')
  device.signedIn = () => Promise.reject(new ApiError(403, 'second-factor-needed', 'Set one up.'))
  expect(await enterConsole('/users?role=admin')).toBe('/second-factor?next=%2Fusers%3Frole%3Dadmin')
  device.signedIn = () => Promise.reject(new ApiError(0, 'unreachable', 'No network.'))
  await expect(enterConsole('/users')).rejects.toThrow('No network.')
})
