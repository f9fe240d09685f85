// The OpenAPI 3.1 document, out of the same table and the same schemas that serve the requests: nothing here is told twice.
import { toJsonSchema, toJsonSchemaDefs, type ConversionConfig } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { sentenceOf, titleOf, type RefusalCode } from '../problem.ts'
import { VERSION } from '../version.ts'
import { MAX_EVENTS } from './cloud-events.ts'
import type { Route } from './route.ts'
import { PROVIDER_API, PROVIDER_ROUTES } from './routes.ts'
import * as schemas from './schemas.ts'

type Json = Readonly<Record<string, unknown>>
type Refused = readonly [status: number, code: RefusalCode]

/** Schemas that have a name in the document; the others stand where they are used. */
const NAMED = {
  NewProduct: schemas.NewProduct,
  ProductChanges: schemas.ProductChanges,
  Product: schemas.ProductAnswer,
  NewGrant: schemas.NewGrant,
  VoidGrant: schemas.VoidWish,
  Grant: schemas.GrantAnswer,
  UsageEvent: schemas.UsageCloudEvent,
  UsageData: schemas.UsageData,
  EventAnswer: schemas.EventAnswer,
  BatchAnswer: schemas.BatchAnswer,
  NewSpend: schemas.NewSpend,
  SpendAnswer: schemas.SpendAnswer,
  NewReservation: schemas.NewReservation,
  ReserveAnswer: schemas.ReserveAnswer,
  Reservation: schemas.ReservationAnswer,
  Confirmation: schemas.Confirmation,
  Balance: schemas.BalanceAnswer,
  UserBalance: schemas.UserBalanceAnswer,
  Problem: schemas.Problem,
} satisfies Record<string, GenericSchema>

const config: ConversionConfig = {
  target: 'draft-2020-12',
  // What no JSON schema can say (trimmed, well-formed, a day that exists) is said in words.
  errorMode: 'ignore',
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
}

const TAGS = [
  ['Contract', 'What is sold: products with seats, and grants of credits. Scope `contract`.'],
  ['Usage', 'What was used, reported after the fact. Scope `usage`.'],
  ['Spends', 'What is asked for before it is used. Scope `spend`.'],
  ['Balances', 'What is left. A key of any scope.'],
] as const

/** The document, for `GET /api/openapi.json`. */
export function openApi(): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of PROVIDER_ROUTES) (paths[`${PROVIDER_API}${route.path}`] ??= {})[route.method] = operation(route)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Quartermaster, the provider’s API',
      version: VERSION,
      summary: 'Seats, credits and usage of a client organisation.',
      description: `For the provider’s programs. A key belongs to one organisation and is made on the server’s host (\`npm run admin -- add-provider-key\`).

Credits are whole numbers. Days are calendar days in the organisation’s time zone, written \`2026-11-24\`; moments are RFC 3339. Requests hold at most 1 MiB. A field that is not named here is refused.

Every error is a problem document (RFC 9457): \`code\` is for programs and stays, \`fact\` is what it is about, \`detail\` says what to do.`,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: TAGS.map(([name, description]) => ({ name, description })),
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'A key of the provider, `qmk_…`. It is shown once, when it is made.',
        },
      },
      schemas: toJsonSchemaDefs(NAMED, config),
    },
  }
}

function operation(route: Route): Json {
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: `${route.description}\n\n${route.scope === 'any' ? 'Needs a key of any scope.' : `Needs a key with the scope \`${route.scope}\`.`}`,
    ...(route.parameters ? { parameters: route.parameters.map(parameter) } : {}),
    ...(route.body ? { requestBody: { required: route.body.required, content: contentOf(route.body.content) } } : {}),
    responses: { ...success(route), ...failures(route) },
  }
}

function parameter({ name, in: place, schema, example }: NonNullable<Route['parameters']>[number]): Json {
  const { description, ...form } = schemaOf(schema)
  return { name, in: place, required: place === 'path', description, schema: form, example }
}

const contentOf = (content: NonNullable<Route['body']>['content']): Json =>
  Object.fromEntries(
    Object.entries(content).map(([type, { schema, examples }]) => [
      type,
      {
        schema: schemaOf(schema),
        examples: Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }])),
      },
    ]),
  )

const success = ({ status, summary, answer, answerExample }: Route): Json => ({
  [status]: answer
    ? { description: summary, content: { 'application/json': { schema: schemaOf(answer), example: answerExample } } }
    : { description: 'Done.' },
})

/** What each route may answer beside its own refusals. */
function common(route: Route): Refused[] {
  return [
    ...(route.body || route.path.includes('{') ? [[400, 'malformed'] as const] : []),
    [401, 'key-needed'],
    [401, 'key-unknown'],
    ...(route.scope === 'any' ? [] : [[403, 'scope-needed'] as const]),
    ...(route.body
      ? ([
          [413, 'too-large'],
          [415, 'media-type'],
        ] as const)
      : []),
    [500, 'failed'],
    [503, 'store-failed'],
  ]
}

function failures(route: Route): Json {
  const byStatus = Map.groupBy([...common(route), ...route.refusals], ([status]) => status)
  return Object.fromEntries(
    [...byStatus].sort(([a], [b]) => a - b).map(([status, refused]) => [status, failure(refused)]),
  )
}

const failure = (refused: readonly Refused[]): Json => ({
  description: refused.map(([, code]) => `\`${code}\`: ${sentenceOf(code)}`).join('\n\n'),
  content: {
    'application/problem+json': {
      schema: schemaOf(schemas.Problem),
      examples: Object.fromEntries(
        refused.map(([status, code]) => [
          code,
          {
            value: {
              type: `/api/docs#${code}`,
              title: titleOf(code),
              status,
              detail: sentenceOf(code),
              code,
              ...factOf(code),
            },
          },
        ]),
      ),
    },
  },
})

/** Facts that are the same for every request. */
const factOf = (code: RefusalCode): Json => {
  if (code === 'too-large') return { fact: { most: MAX_EVENTS, unit: 'events' } }
  if (code === 'malformed') return { fact: { path: 'credits', message: 'Is missing.' } }
  return {}
}

const schemaOf = (schema: GenericSchema): Json => {
  const { $schema: _draft, $defs: _named, ...described } = toJsonSchema(schema, { ...config, definitions: NAMED })
  return described
}
