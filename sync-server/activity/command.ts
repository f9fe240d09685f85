// The check of the log at a terminal: each organisation in a line, each fault in a line of its own, and the head to note down elsewhere:
// whoever can write the whole log anew can't change what stands on paper.
import * as v from 'valibot'
import { faultWords, type ChainProgress } from '#shared/activity.ts'
import { OrganisationId } from '#shared/model.ts'
import type { Store } from '../store/index.ts'
import type { Noted } from '../sync/chain.ts'
import { verify } from './verify.ts'

const Head = v.pipe(v.string(), v.regex(/^\d{1,15}:[0-9a-f]{64}$/))

/** @returns whether everything stands as it was written @throws Error that says what is wrong with what was asked */
export async function auditVerify(
  store: Store,
  { organisation, head }: { organisation: string | undefined; head: string | undefined },
  say: (line: string) => void,
): Promise<boolean> {
  const noted = notedIn(head)
  const all = await organisations(store)
  const wanted = organisation === undefined ? all : all.filter((id) => id === organisation)
  if (organisation !== undefined && wanted.length === 0) throw new Error(`There is no organisation ${organisation}.`)
  if (noted.length > 0 && wanted.length !== 1)
    throw new Error('--head is of one organisation: name it by --organisation.')
  if (wanted.length === 0) say('There is no organisation, and no log.')
  let intact = true
  for (const id of wanted) {
    const done = await last(verify(store, v.parse(OrganisationId, id), { now: () => Date.now(), noted }))
    const { faults, more } = done
    const count = done.checked.toLocaleString('en')
    if (faults.length === 0) {
      say(`${id}: chain intact, ${count} operations. Head ${done.head.version}:${done.head.hash}`)
      continue
    }
    intact = false
    say(`${id}: the chain does not hold, ${count} operations looked at.`)
    for (const fault of faults) say(`  ${faultWords(fault)}`)
    if (more > 0) say(`  And ${more.toLocaleString('en')} more.`)
  }
  return intact
}

async function last(steps: AsyncGenerator<ChainProgress, void>) {
  for await (const { checked, done } of steps) if (done) return { ...done, checked }
  throw new Error('The check ended before its end.')
}

function notedIn(head: string | undefined): Noted[] {
  if (head === undefined) return []
  const parsed = v.safeParse(Head, head)
  if (!parsed.success) throw new Error('--head is VERSION:HASH, as an earlier check printed it.')
  const [version = '', hash = ''] = parsed.output.split(':')
  return [{ version: Number(version), hash }]
}

/** Also those that the log knows alone: an organisation's head may be what somebody took away. */
async function organisations(store: Store): Promise<string[]> {
  const heads = await store.db.selectFrom('heads').select('orgId').execute()
  const logs = await store.db.selectFrom('log').select('orgId').distinct().execute()
  return [...new Set([...heads, ...logs].map(({ orgId }) => orgId))].toSorted()
}
