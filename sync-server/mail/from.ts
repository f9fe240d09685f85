// The address that mails are from, as the environment names it.
import { toEmailKey } from '#shared/email.ts'
import type { Address } from './transport.ts'

/** @param text `Name <address>`, or an address alone @throws Error where it is neither */
export function readFrom(text: string): Address {
  const found = /^\s*(?:"?([^"<>]*?)"?\s*<([^<>]+)>|([^<>\s]+))\s*$/.exec(text)
  const address = toEmailKey(found?.[2] ?? found?.[3] ?? '')
  if (!address) throw new Error('MAIL_FROM is no address: write "Name <address>".')
  return { name: found?.[1] || 'Quartermaster', address }
}
