// A credit limit as somebody types it, or as our export has it.
import { readAmount } from '#lib/users/amount.ts'
import { MAX_CREDITS, TERMS, type LimitChoice } from '#shared/model.ts'

const INHERIT: ReadonlySet<string> = new Set(['', 'inherit', 'group', 'default'])

/** "1,000", "6,000 a quarter", "unlimited", "blocked"; null inherits; undefined where it is none of these. */
export function readLimit(text: string): LimitChoice | null | undefined {
  const typed = text.trim().toLowerCase()
  if (INHERIT.has(typed)) return null
  const [, amount = typed, named = 'month'] =
    /^(.+?)\s*(?:(?:\ba|\bper|\bfor the|\/)\s*(month|quarter|year|contract))$/.exec(typed) ?? []
  const term = TERMS.find((known) => known === named) ?? 'month'
  if (amount === 'unlimited' || amount === 'no limit') return { credits: null, term }
  if (amount === 'blocked') return { credits: 0, term }
  const { credits } = readAmount(amount)
  return credits === undefined || credits > MAX_CREDITS ? undefined : { credits, term }
}
