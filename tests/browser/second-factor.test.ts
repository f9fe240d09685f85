// A second factor as people meet it: an authenticator app, a passkey, recovery codes; a reset that is no way round; an organisation that
// asks for one while changes wait; and the console opening without a network afterwards.
import type { CDPSession, Page } from '@playwright/test'
import { TOTP } from 'otpauth'
import { wrongInBothThemes } from './axe.ts'
import { expect, installed, saved, test, waits, watchForFaults, type Server } from './server.ts'

test.use({ file: import.meta.filename, users: 200 })
// Each signs in several times, and a password takes its time on a busy machine.

interface Person {
  email: string
  password: string
}

/** An admin of its own for each test, so that none needs another, and the link by which it chooses a password. */
function invited(server: Server, name: string): Person & { link: string } {
  const email = `${name.toLowerCase()}@tern.example`
  const told = server.host('add-admin', '--email', email, '--name', `${name} Holm`)
  const link = /http:\/\/\S+\/invite#\S+/.exec(told)?.[0]
  if (!link) throw new Error(`No link in: ${told}`)
  return { email, password: 'nine amber lanterns', link }
}

/** One who has chosen the password, as the page has it chosen. */
async function admin(server: Server, name: string): Promise<Person> {
  const { link, ...who } = invited(server, name)
  const answer = await fetch(`${server.url}/api/links/use`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url },
    body: JSON.stringify({ token: new URL(link).hash.slice(1), password: who.password }),
  })
  if (!answer.ok) throw new Error(`${name} could not come: ${answer.status} ${await answer.text()}`)
  return who
}

const dialog = (page: Page) => page.getByRole('dialog')
const second = (page: Page) => page.getByRole('region', { name: 'One more step' })

async function enterPassword(page: Page, server: Server, who: Person): Promise<void> {
  await page.goto(`${server.url}/sign-in?next=/users`)
  await page.getByLabel('E-mail').fill(who.email)
  await page.getByLabel('Password').fill(who.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
async function isIn(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Users', level: 1 }).waitFor()
  await saved(page)
}
const isAsked = (page: Page) => page.getByRole('heading', { name: 'Set up a second factor', level: 1 }).waitFor()
async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: /^Sign in/ }).waitFor()
}

/**
 * The code that an app shows now, or next. Each is good once, and the server takes the one before and the one after its own time: so the
 * app is added with this one and signs in with the next, and nothing waits for the clock.
 */
const codeOf = (secret: string, which: 'now' | 'next'): string =>
  new TOTP({ secret }).generate({ timestamp: Date.now() + (which === 'next' ? 30_000 : 0) })

/** Adds an authenticator app in the dialog that is open. @returns its secret and the recovery codes */
async function addApp(page: Page, name: string): Promise<{ secret: string; codes: string[] }> {
  await expect(dialog(page).getByRole('img', { name: 'The key as a QR code' })).toBeVisible()
  const key = await dialog(page).getByLabel('Key', { exact: true }).innerText()
  expect(key).toMatch(/^([A-Z2-7]{4} )+[A-Z2-7]{1,4}$/)
  const secret = key.replaceAll(' ', '')
  await dialog(page).getByLabel('Name').fill(name)
  await dialog(page).getByLabel('Code that the app shows').fill(codeOf(secret, 'now'))
  await dialog(page).getByRole('button', { name: 'Add the app' }).click()
  return { secret, codes: await keepCodes(page) }
}

/** Leaves the recovery codes, which can only be done by saying that they are kept. */
async function keepCodes(page: Page): Promise<string[]> {
  await expect(dialog(page).getByRole('heading', { name: 'Your recovery codes' })).toBeVisible()
  const codes = await dialog(page).locator('.codes li').allInnerTexts()
  expect(codes).toHaveLength(10)
  await page.keyboard.press('Escape')
  await dialog(page).getByRole('button', { name: 'Done' }).press('Enter')
  await expect(dialog(page).getByRole('status')).toContainText('Say first that you have kept them')
  await dialog(page).getByLabel('I have kept them').check()
  await dialog(page).getByRole('button', { name: 'Done' }).click()
  await expect(dialog(page)).toBeHidden()
  return codes
}

/** A device with finger or face, as Chromium plays it. */
async function authenticator(page: Page): Promise<{ session: CDPSession; id: string }> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId: id } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return { session, id }
}

/** The console opens without a network, with what this device knows. */
async function opensOffline(page: Page): Promise<void> {
  await installed(page)
  await page.context().setOffline(true)
  await page.goto(page.url())
  await page.getByRole('heading', { name: 'Users', level: 1 }).waitFor()
  await waits(page, /^Offline/)
  await expect(page.getByText('Copy of 20')).toBeVisible()
  await page.context().setOffline(false)
  await saved(page)
}

