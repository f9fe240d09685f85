// An amount of credits as somebody types it: "1400", "1,400", "1.400", "1 400".
import { MAX_CREDITS } from '#shared/model.ts'

const GROUPED = /^\d{1,3}(?:[,.\s'’\u00a0\u202f]\d{3})+$/u

/** The whole number, or what is wrong with it; neither for an empty text. */
export function readAmount(text: string): { credits?: number; problem?: string } {
  const typed = text.trim()
  if (typed === '') return {}
  if (!/^\d+$/.test(typed) && !GROUPED.test(typed)) return { problem: 'Credits are a whole number, like 1,500.' }
  const credits = Number(typed.replace(/\D/g, ''))
  if (credits > MAX_CREDITS) return { problem: 'That is more than can be stored.' }
  return { credits }
}
