// What a limit is called. Numbers and dates are formatted by the caller, so that this stays pure and speaks each locale.
import type { LimitChoice } from './model.ts'

const plain = (n: number) => n.toLocaleString('en')

/** "2,000 a month", "6,000 a quarter", "24,000 for the contract", "blocked", "unlimited"; "inherited" where there is none. */
export function limitWords(limit: LimitChoice | null, number: (n: number) => string = plain): string {
  if (!limit) return 'inherited'
  if (limit.credits === 0) return 'blocked'
  if (limit.credits === null) return 'unlimited'
  return `${number(limit.credits)} ${limit.term === 'contract' ? 'for the contract' : `a ${limit.term}`}`
}
