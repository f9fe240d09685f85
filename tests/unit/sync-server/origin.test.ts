// Which unsafe requests count as the app's own.
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { sameOrigin } from '../../../sync-server/origin.ts'
import { problem } from '../../../sync-server/problem.ts'
import { silent } from '../../support/server.ts'

const app = new Hono().onError(problem(silent))
app.all('*', sameOrigin('https://console.example'), (c) => c.text('in'))

test.each([
  [200, 'a program without either header', {}],
  [200, 'the request’s own host', { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' }],
  [200, 'the public address, behind a proxy', { host: 'internal:8080', origin: 'https://console.example' }],
  [200, 'a browser that says so', { 'sec-fetch-site': 'same-origin' }],
  [403, 'another site', { host: '127.0.0.1:8080', origin: 'https://elsewhere.example' }],
  [403, 'another port', { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8081' }],
  [403, 'a name that begins alike', { host: 'console.example', origin: 'https://console.example.elsewhere.example' }],
  [403, 'an opaque origin', { host: '127.0.0.1:8080', origin: 'null' }],
  [403, 'a sibling', { 'sec-fetch-site': 'same-site' }],
  [403, 'a stranger', { 'sec-fetch-site': 'cross-site' }],
])('%i for %s', async (status, _name, headers) => {
  expect((await app.request('http://127.0.0.1:8080/', { method: 'POST', headers })).status).toBe(status)
  expect((await app.request('http://127.0.0.1:8080/', { headers })).status).toBe(200)
})
