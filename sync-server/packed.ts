// Answers as packed JSON. A page of a first copy is over a megabyte of text: zstd packs it smaller than gzip in a fifth of the time, and
// the browsers that know it say so; the others get gzip. Never packs what is too small to gain by it.
import type { Context } from 'hono'
import { promisify } from 'node:util'
import { constants, gzip, zstdCompress } from 'node:zlib'

const LEAST = 1024
const toZstd = promisify(zstdCompress)
const toGzip = promisify(gzip)

/** Packs on another thread, so that the next request need not wait for it. */
export async function packedJson(c: Context, value: unknown): Promise<Response> {
  const text = JSON.stringify(value)
  const accepted = c.req.header('accept-encoding') ?? ''
  const form = text.length < LEAST ? undefined : ['zstd', 'gzip'].find((name) => accepted.includes(name))
  const headers = { 'content-type': 'application/json', vary: 'accept-encoding' }
  if (!form) return c.body(text, 200, headers)
  return c.body(await pack(text, form), 200, { ...headers, 'content-encoding': form })
}

const pack = (text: string, form: string) =>
  form === 'zstd'
    ? toZstd(text, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
    : toGzip(text, { level: constants.Z_BEST_SPEED })
