// The version of this server, as its package says.
import { readFileSync } from 'node:fs'
import * as v from 'valibot'

const Package = v.pipe(v.string(), v.parseJson(), v.object({ version: v.string() }))

export const VERSION = v.parse(Package, readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
