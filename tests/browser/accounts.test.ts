// Accounts as people meet them: an invitation and a forgotten password by mail from a real SMTP server, and a device that is revoked
// and holds nothing any more.
import type { Page } from '@playwright/test'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { wrongInBothThemes } from './axe.ts'
import { ADMIN, expect, saved, signIn, test as base, watchForFaults } from './server.ts'

const mails: string[] = []
/** The SMTP server is there before the app's server is, which is told of it by its environment. */
const test = base.extend<object, { smtp: string }>({
  smtp: [
    async ({ file }, use) => {
      const server = new SMTPServer({
        name: file.replace(/.*[\\/]/, ''),
        authOptional: true,
        disabledCommands: ['STARTTLS', 'AUTH'],
        onData: (stream, _session, done) => {
          const parts: Buffer[] = []
          stream.on('data', (part: Buffer) => parts.push(part))
          stream.on('end', () => {
            mails.push(Buffer.concat(parts).toString())
            done()
          })
        },
      })
      const listening = server.listen(0, '127.0.0.1')
      await once(listening, 'listening')
      process.env['SMTP_URL'] = `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`
      process.env['MAIL_FROM'] = 'Quartermaster <console@tern.example>'
      await use(process.env['SMTP_URL'])
      server.close(() => undefined)
    },
    { scope: 'worker', auto: true },
  ],
})
test.use({ file: import.meta.filename, users: 200 })

const NEW = 'seven purple kayaks'

/** The address in the last mail to somebody, as it is read in a mailbox. */
async function linkIn(to: string, page: string): Promise<string> {
  const found = () =>
    mails
      .filter((mail) => mail.includes(`To: ${to}`) || mail.includes(`<${to}>`))
      .map((mail) => mail.replace(/=\r?\n/g, '').replaceAll('=3D', '='))
      .flatMap((mail) => new RegExp(`http://[^\\s"<]*/${page}#[\\w-]{43}`).exec(mail)?.[0] ?? [])
      .at(-1)
  await expect.poll(found).toBeTruthy()
  return found() ?? ''
}

/** What this browser holds of the organisation, wherever a page can keep something. */
const held = (page: Page) =>
  page.evaluate(async () => {
    const rows: string[] = []
    for (const { name = '' } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name)
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
      for (const store of db.objectStoreNames) {
        const count = await new Promise<number>((resolve) => {
          const request = db.transaction(store).objectStore(store).count()
          request.onsuccess = () => resolve(request.result)
        })
        if (count > 0) rows.push(`${name} ${store} ${count}`)
      }
      db.close()
    }
    for (const key of await caches.keys())
      for (const { url } of await (await caches.open(key)).keys()) if (url.includes('/api/')) rows.push(url)
    return [...rows, ...Object.keys(localStorage).filter((key) => key.includes('account'))]
  })

test('an invited admin chooses a password by the link of a mail, once', async ({ page, browser, server }) => {
  const { faults } = watchForFaults(page.context())
  await signIn(page, server)
  await page.getByRole('button', { name: 'Add User', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('First name').fill('Mei')
  await dialog.getByLabel('Last name').fill('Tan')
  await dialog.getByLabel('E-mail').fill('mei.tan@tern.example')
  await dialog.getByRole('combobox', { name: 'Product' }).click()
  await page.getByRole('option', { name: /^Recruiter/ }).click()
  await dialog.getByRole('button', { name: 'Add 1 user' }).click()
  await expect(dialog).toBeHidden()
  await saved(page)
  // It waits a minute, in which an undo stops it: the minute is over.
  server.tamper('update mails set "notBefore" = 0')
  const link = await linkIn('mei.tan@tern.example', 'invite')
  expect(link.startsWith(`${server.url}/invite#`)).toBe(true)

  const guest = await (await browser.newContext()).newPage()
  await guest.goto(link)
  await guest.getByLabel('New password').fill('password1234')
  await guest.getByRole('button', { name: 'Accept the invitation' }).click()
  await expect(guest.getByRole('alert')).toContainText('well-known')
  await guest.getByLabel('New password').fill(NEW)
  await guest.getByRole('button', { name: 'Accept the invitation' }).click()
  await expect(guest.getByText('You’re in')).toBeVisible()
  await guest.goto('about:blank')
  await guest.goto(link)
  await expect(guest.getByRole('alert')).toContainText('was used already')
  expect(faults).toEqual([])
})

test('a forgotten password is chosen anew by mail', async ({ page, server }) => {
  const { faults } = watchForFaults(page.context())
  await page.goto(`${server.url}/sign-in`)
  await page.getByLabel('E-mail').fill('Ingrid.Solberg@tern.example')
  await page.getByRole('link', { name: 'Forgot password?' }).click()
  await expect(page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible()
  await expect(page.getByLabel('E-mail')).toHaveValue('Ingrid.Solberg@tern.example')
  await page.getByRole('button', { name: 'Send the link' }).click()
  await expect(page.getByRole('status')).toContainText('a mail is on its way')
  await page.goto(await linkIn(ADMIN.email, 'reset'))
  await page.getByLabel('New password').fill(NEW)
  await page.getByRole('button', { name: 'Set the password' }).click()
  await expect(page.getByRole('heading', { name: 'Dashboard', level: 1 })).toBeVisible()
  expect(faults).toEqual([])
})

test('a revoked device erases what it holds at its next contact, and says so', async ({ page, browser, server }) => {
  const who = { ...ADMIN, email: 'kwame.mensah@tern.example' }
  await signIn(page, server, who)
  const lost = await (await browser.newContext()).newPage()
  await signIn(lost, server, who)
  expect(await held(lost)).not.toEqual([])

  await page.goto(`${server.url}/settings#devices`)
  const rows = page.locator('#devices .setrow')
  await expect(rows.filter({ hasText: 'this one' })).toHaveCount(1)
  await rows.filter({ hasText: 'in touch' }).filter({ hasNotText: 'this one' }).first().getByRole('button').click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Revoke/ })
    .click()
  await expect(rows.filter({ hasText: 'Revoked' }).first()).toBeVisible()

  await expect(lost.getByRole('heading', { name: 'This device was revoked' })).toBeVisible()
  expect(await held(lost)).toEqual([])
})

test('axe finds nothing on the pages outside the console, in both themes, on a phone', async ({ page, server }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.emulateMedia({ reducedMotion: 'reduce' })
  for (const path of ['/sign-in', '/forgot', '/setup', `/invite#${'A'.repeat(43)}`, '/reset', '/confirm']) {
    await page.goto(server.url + path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    if (path.startsWith('/invite')) await expect(page.getByRole('alert')).toContainText('not complete')
    expect.soft(await wrongInBothThemes(page), path).toEqual([])
  }
})
