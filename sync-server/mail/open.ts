// Opens the post as the environment configures it: by SMTP, or into the folder `mails` of the data folder. Without an address that links
// can lead to no mail leaves: a request's own Host is anybody's to choose.
import { sql } from 'kysely'
import { join } from 'node:path'
import { createRecipients } from '../accounts/recipients.ts'
import type { Config } from '../config.ts'
import type { Logger } from '../logger.ts'
import { ownAddress } from '../own-address.ts'
import type { Store } from '../store/index.ts'
import { readFrom } from './from.ts'
import { createPost } from './post.ts'
import { folder, smtp, type Folder, type Outgoing } from './transport.ts'

/** How often the outbox is looked at. */
const EVERY = 2_000

type Settings = Pick<Config, 'host' | 'publicUrl' | 'smtpUrl' | 'mailFrom' | 'dataDir'>

/** The origin that links lead to; undefined where none is configured and the server is not this machine's alone. */
export function linkBase(
  { host, publicUrl }: Pick<Config, 'host' | 'publicUrl'>,
  port: number,
  demo: boolean,
): string | undefined {
  if (publicUrl !== undefined) return publicUrl
  const local = host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
  if (local) return ownAddress(host, port)
  return demo ? `http://localhost:${port}` : undefined
}

export interface OpenMail {
  stop: () => Promise<void>
  /** What went to the folder since the start; undefined where mails leave by SMTP. */
  kept: (() => readonly Outgoing[]) | undefined
  /** Files of mails that the database does not have any more go: whom they were for was erased. */
  tidy: () => Promise<void>
}

export function openMail(
  settings: Settings,
  { store, log, base }: { store: Store; log: Logger; base: string | undefined },
): OpenMail {
  const { smtpUrl, mailFrom, dataDir } = settings
  if (base === undefined) {
    log.error({}, 'mails wait: set PUBLIC_URL, the address that their links lead to')
    return { stop: async () => undefined, kept: undefined, tidy: () => tidy(store, folderOf(settings)) }
  }
  // A relay refuses a sender that is not its own: only the folder does without MAIL_FROM.
  const from = readFrom(mailFrom ?? 'quartermaster@localhost.localdomain')
  const filed = smtpUrl === undefined ? folder(join(dataDir, 'mails'), from) : undefined
  const clock = () => Date.now()
  const post = createPost({
    store,
    transport: filed ?? smtp(smtpUrl ?? '', from),
    addressed: createRecipients({ store, base, clock }),
    clock,
    chance: Math.random,
    log,
  })
  const { stop } = post.start(EVERY)
  return { stop, kept: filed?.kept, tidy: () => tidy(store, filed ?? folderOf(settings)) }
}

/** The folder as a command on the host sees it, or a server that sends by SMTP by now. */
const folderOf = ({ dataDir }: Pick<Settings, 'dataDir'>): Folder =>
  folder(join(dataDir, 'mails'), readFrom('quartermaster@localhost.localdomain'))

/** @see OpenMail.tidy */
export const tidyMails = (store: Store, settings: Pick<Settings, 'dataDir'>): Promise<void> =>
  tidy(store, folderOf(settings))

async function tidy(store: Store, { filed, takeBack }: Folder): Promise<void> {
  const ids = filed()
  if (ids.length === 0) return
  const known = await store.read(async (tx) => {
    const { rows } = await sql<{ id: string }>`select "id" from mails where "id" in ${tx.forms.list(ids)}`.execute(
      tx.db,
    )
    return new Set(rows.map(({ id }) => id))
  })
  for (const id of ids) if (!known.has(id)) takeBack(id)
}
