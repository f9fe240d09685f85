// A client generated from the OpenAPI document is typed by it and works against the server: the program below is compiled against the
// generated types as a provider's would be, and then run.
import createClient from 'openapi-fetch'
import openapiTS, { astToString } from 'openapi-typescript'
import ts from 'typescript'
import { afterAll, expect, test, vi } from 'vitest'
import { openApi } from '../../sync-server/provider/openapi.ts'
import { served } from '../support/app.ts'
import { atPort, keyOf } from '../support/provider.ts'

// The compiler reads its own libraries first, on a busy machine for a while.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const acme = await served({ users: { ana: {} } })
const { key } = await keyOf(acme)
const port = await atPort(acme)
afterAll(() => port.close())
const types = astToString(await openapiTS(JSON.stringify(openApi())))

/** Sells, reports, spends, reserves and reads, each by the types that were generated. */
const PROGRAM = `
import type { Client } from 'openapi-fetch'
import type { paths } from './generated.ts'

export default async (client: Client<paths>, user: string) => {
  const sold = await client.POST('/api/provider/v1/products', { body: { name: 'Insights', seatsPurchased: 9 } })
  if (sold.error) throw new Error(sold.error.code satisfies string)
  const product = { params: { path: { id: sold.data.id } } }
  const resized = await client.PATCH('/api/provider/v1/products/{id}', { ...product, body: { seatsPurchased: 7 } })
  const listed = await client.GET('/api/provider/v1/products')
  const removed = await client.DELETE('/api/provider/v1/products/{id}', product)

  const granted = await client.POST('/api/provider/v1/grants', {
    body: { credits: 500, startsOn: '2026-11-01', endsOn: '2026-11-30', kind: 'top-up' },
  })
  const grant = { params: { path: { id: granted.data?.id ?? '' } } }
  const voided = await client.POST('/api/provider/v1/grants/{id}/void', { ...grant, body: { voided: 100 } })

  const reported = await client.POST('/api/provider/v1/usage', {
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: [
      {
        specversion: '1.0',
        type: 'quartermaster.usage',
        source: '/meter',
        id: '1',
        time: '2026-11-24T08:00:00Z',
        data: { user, product: 'Sales Pro', credits: 10 },
      },
    ],
  })

  const wish = { user, product: 'Sales Pro', credits: 20 }
  const spent = await client.POST('/api/provider/v1/spends', { body: { ...wish, idempotencyKey: '1' } })
  if (spent.data?.allowed) spent.data.binds satisfies 'own' | 'group' | 'default' | 'pool' | 'credits'
  else spent.data?.deniedBy satisfies string | undefined
  const reserved = await client.POST('/api/provider/v1/reservations', { body: { ...wish, idempotencyKey: '2' } })
  if (!reserved.data?.allowed) throw new Error('Nothing was reserved.')
  const job = { params: { path: { id: reserved.data.reservation.id } } }
  const confirmed = await client.POST('/api/provider/v1/reservations/{id}/confirm', { ...job, body: { credits: 5 } })
  const read = await client.GET('/api/provider/v1/reservations/{id}', job)
  const released = await client.POST('/api/provider/v1/reservations/{id}/release', job)
  const balance = await client.GET('/api/provider/v1/balances')
  const of = await client.GET('/api/provider/v1/balances/{user}', { params: { path: { user } } })
  const sources = await client.GET('/api/provider/v1/sources')
  return {
    seats: [sold.data.seatsPurchased, resized.data?.seatsPurchased],
    listed: listed.data?.products.map(({ name }) => name),
    removed: removed.response.status,
    left: [granted.data?.left, voided.data?.left],
    reported: reported.data,
    confirmed: [confirmed.data?.confirmed, read.data?.confirmed, released.error?.code],
    used: balance.data?.used,
    bounds: of.data?.bounds.map(({ kind }) => kind),
    sources: sources.data?.sources.map(({ lastId }) => lastId),
  }
}
`

/** What must not compile. */
const WRONG = `
import type { Client } from 'openapi-fetch'
import type { paths } from './generated.ts'
export default async (client: Client<paths>) => {
  // @ts-expect-error the idempotency key is needed
  await client.POST('/api/provider/v1/spends', { body: { user: 'a', product: 'b', credits: 1 } })
  // @ts-expect-error seats are a number
  await client.POST('/api/provider/v1/products', { body: { name: 'a', seatsPurchased: '1' } })
  // @ts-expect-error there is no such address
  await client.GET('/api/provider/v1/users')
}
`

test('a program that is typed by the generated client compiles, and a wrong one does not', () => {
  expect(faultsIn({ 'generated.ts': types, 'program.ts': PROGRAM, 'wrong.ts': WRONG })).toEqual([])
})

test('the program works against the server', async () => {
  const { outputText } = ts.transpileModule(PROGRAM, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext },
  })
  const program = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(outputText)}`)) as {
    default: (client: object, user: string) => Promise<unknown>
  }
  const client = createClient({ baseUrl: port.url, headers: { authorization: `Bearer ${key}` } })
  expect(await program.default(client, 'ana@tern.example')).toEqual({
    seats: [9, 7],
    listed: ['Sales Pro', 'Insights'],
    removed: 204,
    left: [500, 400],
    reported: {
      taken: 1,
      repeated: 0,
      refused: 0,
      events: [{ source: '/meter', id: '1', result: 'taken', day: '2026-11-24', over: 0 }],
    },
    confirmed: [5, 5, 'reservation-confirmed'],
    used: 35,
    bounds: ['credits'],
    sources: ['1'],
  })
})

/** What the compiler says of files that stand beside this one, in memory alone. */
function faultsIn(texts: Readonly<Record<string, string>>): string[] {
  const files = new Map(Object.entries(texts).map(([name, text]) => [`${import.meta.dirname}/${name}`, text]))
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ESNext,
    lib: ['lib.esnext.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.getSourceFile = (path, ...rest) => {
    const text = files.get(path)
    return text === undefined ? getSourceFile(path, ...rest) : ts.createSourceFile(path, text, ts.ScriptTarget.ESNext)
  }
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.readFile = (path) => files.get(path) ?? readFile(path)
  const program = ts.createProgram([...files.keys()], options, host)
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}
