// The one way from the app to the server, and the one error that comes back. Requests of sync go through it as well.
// Never retries and never shows anything: who calls knows what the failure means.

/** What the server refused, or why it could not be asked. `status` 0 means that no answer came. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly fact: unknown

  constructor(status: number, code: string, message: string, fact?: unknown) {
    super(message)
    this.status = status
    this.code = code
    this.fact = fact
  }
}

type Options = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  json?: unknown
  headers?: Readonly<Record<string, string>>
  signal?: AbortSignal
}

/**
 * Asks the server and answers the parsed JSON (null for an empty answer); parse it with a schema where it is used.
 * @throws {ApiError} when the server refuses (its problem document's `code` and `fact`) or cannot be reached (`code` "unreachable")
 */
export async function request(
  path: `/api/${string}`,
  { method = 'GET', json, headers = {}, signal }: Options = {},
): Promise<unknown> {
  const response = await send(path, {
    method,
    headers:
      json === undefined
        ? { accept: 'application/json', ...headers }
        : { accept: 'application/json', 'content-type': 'application/json', ...headers },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(signal ? { signal } : {}),
  })
  const body = await parsed(response)
  if (response.ok) return body
  throw refusal(response.status, body)
}

/**
 * Asks for bytes, unless they are still those of the `etag` that is known: then undefined. Never from the browser's own cache, which
 * would not know whose they are.
 * @throws {ApiError} as `request`
 */
export async function requestBytes(
  path: `/api/${string}`,
  { etag, signal }: { etag?: string | undefined; signal?: AbortSignal } = {},
): Promise<ArrayBuffer | undefined> {
  const response = await send(path, {
    cache: 'no-store',
    headers: { accept: 'application/octet-stream', ...(etag === undefined ? {} : { 'if-none-match': etag }) },
    ...(signal ? { signal } : {}),
  })
  if (response.status === 304) return undefined
  if (!response.ok) throw refusal(response.status, await parsed(response))
  // An answer that is cut off on its way is no answer.
  return response.arrayBuffer().catch(unreachable(signal))
}

/**
 * Posts, and hands each line of the answer on as it comes, as JSON.
 * @throws {ApiError} as `request`; also where the answer is cut off on its way
 */
export async function requestLines(
  path: `/api/${string}`,
  { json, onLine, signal }: { json: unknown; onLine: (line: unknown) => void; signal: AbortSignal },
): Promise<void> {
  const response = await send(path, {
    method: 'POST',
    headers: { accept: 'application/x-ndjson', 'content-type': 'application/json' },
    body: JSON.stringify(json),
    signal,
  })
  if (!response.ok || !response.body) throw refusal(response.status, await parsed(response))
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read().catch(unreachable(signal))
    if (done) return
    const lines = (rest + value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(JSON.parse(line))
  }
}

const send = (path: string, init: RequestInit): Promise<Response> =>
  fetch(path, { credentials: 'same-origin', ...init }).catch(unreachable(init.signal))

const unreachable = (signal: AbortSignal | null | undefined) => (cause: unknown) => {
  if (signal?.aborted) throw cause
  throw new ApiError(0, 'unreachable', 'The server cannot be reached. Try again when you are back online.')
}

function refusal(status: number, body: unknown): ApiError {
  const problem: Record<string, unknown> = isRecord(body) ? body : {}
  return new ApiError(
    status,
    text(problem.code) ?? 'unknown',
    text(problem.detail) ?? text(problem.message) ?? text(problem.title) ?? `The server answered ${status}. Try again.`,
    problem.fact,
  )
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

async function parsed(response: Response): Promise<unknown> {
  const body = await response.text()
  if (body === '') return null
  try {
    return JSON.parse(body) as unknown
  } catch {
    // A proxy's error page is no JSON; the status alone speaks then.
    return null
  }
}
