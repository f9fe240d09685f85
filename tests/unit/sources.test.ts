// What must stand nowhere in our sources: ways to run text as a program, weak ciphers and digests, guessable chance, other hosts. Each
// rule is tried on a line that breaks it, so that it is known to find something.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const rooms = { web: sources('web'), shared: sources('shared'), server: sources('sync-server') }
type Room = keyof typeof rooms

function sources(room: string): [file: string, text: string][] {
  return readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|js|svelte|html|css)$/.test(file))
    .map((file) => [`${room}/${file}`, withoutComments(readFileSync(join(ROOT, room, file), 'utf8'))])
}
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
}

interface Rule {
  name: string
  rooms: Room[]
  pattern: RegExp
  /** A line that breaks it. */
  broken: string
  /** Where it may stand, and was looked at. */
  but?: string[]
}
const all: Room[] = ['web', 'shared', 'server']
const rules: Rule[] = [
  {
    name: 'text that is run',
    rooms: all,
    pattern: /\beval\(|new Function\(|setTimeout\(\s*['"`]|vm\.run/,
    broken: 'eval(text)',
  },
  {
    name: 'markup from text',
    rooms: ['web'],
    pattern: /\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|createContextualFragment/,
    broken: '<p>{@html text}</p>',
  },
  {
    name: 'plugins and frames',
    rooms: ['web'],
    pattern: /<(embed|applet|iframe|frame)\b|<object\s+(data|type)=/,
    broken: '<object data="x">',
  },
  { name: 'a shell', rooms: all, pattern: /(?<![.\w])exec(Sync)?\(|shell:\s*true/, broken: "exec('ls')" },
  {
    name: 'weak digests and ciphers',
    rooms: all,
    pattern: /['"`](md5|sha1|des|des3|rc4|[a-z0-9-]*-(ecb|cbc))['"`]/i,
    broken: "createHash('md5')",
    // The standard of authenticator apps, keyed with 160 bits.
    but: ['sync-server/accounts/factors/totp.ts'],
  },
  {
    name: 'chance that can be guessed',
    rooms: ['shared', 'server'],
    pattern: /Math\.random/,
    broken: 'Math.random()',
    but: ['sync-server/mail/post.ts', 'sync-server/mail/open.ts'],
  },
  {
    name: 'XML, and its outside entities',
    rooms: all,
    pattern: /DOMParser|parseFromString|xml2js|libxml|fast-xml/,
    broken: 'new DOMParser()',
  },
  {
    name: 'sockets that pass by the rules of requests',
    rooms: all,
    pattern: /new WebSocket|RTCPeerConnection|WebTransport/,
    broken: 'new WebSocket(url)',
  },
  {
    name: 'messages of other windows',
    rooms: ['web'],
    pattern: /window\.addEventListener\(\s*'message'|<svelte:window[^>]*onmessage|window\.opener|parent\.postMessage/,
    broken: "window.addEventListener('message', f)",
  },
  {
    name: 'other hosts',
    rooms: ['web'],
    pattern: /(?:fetch\(|import\(|src=|href=|@import\s+|url\()\s*['"`]?(https?:)?\/\/[a-z]/,
    broken: "fetch('https://stats.example/x')",
  },
  {
    name: 'secrets in the page',
    rooms: ['web'],
    pattern: /\bqmk_[0-9a-f]{16}|BEGIN [A-Z ]*PRIVATE KEY|process\.env/,
    broken: 'qmk_0123456789abcdef',
  },
  {
    name: 'certificates that are not looked at',
    rooms: all,
    pattern: /rejectUnauthorized:\s*false|NODE_TLS_REJECT_UNAUTHORIZED/,
    broken: 'rejectUnauthorized: false',
  },
  {
    name: 'TLS of yesterday',
    rooms: all,
    pattern: /TLSv1(\.[01])?['"_]|SSLv[23]|minVersion/,
    broken: "secureProtocol: 'TLSv1_method'",
  },
  {
    name: 'objects that are made of what was sent',
    rooms: all,
    pattern: /node-serialize|unserialize\(|v8\.deserialize|yaml\.load/,
    broken: 'unserialize(text)',
  },
  {
    name: 'switches for looking inside',
    rooms: ['server'],
    pattern: /--inspect|inspector\.open|\bdebugger\b/,
    broken: 'debugger',
  },
  {
    name: 'tokens in the storage of a browser',
    rooms: ['web'],
    pattern: /(localStorage|sessionStorage)\.setItem\([^)]*(token|password|secret|key['"])/i,
    broken: "localStorage.setItem('token', x)",
  },
  {
    name: 'passwords that can’t be pasted',
    rooms: ['web'],
    pattern: /type="password"[^<>]*(onpaste|autocomplete="off")/,
    broken: '<input type="password" autocomplete="off">',
    // A client’s secret at a provider: nobody’s own password.
    but: ['web/routes/(app)/settings/SignOnDialog.svelte'],
  },
  {
    name: 'hints and secret questions',
    rooms: all,
    pattern: /passwordHint|securityQuestion|secretQuestion/,
    broken: 'passwordHint',
  },
  {
    name: 'SQL that is put together from text',
    rooms: ['server'],
    pattern: /sql\.raw\(|\.raw\(`[^`]*\$\{(?!value|one)/,
    broken: 'sql.raw(`select ${name}`)',
    // Names of our own columns and savepoints.
    but: ['sync-server/store/rows.ts', 'sync-server/sync/savepoint.ts'],
  },
]

test.each(rules.map((rule) => [rule.name, rule] as const))(
  'nowhere: %s',
  (_name, { rooms: where, pattern, broken, but = [] }) => {
    expect(broken).toMatch(pattern)
    const found = where.flatMap((room) => rooms[room].filter(([, text]) => pattern.test(text)).map(([file]) => file))
    expect(found.filter((file) => !but.includes(file) && !file.includes('/migrations/'))).toEqual([])
  },
)

test('every field for a password hides it, and lets a password manager fill it', () => {
  const fields = rooms.web.flatMap(([file, text]) =>
    [
      ...text.matchAll(
        /<\w+\b(?:[^<>]|=>)*?(?:type="password"|name="password"|autocomplete="[a-z]+-password")(?:[^<>]|=>)*?>/g,
      ),
    ].map(([tag]) => [file, tag] as const),
  )
  expect(fields.length).toBeGreaterThan(2)
  for (const [file, tag] of fields.filter(([, one]) => !one.includes('Client secret'))) {
    expect(tag, file).toMatch(/type="password"/)
    expect(tag, file).toMatch(/autocomplete=["{].*(current|new)-password/s)
  }
})

test('nothing that the provider’s keys, the cookies or the database are opened by stands in the repository', () => {
  const files = [...rooms.web, ...rooms.shared, ...rooms.server]
  for (const [file, text] of files)
    expect(text, file).not.toMatch(/qmk_[0-9a-f]{16}_[\w-]{43}|BEGIN (RSA |EC )?PRIVATE KEY/)
  const ignored = readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n')
  for (const name of ['/data', '.env', '.env.*']) expect(ignored).toContain(name)
})
