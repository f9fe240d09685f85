// The activity as a file: a row (or an object) for each item of each entry, written part by part as the receiver takes it. Nothing of it
// ever stands in memory whole. What a spreadsheet would run is made harmless, as in every file that leaves.
import type { ActivityEntry, ActivityItem } from '#shared/activity.ts'
import { activityTitle, changeWords, resultWords } from '#shared/activity-words.ts'
import { csvRow } from '#shared/csv.ts'
import { itemName } from '#shared/item-words.ts'
import type { OrganisationId } from '#shared/model.ts'
import type { Names } from '#shared/operations/definition.ts'
import { shortForm } from '#shared/words.ts'
import type { Store } from '../store/index.ts'
import { takeApart } from './contents.ts'
import { namesOf, together } from './names.ts'
import { told } from './pages.ts'
import { scan, type Filter } from './scan.ts'
import { idsIn } from './contents.ts'

export type Format = 'csv' | 'json'

const HEADS = [
  'Operation',
  'Operation ID',
  'Received',
  'Made',
  'Clock offset in seconds',
  'Who',
  'User ID',
  'Device',
  'Client ID',
  'Action',
  'What',
  'Item',
  'Item ID',
  'Outcome',
  'Field',
  'Before',
  'After',
]
const ENTRIES_AT_ONCE = 50

/** The file's text in parts, newest entry first. */
export async function* exported(
  store: Store,
  organisation: OrganisationId,
  filter: Filter,
  { format, before }: { format: Format; before: number },
): AsyncGenerator<string, void> {
  yield format === 'csv' ? `\uFEFF${csvRow(HEADS)}` : '[\n'
  let [at, first]: [number | null, boolean] = [before, true]
  while (at !== null) {
    const { rows, next }: Awaited<ReturnType<typeof scan>> = await scan(store, organisation, filter, {
      before: at,
      limit: ENTRIES_AT_ONCE,
    })
    at = next
    const entries = await told(store, organisation, rows)
    for (const [index, row] of rows.entries()) {
      const entry = entries[index]
      if (!entry) continue
      const { items, names: kept, args } = takeApart(row)
      const ids = idsIn(items)
      if (row.actor !== null) ids.add(row.actor)
      const names = together(kept, await store.read((tx) => namesOf(tx, organisation, ids)))
      const said = { type: row.type, args, names, when: (moment: number) => `at ${iso(moment)}` }
      if (format === 'csv') yield csvOf(entry, items, said)
      else yield `${first ? '' : ',\n'}${JSON.stringify(objectOf(entry, items, said))}`
      first = false
    }
  }
  if (format === 'json') yield '\n]\n'
}

interface Said {
  type: string
  args: unknown
  names: Names
  when: (at: number) => string
}

const iso = (at: number): string => new Date(at).toISOString()
const who = ({ actor, key }: ActivityEntry, { users }: Names): string =>
  actor === null ? (key === null ? 'Server' : `Provider key ${key}`) : (users[actor] ?? 'A user who is gone')
const outcomeWords = (item: ActivityItem, said: Said): string => resultWords(item) || shortForm(item.outcome, said)

function csvOf(entry: ActivityEntry, items: readonly ActivityItem[], said: Said): string {
  const head = [
    String(entry.version),
    entry.id,
    iso(entry.at),
    iso(entry.madeAt),
    String(Math.round((entry.at - entry.madeAt) / 1_000)),
    who(entry, said.names),
    entry.actor ?? '',
    entry.device ?? '',
    entry.clientId ?? '',
    activityTitle(entry.type),
    entry.sentence,
  ]
  if (items.length === 0) return csvRow([...head, '', '', '', '', '', ''])
  return items
    .flatMap((item) => {
      const cells = [...head, itemName(item.item, said), item.item, outcomeWords(item, said)]
      const changes = changeWords(item, said.names)
      if (changes.length === 0) return [csvRow([...cells, '', '', ''])]
      return changes.map(({ field, before, after }) => csvRow([...cells, field, before, after]))
    })
    .join('')
}

function objectOf(entry: ActivityEntry, items: readonly ActivityItem[], said: Said) {
  const { names: _names, items: _items, more: _more, at, madeAt, ...facts } = entry
  return {
    ...facts,
    receivedAt: iso(at),
    madeAt: iso(madeAt),
    who: who(entry, said.names),
    items: items.map((item) => ({
      item: item.item,
      name: itemName(item.item, said),
      outcome: outcomeWords(item, said),
      result: item.outcome,
      ...(item.also ? { also: true } : {}),
      before: item.change?.before ?? null,
      after: item.change?.after ?? null,
    })),
  }
}