test('by password and the code of an app, and by a recovery code; offline afterwards', async ({ page, server }) => {
  const { faults } = watchForFaults(page.context())
  const ada = await admin(server, 'Ada')
  await enterPassword(page, server, ada)
  await isIn(page)
  await page.goto(`${server.url}/settings#sign-in`)
  await expect(page.locator('#sign-in')).toContainText('your password alone opens your account')
  await page.getByRole('button', { name: 'Add an authenticator app' }).click()
  const { secret, codes } = await addApp(page, 'Work phone')
  await expect(page.locator('#sign-in')).toContainText('Work phone')
  await expect(page.locator('#sign-in')).toContainText('10 codes are left')
  await signOut(page)

  await enterPassword(page, server, ada)
  await second(page).getByLabel('Code of your authenticator app').fill('000000')
  await expect(second(page).getByText('This code is not right.')).toBeVisible()
  await page.context().setOffline(true)
  await second(page).getByLabel('Code of your authenticator app').fill(codeOf(secret, 'next'))
  await expect(second(page).getByRole('alert')).toContainText('There is no network.')
  await expect(second(page).getByLabel('Code of your authenticator app')).toHaveValue(/^\d{6}$/)
  await page.context().setOffline(false)
  await second(page).getByRole('button', { name: 'Continue' }).click()
  await isIn(page)
  await opensOffline(page)
  await signOut(page)

  await enterPassword(page, server, ada)
  await second(page).getByRole('button', { name: 'Use a recovery code' }).click()
  await second(page)
    .getByLabel('Recovery code')
    .fill(codes[3]?.toLowerCase() ?? '')
  await second(page).getByRole('button', { name: 'Continue' }).click()
  await isIn(page)
  await page.goto(`${server.url}/settings#sign-in`)
  await expect(page.locator('#sign-in')).toContainText('9 codes are left')
  expect(faults).toEqual([])
})

test('by a passkey alone, and by password and passkey; offline afterwards', async ({ page, server }) => {
  const { faults } = watchForFaults(page.context())
  const bo = await admin(server, 'Bo')
  const { session, id } = await authenticator(page)
  await enterPassword(page, server, bo)
  await isIn(page)
  await page.goto(`${server.url}/settings#sign-in`)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await dialog(page).getByLabel('Name').fill('Laptop')
  await dialog(page).getByRole('button', { name: 'Add a passkey' }).click()
  await keepCodes(page)
  await expect(page.locator('#sign-in')).toContainText('Laptop')
  // Nobody touches the device from here on until it is said: what the e-mail field offers waits.
  await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: id, enabled: false })
  await signOut(page)

  await enterPassword(page, server, bo)
  await expect(second(page).getByRole('button', { name: 'Continue with a passkey' })).toBeFocused()
  await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: id, enabled: true })
  await page.keyboard.press('Enter')
  await isIn(page)
  await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: id, enabled: false })
  await signOut(page)

  // The button is tried: what the field offers would answer by itself, and be first.
  await page.route('**/api/auth/passkey/options', (route) => route.abort(), { times: 1 })
  const offered = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/passkey/options'))
  await page.goto(`${server.url}/sign-in?next=/users`)
  await offered
  await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: id, enabled: true })
  await page.getByRole('button', { name: 'Continue with a passkey' }).click()
  await isIn(page)
  await opensOffline(page)

  // Offered in the e-mail field it is the same: a device that answers at once stands for the choice there.
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor()
  expect(faults).toEqual([])
})

