// What every answer says to the browser, and what a forged request meets.
import { expect, test, vi } from 'vitest'
import { served } from '../support/app.ts'

vi.setConfig({ testTimeout: 60_000 })

test.each(['/health/live', '/api/session', '/api/nowhere', '/api/events'])('%s has every header', async (path) => {
  const { headers } = await (await served({}, [])).call(path)
  const said = Object.fromEntries(
    [
      'content-security-policy',
      'cross-origin-opener-policy',
      'cross-origin-resource-policy',
      'referrer-policy',
      'x-content-type-options',
      'x-frame-options',
    ].map((name) => [name, headers.get(name)]),
  )
  expect(said).toEqual({
    'content-security-policy': "frame-ancestors 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  })
  expect(headers.get('permissions-policy')).toContain('camera=()')
  expect(headers.get('x-powered-by')).toBeNull()
  expect(headers.get('strict-transport-security')).toBeNull()
})

test('behind TLS the browser is told to stay there', async () => {
  const { headers } = await (await served({}, [], 'https://console.example')).call('/health/live')
  expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{7,}/)
})

test.each([
  '/api/auth/sign-in/email',
  '/api/links/use',
  '/api/forgot',
  '/api/setup',
  '/api/devices/sign-out-others',
  '/api/session/organisation',
])('%s takes nothing from another site', async (path) => {
  const acme = await served({}, [])
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
  ]) {
    const answer = await acme.post(path, {}, undefined, headers as Record<string, string>)
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, 'cross-origin'])
  }
})
