// What a route of the provider's API is: one entry from which both the handler and its place in the OpenAPI document come, so that
// neither can say what the other does not do.
import type { GenericSchema, InferInput, InferOutput } from 'valibot'
import { read } from '#shared/faults.ts'
import type { OrganisationId } from '#shared/model.ts'
import { Refusal, type RefusalCode } from '../problem.ts'
import type { Store, Tx } from '../store/index.ts'
import type { Commit } from '../sync.ts'
import { readHead } from '../sync/log.ts'
import { locked, type By } from '../sync/record.ts'
import type { Usage } from '../usage/usage.ts'
import { json, JSON_TYPE, mediaTypeOf } from './cloud-events.ts'
import type { Scope } from './keys.ts'

/** What handlers work with. */
export interface ProviderParts {
  store: Store
  usage: Usage
  clock: () => number
  random: By['random']
  committed: (commit: Commit) => void
  /** The name of the key that a call came in by, for the log. */
  key?: string
}

export interface Call<Body> {
  organisation: OrganisationId
  /** What stands for the `{…}` of the path; empty where there is none. */
  parameter: string
  body: Body
}

/** What is read from a request's body, and how the document describes it. */
export interface Body<Output> {
  required: boolean
  content: Readonly<Record<string, { schema: GenericSchema; examples: Readonly<Record<string, unknown>> }>>
  read(request: Request): Promise<Output>
}

export interface Parameter {
  name: string
  in: 'path' | 'header'
  schema: GenericSchema
  example: string
}

interface Described<Sent, Answer extends GenericSchema | undefined> {
  method: 'get' | 'post' | 'patch' | 'delete'
  /** Under the API's own address; at most one `{parameter}`. */
  path: `/${string}`
  scope: Scope | 'any'
  tag: string
  operationId: string
  summary: string
  description: string
  parameters?: readonly Parameter[]
  body?: Body<Sent>
  status: 200 | 201 | 204
  answer: Answer
  answerExample?: Answer extends GenericSchema ? InferInput<Answer> : undefined
  /** Beside those that every route may answer. */
  refusals: readonly (readonly [status: 400 | 404 | 409 | 413 | 415 | 422, code: RefusalCode])[]
  handle(
    call: Call<Sent>,
    parts: ProviderParts,
  ): Promise<Answer extends GenericSchema ? InferOutput<Answer> : undefined>
}

export type Route = Omit<Described<unknown, GenericSchema | undefined>, 'body' | 'handle'> & {
  body?: Pick<Body<unknown>, 'required' | 'content'>
  /** Reads the body, does the work, and answers what `answer` describes. */
  run(request: Request, call: Omit<Call<unknown>, 'body'>, parts: ProviderParts): Promise<unknown>
}

/** An entry of the table; the types of body and answer hold its handler to what it describes. */
export function route<Sent, Answer extends GenericSchema | undefined>({
  handle,
  body,
  ...described
}: Described<Sent, Answer>): Route {
  return {
    ...described,
    ...(body ? { body } : {}),
    run: async (request, call, parts) =>
      // Without a body its type is unknown, and nothing is what stands for it.
      await handle({ ...call, body: (body ? await body.read(request) : undefined) as Sent }, parts),
  }
}

/** A body of JSON. One that is not `required` may be left out, and stands for `{}`. */
export function jsonBody<const Schema extends GenericSchema>(
  schema: Schema,
  example: InferInput<Schema>,
  { required = true } = {},
): Body<InferOutput<Schema>> {
  return {
    required,
    content: { [JSON_TYPE]: { schema, examples: { request: example } } },
    read: async (request) => {
      const empty = !required && (await request.clone().text()) === ''
      if (!empty && mediaTypeOf(request.headers) !== JSON_TYPE)
        throw new Refusal(415, 'media-type', { types: [JSON_TYPE] })
      const parsed = read(schema, empty ? {} : await json(request))
      if (parsed.ok) return parsed.output
      throw new Refusal(400, 'malformed', { ...parsed.fault })
    },
  }
}

/** Carries a change out in a transaction of its own, behind the organisation's lock, and tells its devices afterwards. */
export async function changed<T>(
  { store, clock, random, committed, key }: ProviderParts,
  organisation: OrganisationId,
  work: (tx: Tx, by: By) => Promise<T>,
): Promise<T> {
  const { result, moved } = await store.transaction(async (tx) => {
    const before = await locked(tx, organisation)
    const done = await work(tx, { now: clock(), random, key })
    const after = await readHead(tx, organisation)
    return { result: done, moved: after && after.version > before.version ? after.version : undefined }
  })
  if (moved !== undefined) committed({ organisation, version: moved, ended: [] })
  return result
}
