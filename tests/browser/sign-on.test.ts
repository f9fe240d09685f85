// Single sign-on as people meet it: an admin sets it up, somebody comes in by a real OpenID provider and works on without a network, and
// who is not let in is told why.
import type { Browser, Page } from '@playwright/test'
import { CLIENT, provider, type Running } from '../support/sign-on-provider.ts'
import { wrong } from './axe.ts'
import { ADMIN, expect, installed, saved, signIn, test as base, watchForFaults } from './server.ts'

const RETURN = '/api/auth/sign-on/return'
const back: string[] = []
/** The provider is there before the app's server is, which is told of its host by its environment. */
const test = base.extend<object, { there: Running }>({
  there: [
    async ({ file }, use) => {
      const people = {
        ingrid: { email: ADMIN.email, email_verified: true },
        stranger: { email: `stranger@${file.length}.example`, email_verified: true },
      }
      const there = await provider(people, () => back)
      process.env['ALLOWED_PRIVATE_HOSTS'] = there.host
      await use(there)
      await there.stop()
    },
    { scope: 'worker', auto: true },
  ],
})
test.use({ file: import.meta.filename, users: 200 })
// What the first one sets up, the others sign in by.
test.describe.configure({ mode: 'serial' })
test.beforeEach(({ server }) => void back.splice(0, 1, server.url + RETURN))

/** A browser of its own, that asks no host but this machine's: the provider's pages would like fonts. */
async function guest(browser: Browser): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' })
  await context.route(/fonts\.g/, (route) => route.abort())
  const { faults } = watchForFaults(context)
  return { page: await context.newPage(), faults }
}
/** At the provider, by its own pages. */
async function provePerson(page: Page, login: string) {
  await page.getByPlaceholder('Enter any login').fill(login)
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
}

test('an admin sets it up, and tries the connection', async ({ page, server, there }) => {
  const { faults } = watchForFaults(page.context())
  await signIn(page, server)
  await page.goto(`${server.url}/settings#sign-on`)
  const section = page.locator('#sign-on')
  await section.getByRole('button', { name: 'Set up single sign-on' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText(server.url + RETURN)).toBeVisible()
  await dialog.getByLabel('Issuer').fill('http://login.example')
  await dialog.getByLabel('Client ID').fill(CLIENT.id)
  await dialog.getByLabel('Client secret').fill(CLIENT.secret)
  await dialog.getByLabel('Short name').fill('northern-terns')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByText('must begin with https://')).toBeVisible()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await wrong(page, '[role=dialog]')).toEqual([])
  }
  await dialog.getByLabel('Issuer').fill(there.issuer)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  await section.getByRole('button', { name: 'Test the connection' }).click()
  await expect(section.getByRole('status')).toHaveText('The provider answers, and has what a sign-in needs.')
  await expect(section.getByText(`${server.url}/sign-in?sign-on=northern-terns`)).toBeVisible()
  expect(await wrong(page, '#sign-on')).toEqual([])
  // Neither the page nor what it asked for shows the secret again.
  await page.reload()
  await section.getByRole('button', { name: 'Edit single sign-on' }).click()
  await expect(dialog.getByLabel('Client secret')).toHaveValue('')
  expect(await page.content()).not.toContain(CLIENT.secret)
  expect(faults).toEqual([])
})

test('somebody comes in by the provider, to the page that was wanted, and opens it again without a network', async ({
  browser,
  server,
}) => {
  const { page, faults } = await guest(browser)
  await page.goto(`${server.url}/sign-in?next=/users`)
  await page.getByRole('button', { name: 'Continue with single sign-on' }).click()
  await page.getByLabel('Short name of your organisation').fill('Northern-Terns')
  await page.getByRole('button', { name: 'Continue to your organisation' }).click()
  await provePerson(page, 'ingrid')
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible()
  await saved(page)
  await installed(page)
  await page.reload()
  await saved(page)
  await page.context().setOffline(true)
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible()
  await expect(page.getByRole('banner').getByRole('button', { name: /^Offline/ })).toBeVisible()
  await expect(page.getByText('200 users').first()).toBeVisible()
  await page.context().setOffline(false)
  await page.goto(`${server.url}/activity`)
  await expect(page.getByText(/Sign in .*by single sign-on/).first()).toBeVisible()
  expect(faults).toEqual([])
})

test('who is not let in is told why, and one who has no provider just now signs in with the password', async ({
  browser,
  server,
  there,
}) => {
  const { page, faults } = await guest(browser)
  await page.goto(`${server.url}/sign-in?sign-on=northern-terns`)
  await provePerson(page, 'stranger')
  await expect(page.getByRole('alert').filter({ hasText: 'Nobody with your e-mail address' })).toBeVisible()
  expect(await wrong(page, 'main')).toEqual([])

  await page.goto(`${server.url}/sign-in?sign-on=another-place`)
  await expect(page.getByRole('alert').filter({ hasText: 'No organisation signs in by this name' })).toBeVisible()

  await there.stop()
  // What discovery found is remembered by the server that runs.
  await server.restart()
  try {
    await page.goto(`${server.url}/sign-in?sign-on=northern-terns`)
    await expect(page.getByRole('alert').filter({ hasText: 'can’t be reached just now' })).toBeVisible()
    await signIn(page, server)
  } finally {
    await there.start()
  }
  expect(faults).toEqual([])
})
