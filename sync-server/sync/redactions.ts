// What an erasure has made of earlier contents of the log: its entry lists them with the digests that they have since. By these lists,
// each covered by the chain itself, a content is trusted that no longer fits the digest of its own entry.
import * as v from 'valibot'

export const CONTENTS = ['args', 'outcomes', 'images'] as const
export type Content = (typeof CONTENTS)[number]

/** Which content of which entry reads otherwise now, and its digest; null: nothing is left of it. */
export const Redaction = v.tuple([v.number(), v.picklist(CONTENTS), v.nullable(v.string())])
export type Redaction = v.InferOutput<typeof Redaction>
export const ERASES = 'erase-user'

const Outcomes = v.object({ redacted: v.optional(v.array(Redaction), []) })

/** The list in the outcomes of an erasure's entry; empty where there is none that can be read. */
export function redactionsIn(outcomes: string | null): readonly Redaction[] {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Outcomes), outcomes)
  return parsed.success ? parsed.output.redacted : []
}

/** An erasure's entry as it stands. */
export interface ErasureEntry {
  version: number
  /** The digest of its outcomes as they are now; null where they are gone. */
  digest: string | null
  /** Whether that is the digest which its entry had from the start. */
  own: boolean
  redacted: readonly Redaction[]
}

export const contentKey = (version: number, content: Content): string => `${version} ${content}`

/**
 * What contents have to read as, by the newest word on each. From the newest erasure to the oldest: one that was redacted itself is
 * trusted where a later one, already trusted, says so; and none says anything of entries behind it.
 */
export function redactedDigests(erasures: readonly ErasureEntry[]): Map<string, string | null> {
  const latest = new Map<string, string | null>()
  for (const { version, digest, own, redacted } of erasures.toSorted((a, b) => b.version - a.version)) {
    const word = latest.get(contentKey(version, 'outcomes'))
    if (word === undefined ? !own : word !== digest) continue
    for (const [of, content, as] of redacted) {
      const key = contentKey(of, content)
      if (of < version && !latest.has(key)) latest.set(key, as)
    }
  }
  return latest
}
