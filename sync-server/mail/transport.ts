// How a letter leaves: by SMTP, or into a folder where no SMTP server is named. Addresses travel as objects, never as text that a
// mailer would parse again.
import { createTransport, type SendMailOptions } from 'nodemailer'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Letter } from './letter.ts'

export interface Address {
  name: string
  address: string
}

export interface Outgoing extends Letter {
  /** Stays the same when it is tried again: a server that has it already knows it. */
  id: string
  to: Address
}

export interface Transport {
  /** @throws {NeverDelivered} where trying again can't help; any other error may pass */
  send(mail: Outgoing): Promise<void>
  /** Takes back what did not leave this machine, where that can be. */
  takeBack?(id: string): void
  close(): void
}

/** The server of the recipient has refused for good. */
export class NeverDelivered extends Error {
  override readonly name = 'NeverDelivered'
}

const TIMEOUTS = { connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 30_000 }
/** Nothing in a mail is ever read from a file or fetched from an address. */
const CLOSED = { disableFileAccess: true, disableUrlAccess: true }

const messageOf = (from: Address, { id, to, subject, text, html }: Outgoing): SendMailOptions => ({
  from,
  to,
  subject,
  text,
  html,
  messageId: `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
  headers: { 'Auto-Submitted': 'auto-generated' },
  ...CLOSED,
})

/** @param url `smtp://user:password@host:587` or `smtps://…` */
export function smtp(url: string, from: Address): Transport {
  const mailer = createTransport({ url, pool: true, maxConnections: 2, ...TIMEOUTS, ...CLOSED })
  return {
    send: async (mail) => {
      try {
        await mailer.sendMail(messageOf(from, mail))
      } catch (error) {
        throw isFinal(error) ? new NeverDelivered(told(error), { cause: error }) : error
      }
    },
    close: () => mailer.close(),
  }
}

/** A 5xx to the recipient or the message is final; one to the connection or the sign-in may be mended on the server. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof Error) || !('responseCode' in error) || !('command' in error)) return false
  const { responseCode, command } = error
  return typeof responseCode === 'number' && responseCode >= 500 && /^(RCPT TO|DATA)/.test(String(command))
}

/** An error in a short sentence, for people: without line breaks, and no longer than a line or two. */
export const told = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/[\p{Cc}\s]+/gu, ' ').slice(0, 300)

/** The mails of the folder by their ids. */
export interface Folder extends Transport {
  takeBack(id: string): void
  kept: () => readonly Outgoing[]
  filed: () => string[]
}

/** Writes each mail as a file of its own, and keeps the last ones in memory for `kept`. */
export function folder(path: string, from: Address): Folder {
  const END = '.eml'
  const mailer = createTransport({ streamTransport: true, buffer: true, newline: 'unix', ...CLOSED })
  const kept: Outgoing[] = []
  return {
    send: async (mail) => {
      const { message } = await mailer.sendMail(messageOf(from, mail))
      mkdirSync(path, { recursive: true, mode: 0o700 })
      writeFileSync(join(path, mail.id + END), message.toString(), { mode: 0o600 })
      kept.unshift(mail)
      kept.length = Math.min(kept.length, 50)
    },
    takeBack: (id) => {
      rmSync(join(path, id + END), { force: true })
      const at = kept.findIndex((mail) => mail.id === id)
      if (at >= 0) kept.splice(at, 1)
    },
    kept: () => kept,
    filed: () => filesIn(path).flatMap((name) => (name.endsWith(END) ? [name.slice(0, -END.length)] : [])),
    close: () => mailer.close(),
  }
}

function filesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    // The folder is made with the first mail.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
