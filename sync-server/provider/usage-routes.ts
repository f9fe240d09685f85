// What was used, as its sources report it. Reported usage has happened: it is recorded past a limit too.
import { Refusal, type RefusalCode } from '../problem.ts'
import type { Taken, Usage } from '../usage/usage.ts'
import {
  BATCH,
  JSON_TYPE,
  MAX_EVENTS,
  readEvents,
  STRUCTURED,
  type ReadEvent,
  type ReadRequest,
} from './cloud-events.ts'
import { route, type Body, type Call, type Route } from './route.ts'
import { BatchAnswer, EVENT_TYPE, EventAnswer, HeaderText, Sources, UsageCloudEvent, UsageData } from './schemas.ts'
import * as v from 'valibot'

const DATA = { user: 'ana.lindqvist@tern.example', product: 'Sales Pro', credits: 25, contactViews: 3 }
const ATTRIBUTES = {
  specversion: '1.0',
  type: EVENT_TYPE,
  source: '/search/eu-1',
  id: '2026-11-24/000412',
  time: '2026-11-24T10:15:00+01:00',
} as const
const EVENT = { ...ATTRIBUTES, data: DATA }
const headers = Object.entries(ATTRIBUTES).map(
  ([name, example]) => ({ name: `ce-${name}`, in: 'header', schema: HeaderText, example }) as const,
)
const known = { source: EVENT.source, id: EVENT.id }
const answered = { ...known, result: 'taken', day: '2026-11-24', over: 0 } as const

const batchContent = { schema: v.array(UsageCloudEvent), examples: { batch: [EVENT] } }
const events: Body<ReadRequest> = {
  required: true,
  content: {
    [STRUCTURED]: { schema: UsageCloudEvent, examples: { structured: EVENT } },
    [BATCH]: batchContent,
    [JSON_TYPE]: {
      schema: v.union([batchContent.schema, UsageData]),
      examples: { batch: [EVENT], binary: DATA },
    },
  },
  read: readEvents,
}

type Answer = v.InferOutput<typeof BatchAnswer>['events'][number]

export const usageRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/usage',
    scope: 'usage',
    tag: 'Usage',
    operationId: 'reportUsage',
    summary: 'Report usage',
    description: `Takes CloudEvents 1.0 of the type \`${EVENT_TYPE}\`: one in structured mode, one in binary mode (its attributes as \`ce-\` headers, its data as the body), or a batch (also as a plain JSON array). A batch has at most ${MAX_EVENTS.toLocaleString('en')} events and any request at most 1 MiB, which is some 4,000 events of common length.

An event is known by its source and id, so it may be sent as often as you like, in any mode. They are compared with percent sequences decoded (as often as there are any) and without quotes around them, since some libraries encode headers and some don't: \`/a b\`, \`/a%20b\` and \`/a%2520b\` are one source. Choose ids that differ in more than that, and that say nothing of a person: they stay when a user is erased.

In JSON the data may stand as \`data_base64\` instead of \`data\`. Late ones are counted on their own day in the organisation's time zone. An event that is refused keeps no other of its batch from being taken: each has its answer, in their order. An event that is sent by itself is answered by itself, and by a problem document where it is refused.`,
    parameters: headers,
    body: events,
    status: 200,
    answer: v.union([BatchAnswer, EventAnswer]),
    answerExample: { taken: 1, repeated: 0, refused: 0, events: [answered] },
    refusals: [
      [422, 'user-unknown'],
      [422, 'product-unknown'],
      [422, 'not-yet'],
      [422, 'source-reserved'],
    ],
    handle: async ({ organisation, body: { single, events: read } }, { usage, key }) => {
      const answers = await take(usage, organisation, read, key)
      if (single) return alone(answers)
      const of = (result: Answer['result']) => answers.filter((answer) => answer.result === result).length
      return { taken: of('taken'), repeated: of('repeated'), refused: of('refused'), events: answers }
    },
  }),
  route({
    method: 'get',
    path: '/sources',
    scope: 'usage',
    tag: 'Usage',
    operationId: 'listSources',
    summary: 'How far each source has come',
    description:
      'The event of each source that was taken last; source and id as they are compared, percent sequences decoded. After the server was restored from a backup, send again from there on.',
    status: 200,
    answer: Sources,
    answerExample: {
      sources: [{ source: EVENT.source, lastId: EVENT.id, lastAt: '2026-11-24T09:15:00.000Z', events: 18_412 }],
    },
    refusals: [],
    handle: async ({ organisation }, { usage }) => ({
      sources: (await usage.sources(organisation)).map((source) => ({
        ...source,
        lastAt: new Date(source.lastAt).toISOString(),
      })),
    }),
  }),
]

/** Takes those events that could be read; the answers stand in the order of all. */
async function take(
  usage: Usage,
  organisation: Call<unknown>['organisation'],
  read: ReadEvent[],
  key: string | undefined,
): Promise<Answer[]> {
  const readable = read.flatMap(({ event }) => (event ? [event] : []))
  const taken = readable.length > 0 ? await usage.ingest(organisation, readable, key) : []
  let next = 0
  return read.map((one) => (one.event ? answerOf(one, taken[next++]) : malformed(one)))
}

function answerOf({ source, id }: ReadEvent, taken: Taken | undefined): Answer {
  if (!taken) throw new Error('An event was not answered.')
  return taken.result === 'refused' ? { source, id, ...taken, fact: { ...taken.fact } } : { source, id, ...taken }
}

const malformed = ({ source, id, fault }: ReadEvent): Answer => ({
  source,
  id,
  result: 'refused',
  code: 'malformed',
  fact: { ...fault },
})

function alone(answers: readonly Answer[]) {
  const [answer] = answers
  if (!answer) throw new Error('An event was not answered.')
  if (answer.result !== 'refused') return answer
  const code: RefusalCode = answer.code
  throw new Refusal(code === 'malformed' ? 400 : 422, code, answer.fact)
}