test('a first password by a link opens the app; a new one by a link asks for the second factor, too', async ({
  page,
  server,
}) => {
  const cy = invited(server, 'Cy')
  await page.goto(cy.link)
  await page.getByLabel('New password').fill(cy.password)
  await page.getByRole('button', { name: 'Accept the invitation' }).click()
  await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor()
  await page.goto(`${server.url}/settings#sign-in`)
  await page.getByRole('button', { name: 'Add an authenticator app' }).click()
  const { secret } = await addApp(page, 'Phone')
  await signOut(page)

  const told = server.host('restore-admin', '--email', cy.email)
  await page.goto(/http:\/\/\S+\/reset#\S+/.exec(told)?.[0] ?? '')
  await page.getByLabel('New password').fill('seven purple kayaks')
  await page.getByRole('button', { name: 'Set the password' }).click()
  await expect(second(page)).toBeVisible()
  // Half signed in is not signed in.
  expect(await page.evaluate(async () => (await fetch('/api/session')).status)).toBe(401)
  await second(page).getByLabel('Code of your authenticator app').fill(codeOf(secret, 'next'))
  await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor()
})

test('an organisation that asks for one: what waits stays, is sent afterwards, and the page is there again', async ({
  page,
  server,
}) => {
  const { faults } = watchForFaults(page.context())
  const dee = await admin(server, 'Dee')
  await enterPassword(page, server, dee)
  await isIn(page)
  await installed(page)
  await page.context().setOffline(true)
  await waits(page, /^Offline/)
  await page.getByRole('button', { name: 'Add User', exact: true }).click()
  await dialog(page).getByLabel('First name').fill('Eli')
  await dialog(page).getByLabel('Last name').fill('Waits')
  await dialog(page).getByLabel('E-mail').fill('eli.waits@tern.example')
  await dialog(page).getByRole('combobox', { name: 'Product' }).click()
  await page.getByRole('option', { name: /^Recruiter/ }).click()
  await dialog(page).getByRole('button', { name: 'Add 1 user' }).click()
  await waits(page, /^Offline · 1 waiting/)

  server.tamper(`update organisations set secondFactor = 'admins'`)
  await page.context().setOffline(false)
  await isAsked(page)
  await expect(page.getByText('1 change waits on this device')).toBeVisible()
  // Neither the console nor a reload is a way round, and neither loses what waits.
  await page.goto(`${server.url}/dashboard`)
  await isAsked(page)
  expect(new URL(page.url()).searchParams.get('next')).toBe('/dashboard')
  await page.goto(`${server.url}/users?role=admin`)
  await isAsked(page)

  await page.getByRole('button', { name: 'Add an authenticator app' }).click()
  await addApp(page, 'Phone')
  await isIn(page)
  expect(new URL(page.url()).search).toBe('?role=admin')
  expect(server.rows(`select status from users where email = 'eli.waits@tern.example'`)).toHaveLength(1)

  // The last one stays for as long as it is asked for.
  await page.goto(`${server.url}/settings#sign-in`)
  await page.getByRole('button', { name: 'Remove Phone' }).click()
  await dialog(page).getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(dialog(page).getByRole('alert')).toContainText('Add another one first, then remove this one.')
  server.tamper(`update organisations set secondFactor = 'off'`)
  await dialog(page).getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(page.locator('#sign-in')).toContainText('your password alone opens your account')
  expect(faults).toEqual([])
})

test('a sign-in long ago: the password is asked for before anything is changed', async ({ page, server }) => {
  const flo = await admin(server, 'Flo')
  await enterPassword(page, server, flo)
  await isIn(page)
  server.tamper(`update auth_sessions set freshAt = freshAt - 24 * 3600 * 1000`)
  await page.goto(`${server.url}/settings#sign-in`)
  await page.getByRole('button', { name: 'Add an authenticator app' }).click()
  await expect(dialog(page).getByRole('heading', { name: 'Confirm that it is you' })).toBeVisible()
  await dialog(page).getByLabel('Password').fill('not the password')
  await dialog(page).getByRole('button', { name: 'Confirm' }).click()
  await expect(dialog(page).getByText('This is not your password.')).toBeVisible()
  await dialog(page).getByLabel('Password').fill(flo.password)
  await dialog(page).getByRole('button', { name: 'Confirm' }).click()
  await addApp(page, 'Phone')
  await expect(page.locator('#sign-in')).toContainText('Phone')
})

test('axe finds nothing in what asks for a second factor, in both themes, at a desk and on a phone', async ({
  page,
  server,
}) => {
  const gil = await admin(server, 'Gil')
  const clean = async (what: string, within = 'body') => {
    expect.soft(await wrongInBothThemes(page, within), what).toEqual([])
  }
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await enterPassword(page, server, gil)
  await isIn(page)
  server.tamper(`update organisations set secondFactor = 'everyone'`)
  await page.goto(`${server.url}/second-factor?next=/settings`)
  await page.setViewportSize({ width: 390, height: 844 })
  await expect(page.getByRole('button', { name: 'Add an authenticator app' })).toBeVisible()
  await clean('enrolment')
  await page.getByRole('button', { name: 'Add an authenticator app' }).click()
  await expect(dialog(page).getByRole('img')).toBeVisible()
  await clean('key', '[role="dialog"]')
  await page.setViewportSize({ width: 1440, height: 900 })
  await clean('key, at a desk', '[role="dialog"]')
  const secret = (await dialog(page).getByLabel('Key', { exact: true }).innerText()).replaceAll(' ', '')
  await dialog(page).getByLabel('Code that the app shows').fill(codeOf(secret, 'now'))
  await dialog(page).getByRole('button', { name: 'Add the app' }).click()
  await expect(dialog(page).getByText('I have kept them')).toBeVisible()
  await clean('codes', '[role="dialog"]')
  await keepCodes(page)
  await expect(page.locator('#sign-in')).toContainText('10 codes are left')
  await clean('settings', '#sign-in')
  server.tamper(`update organisations set secondFactor = 'off'`)
  await signOut(page)
  await enterPassword(page, server, gil)
  await expect(second(page)).toBeVisible()
  await clean('second step')
  await page.setViewportSize({ width: 390, height: 844 })
  await second(page).getByLabel('Code of your authenticator app').fill('000000')
  await expect(second(page).getByText('This code is not right.')).toBeVisible()
  await clean('second step, refused')
})
