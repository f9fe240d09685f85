// Development: the app by Vite with reload, the server started anew when its files change; both end together.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const env = { ...process.env, PORT_API: process.env.PORT || '8080' }
const start = (/** @type {string[]} */ ...args) => spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env })
const children = [
  start('--watch', '--watch-preserve-output', 'sync-server/start.js', 'serve', '--demo'),
  start('node_modules/vite/bin/vite.js', 'dev'),
]
const stop = () => children.forEach((child) => child.kill())
for (const child of children) child.on('exit', stop)
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
