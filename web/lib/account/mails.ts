// Mails that could not be sent, as the server lists them for an admin.
import * as v from 'valibot'
import { request } from '#lib/api.ts'

const Mail = v.object({
  id: v.string(),
  template: v.string(),
  userId: v.string(),
  createdAt: v.number(),
  tries: v.number(),
  nextTry: v.nullable(v.number()),
  error: v.string(),
})
const State = v.object({ failing: v.array(Mail), waiting: v.number() })
export type MailState = v.InferOutput<typeof State>
export type FailingMail = v.InferOutput<typeof Mail>

export const mailState = async (): Promise<MailState> => v.parse(State, await request('/api/mails'))

export const sendAgain = (id: string): Promise<unknown> =>
  request(`/api/mails/${encodeURIComponent(id)}/again`, { method: 'POST', json: {} })

const Shown = v.object({
  mails: v.array(v.object({ id: v.string(), to: v.string(), subject: v.string(), text: v.string() })),
})
export type ShownMail = v.InferOutput<typeof Shown>['mails'][number]

/** What the demo wrote to its folder in place of sending it. @throws {ApiError} `not-found` on any other server */
export const demoMails = async (): Promise<ShownMail[]> => v.parse(Shown, await request('/api/demo/mails')).mails
