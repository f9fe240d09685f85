// Where browsers reach a server that was given no public address.

/** What this machine's own browsers reach by its name: they make passkeys for names alone, never for a number. */
const BY_NAME = ['127.0.0.1', '0.0.0.0', '::']

export function ownAddress(host: string, port: number): string {
  const name = BY_NAME.includes(host) ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
