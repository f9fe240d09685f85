// The OpenAPI document says what is so: a linter finds no fault in it, its examples are what its schemas take, and what the server
// answers is what it describes.
import { createConfig, lintFromString } from '@redocly/openapi-core'
import * as v from 'valibot'
import { expect, test, vi } from 'vitest'
import { openApi } from '../../sync-server/provider/openapi.ts'
import { PROVIDER_API, PROVIDER_ROUTES } from '../../sync-server/provider/routes.ts'
import { served } from '../support/app.ts'
import { keyOf } from '../support/provider.ts'

// A password's hash takes its time, on a busy machine more of it.
vi.setConfig({ testTimeout: 30_000 })

const acme = await served({ users: { ana: {} } })
const { key } = await keyOf(acme)
const document = JSON.stringify(openApi())

test('a linter finds no fault in it', async () => {
  const config = await createConfig({ extends: ['recommended-strict'] })
  const problems = await lintFromString({ source: document, absoluteRef: 'openapi.json', config })
  expect(problems.map(({ ruleId, message, location }) => ({ ruleId, message, at: location[0]?.pointer }))).toEqual([])
})

test('every route is in it once, with what it needs and what it may refuse', () => {
  const { paths: described } = JSON.parse(document) as { paths: Record<string, Record<string, Described>> }
  const found = Object.entries(described).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  )
  expect(found.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
    PROVIDER_ROUTES.map(({ method, path }) => `${method} ${PROVIDER_API}${path}`).toSorted(),
  )
  expect(new Set(found.map(({ operationId }) => operationId)).size).toBe(found.length)
  for (const { operationId, description, responses } of found) {
    expect(description, operationId).toMatch(/Needs a key/)
    expect(Object.keys(responses), operationId).toEqual(expect.arrayContaining(['401', '500']))
  }
})
interface Described {
  operationId: string
  description: string
  responses: object
}

test('its examples are what the schemas take', () => {
  for (const { operationId, body, answer, answerExample } of PROVIDER_ROUTES) {
    for (const { schema, examples } of Object.values(body?.content ?? {}))
      for (const example of Object.values(examples)) expect(v.is(schema, example), operationId).toBe(true)
    if (answer) expect(v.parse(answer, answerExample), operationId).toEqual(answerExample)
  }
})

test('what the server answers has no field that the document does not name', async () => {
  for (const { method, path, answer } of PROVIDER_ROUTES) {
    if (method !== 'get' || !answer || path.includes('{id}')) continue
    const address = `${PROVIDER_API}${path}`.replace('{user}', acme.user('ana'))
    const response = await acme.call(address, { headers: { authorization: `Bearer ${key}` } })
    const body: unknown = await response.json()
    // Parsing drops what no schema names.
    expect(v.parse(answer, body), path).toEqual(body)
  }
})
