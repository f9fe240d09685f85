// That this device is locked, and why: kept so that a reload stays locked, and all tabs with it.
import * as v from 'valibot'

const KEY = 'quartermaster.locked'

const Locked = v.object({
  /** `idle`: nobody touched it for as long as the organisation allows; `lease`: it was without contact for as long. */
  why: v.picklist(['idle', 'lease']),
  /** The server knows of no session of this browser any more. */
  sessionEnded: v.boolean(),
})
export type Locked = v.InferOutput<typeof Locked>

/** What can't be read is locked as well. */
export function keptLock(): Locked | undefined {
  const text = localStorage.getItem(KEY)
  if (text === null) return undefined
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Locked), text)
  return parsed.success ? parsed.output : { why: 'idle', sessionEnded: false }
}

export const keepLock = (locked: Locked): void => localStorage.setItem(KEY, JSON.stringify(locked))

export const forgetLock = (): void => localStorage.removeItem(KEY)

export const isOfLock = ({ key }: Pick<StorageEvent, 'key'>): boolean => key === KEY || key === null
