// Development: the app by Vite with reload, the server started anew when its files change; both end together.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
// Pages come from Vite: links in mails lead there, and passkeys belong to it.
const PUBLIC_URL = process.env.PUBLIC_URL || 'http://localhost:5173'
const env = { ...process.env, PUBLIC_URL, PORT_API: process.env.PORT || '8080' }
const start = (/** @type {string[]} */ ...args) => spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env })
const children = [
  start('--watch', '--watch-preserve-output', 'sync-server/start.js', 'serve', '--demo'),
  start('node_modules/vite/bin/vite.js', 'dev'),
]
const stop = () => children.forEach((child) => child.kill())
for (const child of children) child.on('exit', stop)
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
