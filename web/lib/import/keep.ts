// A file that is being imported, kept in the account's database until it is queued.
import { sideStore } from '#lib/replica/side-store.ts'

const store = sideStore<unknown>('imports', 'import')

/** What was kept last; undefined where nothing is. */
export const keptIn = <Kept>(database: string): Promise<Kept | undefined> =>
  store.kept(database) as Promise<Kept | undefined>

/** Keeps it in the place of what was kept before; undefined forgets it. */
export const keepIn = (database: string, value: unknown): Promise<void> => store.keep(database, value)
