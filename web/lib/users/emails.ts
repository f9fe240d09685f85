// E-mail addresses as somebody types or pastes them: what one lacks, and a list out of a mail's "To" line, a column, a chat.
import { toEmailKey, type EmailKey } from '#shared/email.ts'

/**
 * The addresses in a text, each once and in order; empty unless there are two at least and nearly all of the text is addresses, so that
 * an ordinary search is never taken for a list. Reads `Ada Lovelace <ada@tern.example>; bo@tern.example` as well as one a line.
 */
export function emailsIn(text: string): { key: EmailKey; typed: string }[] {
  const found = new Map<EmailKey, string>()
  let others = 0
  for (const part of text.split(/[\n\r\t,;]+/)) {
    const typed = (/<([^<>]+)>/.exec(part)?.[1] ?? part).trim()
    if (!typed) continue
    // Addresses with blanks between them, as a selection in a chat has it.
    for (const piece of typed.split(/\s+/)) {
      const key = toEmailKey(piece)
      if (!key) others += 1
      else if (!found.has(key)) found.set(key, piece)
    }
  }
  if (found.size < 2 || others > found.size) return []
  return [...found].map(([key, typed]) => ({ key, typed }))
}

/** What an e-mail lacks, as far as one can tell; undefined where it looks complete. */
export function emailProblem(email: string): string | undefined {
  const [local = '', domain, ...more] = email.trim().split('@')
  if (domain === undefined) return 'This is not an e-mail address: it has no @.'
  if (more.length > 0) return 'This is not an e-mail address: it has more than one @.'
  if (!local) return 'This is not a complete e-mail address: nothing stands before @.'
  if (!domain.includes('.')) return 'This is not a complete e-mail address: the part after @ has no dot.'
  if (/\s/.test(email.trim())) return 'An e-mail address has no blanks.'
  return 'This e-mail address can’t be mailed.'
}
