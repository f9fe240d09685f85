// The texts of mails, as plain text and as HTML. Every value is cleaned and escaped here: names are typed by people, and may hold
// markup, line breaks, or characters that turn the direction of what follows.

export interface Letter {
  subject: string
  text: string
  html: string
}

export interface Facts {
  /** Who is addressed, by name. */
  name: string
  organisation: string
  /** What the link leads to; a letter without one only tells. */
  link?: string | undefined
  /** The address that the person signs in with. */
  email: string
}

const LONGEST = 120

/** A typed value as one harmless line: no control or direction character, no more than a line's length. */
export function line(value: string): string {
  const clean = value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  const letters = [...clean]
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join('')}…` : clean
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
export const escaped = (value: string): string => value.replace(/[&<>"']/g, (found) => ESCAPES[found] ?? found)

const NOT_YOU =
  'If it was you, you need do nothing. If not, choose a new password by “Forgot password?” on the sign-in page at once, and look through Settings, Sign-in.'

interface Parts {
  subject: string
  lines: readonly string[]
  button?: string
  after?: readonly string[]
}

const parts: Record<Template, (facts: Facts) => Parts> = {
  invitation: ({ organisation }) => ({
    subject: `You are invited to ${organisation}`,
    lines: [`${organisation} has added you as a user. Choose a password to begin.`],
    button: 'Accept the invitation',
    after: ['The link works once, within 7 days. If you did not expect this mail, you need do nothing.'],
  }),
  'reset-password': ({ organisation }) => ({
    subject: 'Choose a new password',
    lines: [
      `A new password was asked for at ${organisation}. Choose it by this link; it ends the sessions that you have elsewhere.`,
    ],
    button: 'Choose a new password',
    after: [
      'The link works once, within one hour. If you did not ask for it, you need do nothing: your password stays as it is.',
    ],
  }),
  'confirm-email': ({ organisation, email }) => ({
    subject: 'Confirm your new e-mail address',
    lines: [
      `An administrator of ${organisation} has entered this address as yours. Confirm it to sign in with it from then on.`,
      `Until then you sign in with ${email}.`,
    ],
    button: 'Confirm this address',
    after: ['You will be asked for your password. The link works once, within 7 days.'],
  }),
  tries: ({ email }) => ({
    subject: 'Somebody tries to sign in as you',
    lines: [
      `There were several tries to sign in as ${email} with a wrong password. Further ones are slowed down.`,
      'Browsers in which you have signed in before are not affected. If it was you, wait a little, or choose a new password by “Forgot password?” on the sign-in page.',
    ],
  }),
  'factor-tries': ({ email }) => ({
    subject: 'Somebody knows your password',
    lines: [
      `There were several sign-ins as ${email} with the right password and a wrong code. Your second factor has kept them out; further tries are slowed down.`,
      'If it was not you, choose a new password by “Forgot password?” on the sign-in page.',
    ],
  }),
  'factor-added': ({ email }) => ({
    subject: 'A second factor was added to your account',
    lines: [`A passkey or an authenticator app can be used from now on to sign in as ${email}.`, NOT_YOU],
  }),
  'factor-removed': ({ email }) => ({
    subject: 'A second factor was removed from your account',
    lines: [`A passkey or an authenticator app can’t be used any more to sign in as ${email}.`, NOT_YOU],
  }),
  'factors-reset': ({ email }) => ({
    subject: 'The second factors of your account were removed',
    lines: [
      `An operator of the server has removed all passkeys, authenticator apps and recovery codes of ${email}, and ended its sessions.`,
      'Sign in with your password and add a second factor anew. If you did not ask for this, tell an administrator.',
    ],
  }),
  'password-changed': ({ email }) => ({
    subject: 'Your password was changed',
    lines: [
      `The password of ${email} was changed in Settings, by who knew the one of before. Other sessions have ended.`,
      NOT_YOU,
    ],
  }),
  'recovery-used': ({ email }) => ({
    subject: 'A recovery code was used to sign in as you',
    lines: [`Somebody has signed in as ${email} with the password and a recovery code. That code is used up.`, NOT_YOU],
  }),
  'recovery-renewed': ({ email }) => ({
    subject: 'You have new recovery codes',
    lines: [`New recovery codes were made for ${email}. Those of before are worth nothing any more.`, NOT_YOU],
  }),
}

/** What only tells the owner of an account something. */
export const ACCOUNT_TEMPLATES = [
  'tries',
  'factor-tries',
  'factor-added',
  'factor-removed',
  'factors-reset',
  'password-changed',
  'recovery-used',
  'recovery-renewed',
] as const
export type AccountTemplate = (typeof ACCOUNT_TEMPLATES)[number]
export type Template = 'invitation' | 'reset-password' | 'confirm-email' | AccountTemplate
export const isTemplate = (name: string): name is Template => name in parts

/** Writes a letter. The link must be of our own making; all else may be anything that somebody has typed. */
export function write(template: Template, given: Facts): Letter {
  const facts = { ...given, name: line(given.name), organisation: line(given.organisation), email: line(given.email) }
  const { subject, lines, button, after = [] } = parts[template](facts)
  const greeting = facts.name === '' ? 'Hello,' : `Hello ${facts.name},`
  const { link } = facts
  const paragraphs = [greeting, ...lines, ...(link === undefined ? [] : [link]), ...after, 'Quartermaster']
  return { subject, text: `${paragraphs.join('\n\n')}\n`, html: page(subject, greeting, lines, link, button, after) }
}

const page = (
  subject: string,
  greeting: string,
  lines: readonly string[],
  link: string | undefined,
  button: string | undefined,
  after: readonly string[],
): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head>
<body style="margin:0;padding:24px;background:#f6f7f9;font:16px/1.5 system-ui,sans-serif;color:#1b1f27">
<div style="max-width:560px;margin:0 auto;padding:24px;background:#fff;border:1px solid #dfe3e9;border-radius:8px">
<p>${escaped(greeting)}</p>
${lines.map((text) => `<p>${escaped(text)}</p>`).join('\n')}
${link === undefined ? '' : linkIn(link, button ?? 'Open')}
${after.map((text) => `<p style="color:#5a6372">${escaped(text)}</p>`).join('\n')}
<p style="color:#5a6372">Quartermaster</p>
</div></body></html>
`

const linkIn = (link: string, button: string): string =>
  `<p><a href="${escaped(link)}" style="display:inline-block;padding:10px 16px;background:#2f5bd7;color:#fff;border-radius:6px;text-decoration:none">${escaped(button)}</a></p>
<p style="color:#5a6372;overflow-wrap:anywhere">Or open ${escaped(link)}</p>`
