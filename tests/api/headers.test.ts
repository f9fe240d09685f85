// What a forged request meets, and what only some answers say; answers.test.ts looks at each kind of answer.
import { expect, test, vi } from 'vitest'
import { served } from '../support/app.ts'

vi.setConfig({ testTimeout: 60_000 })

test('without TLS the browser is not told to use it', async () => {
  expect((await (await served({}, [])).call('/health/live')).headers.get('strict-transport-security')).toBeNull()
})

test('nothing that got into the page may use the device', async () => {
  const { headers } = await (await served({}, [])).call('/api/session')
  for (const what of ['camera', 'microphone', 'geolocation', 'payment', 'usb', 'display-capture'])
    expect(headers.get('permissions-policy')).toContain(`${what}=()`)
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
