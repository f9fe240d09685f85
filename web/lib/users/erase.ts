// Whether what was typed names the user who is to be erased: by the name or by the e-mail, however it is written.
import { fold } from '#lib/replica/roster.ts'
import { toEmailKey } from '#shared/email.ts'
import type { User } from '#shared/model.ts'
import { fullName } from './facts.ts'

const plain = (text: string) => fold(text).trim().replace(/\s+/g, ' ')

export function isSamePerson(
  typed: string,
  user: Pick<User, 'email' | 'emailKey' | 'firstName' | 'lastName'>,
): boolean {
  if (plain(typed) === '') return false
  return plain(typed) === plain(fullName(user)) || toEmailKey(typed) === user.emailKey
}
