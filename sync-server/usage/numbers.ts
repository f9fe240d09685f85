// The numbers that stand for ids in blocks of usage. An id that is published first gets the next one and keeps it; 0 is the empty text.
import { sql } from 'kysely'
import type { OrganisationId } from '#shared/model.ts'
import type { Tx } from '../store/index.ts'

export interface Numbers {
  /** Learns these ids' numbers, and gives those that have none theirs. */
  know(ids: Iterable<string>): Promise<void>
  /** @throws where the id was not made known */
  of(id: string): number
}

/** The numbers as one transaction sees and makes them, behind the organisation's lock. */
export function createNumbers(tx: Tx, organisation: OrganisationId): Numbers {
  const known = new Map([['', 0]])
  let last: number | undefined

  async function lastNumber(): Promise<number> {
    const { rows } = await sql<{ last: number | null }>`
      select max("number") as "last" from usage_ids where "orgId" = ${organisation}`.execute(tx.db)
    return rows[0]?.last ?? 0
  }

  return {
    know: async (ids) => {
      const missing = new Set<string>()
      for (const id of ids) if (!known.has(id)) missing.add(id)
      if (missing.size === 0) return
      const { rows } = await sql<{ id: string; number: number }>`
        select "id", "number" from usage_ids
        where "orgId" = ${organisation} and "id" in ${tx.forms.list([...missing])}`.execute(tx.db)
      for (const { id, number } of rows) {
        known.set(id, number)
        missing.delete(id)
      }
      const made: [string, string, number][] = []
      for (const id of [...missing].sort()) {
        last = (last ?? (await lastNumber())) + 1
        known.set(id, last)
        made.push([organisation, id, last])
      }
      await tx.forms.upsert('usage_ids', ['orgId', 'id', 'number'], ['orgId', 'id'], made).execute(tx.db)
    },
    of: (id) => {
      const number = known.get(id)
      if (number === undefined) throw new Error(`${id} has no number.`)
      return number
    },
  }
}
