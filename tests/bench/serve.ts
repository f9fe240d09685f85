// Serves the page, the real sync and the raw texts on one port of this machine. Requests need no sign-in: their account names the device.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { zstdCompress } from 'node:zlib'
import { serve, type ServerType } from '@hono/node-server'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import * as v from 'valibot'
import type { Block } from '#shared/blocks.ts'
import { SyncRequest } from '#shared/protocol.ts'
import { packedBytes, packedJson } from '../../sync-server/packed.ts'
import { problem } from '../../sync-server/problem.ts'
import type { Organisation, World } from './world.ts'

const packed = promisify(zstdCompress)

/** The usage of one organisation, published once. */
export interface ServedUsage {
  block: (month: string) => Uint8Array<ArrayBuffer> | undefined
  ids: () => string[]
}

export type Served = Awaited<ReturnType<typeof startServer>>

export async function startServer(world: World, folder: string) {
  const scripts = new Map<string, Buffer<ArrayBuffer>>()
  for (const name of ['bench.js', 'usage-worker.js', 'usage-sums.js'])
    scripts.set(name, await readFile(join(folder, name)))
  const texts = new Map<string, Buffer<ArrayBuffer>>()
  let rawAction: () => Block[] = () => []
  let usage: ServedUsage | undefined
  const app = new Hono()
  const log = { error: (...what: unknown[]) => console.error(...what), info: () => undefined, debug: () => undefined }
  app.onError(problem(log))
  app.get('/', (c) =>
    c.html(
      '<!doctype html><link rel="icon" href="data:,"><title>Benchmark</title><script type="module" src="/bench.js"></script>',
    ),
  )
  for (const [name, script] of scripts)
    app.get(`/${name}`, (c) => c.body(script, 200, { 'content-type': 'text/javascript' }))
  app.post('/api/sync', async (c) => {
    const request = v.parse(SyncRequest, await c.req.json())
    const device = world.device(request.account)
    if (!device) return c.json({ title: 'Unknown account', status: 403, code: 'other-account' }, 403)
    return packedJson(c, await world.sync.sync(device, request))
  })
  app.get('/events', (c) =>
    streamSSE(c, async (stream) => {
      await new Promise<void>((resolve) => {
        const stop = world.onCommit(() => void stream.writeSSE({ event: 'poke', data: '' }))
        stream.onAbort(() => {
          stop()
          resolve()
        })
      })
    }),
  )
  app.get('/api/usage/ids', (c) => packedJson(c, { from: 0, ids: usage?.ids() ?? [] }))
  app.get('/api/usage/:month', (c) => {
    const block = usage?.block(c.req.param('month'))
    return block ? packedBytes(c, block, {}) : c.notFound()
  })
  app.get('/raw/pages/:size/:page', (c) => {
    const text = texts.get(`${c.req.param('size')}/${c.req.param('page')}`)
    return text ? c.body(text, 200, { 'content-type': 'application/json', 'content-encoding': 'zstd' }) : c.notFound()
  })
  app.post('/raw/action', (c) => c.json({ changes: rawAction() }))

  const server = await new Promise<ServerType>((resolve) => {
    const started = serve(
      { fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env['BENCH_PORT'] ?? 0) },
      () => resolve(started),
    )
  })
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`,
    /** Keeps the pages of a first sync as texts that are packed already. @returns their path and number */
    async keepPages(organisation: Organisation): Promise<{ path: string; pages: number }> {
      const pages = await world.pages(organisation)
      for (const [page, changes] of pages.entries())
        texts.set(`${organisation.users}/${page}`, await packed(JSON.stringify({ changes })))
      return { path: `/raw/pages/${organisation.users}`, pages: pages.length }
    },
    onUsage: (serve: ServedUsage) => {
      usage = serve
    },
    onRawAction: (act: () => Block[]) => {
      rawAction = act
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
