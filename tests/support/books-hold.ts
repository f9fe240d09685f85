// Holds the counters of a database against its ledger, by SQL that shares nothing with the code that counts.
import { sql } from 'kysely'
import type { Store } from '../../sync-server/store/index.ts'

/** Each counter that does not equal the sum over the ledger; empty where all of them do. */
export async function wrongSums(store: Store): Promise<unknown[]> {
  const checks = [
    // Days.
    sql`select 'day' as what, * from (
      select "day", "userId", "productId", "groupId", sum("credits") as c, sum("contactViews") as v from (
        select "day", "userId", "productId", "groupId", "credits", "contactViews" from usage_events
        union all select "day", "userId", "productId", "groupId", -"credits", -"contactViews" from usage_days)
      group by 1, 2, 3, 4) where c <> 0 or v <> 0`,
    // What was burnt of a day from all grants is what was used on it.
    sql`select 'burnt on' as what, * from (
      select "day", sum("credits") as c from (
        select "day", "credits" from usage_events union all select "day", -"credits" from grant_days)
      group by 1) where c <> 0`,
    // A grant's own count, and its parts by contract.
    sql`select 'grant' as what, g."id", coalesce(b."used", g."used") as used, d.c as burnt from grants g
      left join burnt b on b."orgId" = g."orgId" and b."grantId" = g."id"
      left join (select "grantId", sum("credits") as c from grant_days group by 1) d on d."grantId" = g."id"
      where coalesce(b."used", g."used") <> coalesce(d.c, 0)
        or coalesce(b."used", g."used") <> (select coalesce(sum(value), 0) from json_each(coalesce(b."usedBy", g."usedBy")))
        or (g."kind" <> 'overage' and coalesce(b."used", g."used") > g."credits" - g."voided")`,
    // Meters without a reset count their term from its start on.
    ...(['month', 'quarter', 'year', 'contract'] as const).map(
      (term) => sql`select 'meter' as what, ${term} as term, m."id", m.${sql.ref(term)} as counted, u.c from meters m
        left join (
          select m2."id" as id, sum(e."credits") as c from meters m2
          join usage_events e on e."orgId" = m2."orgId" and (e."userId" = m2."id" or e."groupId" = m2."id")
            and e."at" >= m2.${sql.ref(`${term}Since`)}
          group by 1) u on u.id = m."id"
        where m."markers" = '[]' and m.${sql.ref(term)} <> coalesce(u.c, 0)`,
    ),
    // Everything is either published as it stands or noted to be.
    sql`select 'unpublished' as what, b."day" from usage_blocks b
      left join (select "day", count(*) as n from usage_days group by 1) d on d."day" = b."day"
      where d.n <> b."entries" and b."day" not in (select "id" from unpublished where "kind" = 'day')`,
    sql`select 'never published' as what, d."day" from (select distinct "day" from usage_days) d
      where d."day" not in (select "day" from usage_blocks) and d."day" not in (select "id" from unpublished where "kind" = 'day')`,
  ]
  const found: unknown[] = []
  for (const check of checks) found.push(...(await check.execute(store.db)).rows)
  return found
}
