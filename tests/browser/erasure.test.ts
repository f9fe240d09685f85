// Erasing a user: asked twice and only for the one who is named; it waits in the queue without a network and can be taken back; and after one
// sync no other browser holds anything of that user, in whatever store.
import type { BrowserContext, Page } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { wrong } from './axe.ts'
import { ADMIN, expect, installed, saved, signIn, test, waits, watchForFaults, type Server } from './server.ts'

test.use({ file: import.meta.filename, users: 200 })

const KWAME = { email: 'kwame.mensah@tern.example', password: ADMIN.password }
/** Everything that is personal of her; each is found nowhere else. */
const ANA = {
  firstName: 'Anabelaqx',
  lastName: 'Sylvaniaqx',
  email: 'ana.qx@erased.example',
  title: 'Botanistqx',
  phone: '555-0177-qx',
  externalId: 'EXT-QX-1',
}
const NAME = `${ANA.firstName} ${ANA.lastName}`

/** Whatever this browser stores for the app's origin, as text. */
const stored = (page: Page) =>
  page.evaluate(async () => {
    const asked = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error ?? new Error('no answer'))
      })
    const parts: string[] = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })]
    for (const { name = '' } of await indexedDB.databases()) {
      const db = await asked(indexedDB.open(name))
      for (const store of db.objectStoreNames)
        parts.push(`${name} ${store} ${JSON.stringify(await asked(db.transaction(store).objectStore(store).getAll()))}`)
      db.close()
    }
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      for (const request of await cache.keys()) {
        const response = await cache.match(request)
        parts.push(request.url, (await response?.text()) ?? '')
      }
    }
    return parts.join('\n')
  })
const heldOf = async (page: Page) => {
  const text = await stored(page)
  return Object.values(ANA).filter((value) => text.includes(value))
}

const add = async (page: Page, person: typeof ANA) => {
  await page.getByRole('region', { name: 'User actions' }).getByRole('button', { name: 'Add User' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add User' })
  for (const [label, value] of [
    ['First name', person.firstName],
    ['Last name', person.lastName],
    ['E-mail', person.email],
    ['Title', person.title],
    ['Phone', person.phone],
    ['External id', person.externalId],
  ] as const)
    await dialog.getByLabel(label).fill(value)
  await dialog.getByRole('combobox', { name: /Product/ }).click()
  await page.getByRole('option', { name: /^Insights/ }).click()
  await dialog.getByRole('button', { name: 'Add 1 user' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await saved(page)
}
const idOf = (server: Server, email: string) =>
  server.rows<{ id: string }>('select id from users where email = ?', email)[0]?.id ?? ''

async function openDialog(page: Page, name: string) {
  await page.getByRole('complementary', { name }).getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Erase User' }).click()
  const dialog = page.getByRole('dialog', { name: 'Erase User' })
  await expect(dialog.getByRole('button', { name: 'Go on' })).toHaveAttribute('aria-disabled', 'false')
  return dialog
}
const second = async (context: BrowserContext, server: Server) => {
  const page = await context.newPage()
  await signIn(page, server, KWAME)
  return page
}

test('after one sync nothing of an erased user is left in another browser; her data was a file before', async ({
  page,
  context,
  browser,
  server,
}) => {
  const { faults } = watchForFaults(context)
  await signIn(page, server)
  await add(page, ANA)
  const id = idOf(server, ANA.email)

  // The other browser has seen her everywhere: list, panel, activity, a search, an operation of its own, typed rows.
  const other = await browser.newContext()
  const kwame = await second(other, server)
  await installed(kwame)
  await kwame.goto(`${server.url}/users/${id}`)
  await kwame.getByRole('button', { name: 'More actions' }).click()
  await kwame.getByRole('menuitem', { name: 'Assign Group' }).click()
  const assign = kwame.getByRole('dialog', { name: 'Assign Group' })
  await assign.getByRole('combobox').fill('EMEA Sales')
  await kwame.getByRole('option', { name: /^EMEA Sales/ }).click()
  await assign.getByRole('button', { name: /^Assign/ }).click()
  await saved(kwame)
  await kwame.getByRole('link', { name: `History of ${NAME}` }).click()
  await expect(kwame.locator('.act-t tr.plain').filter({ hasText: NAME }).first()).toBeVisible()
  await expect.poll(async () => /activity \[\{"key":"recent".*Sylvaniaqx/.test(await stored(kwame))).toBe(true)
  await kwame.goto(`${server.url}/users?sort=-added`)
  await expect(kwame.getByRole('link', { name: NAME })).toBeVisible()
  await expect.poll(() => heldOf(kwame)).toEqual(Object.values(ANA))

  await page.goto(`${server.url}/users/${id}`)
  const dialog = await openDialog(page, NAME)
  await expect(dialog).toContainText('is erased for good. Nobody can undo it.')
  await expect(dialog).toContainText(/1 seat of .* is free at once/)
  await expect(dialog).toContainText(/\d+ entries stay, without name, e-mail or any value/)
  expect(await wrong(page, '[role="dialog"]')).toEqual([])

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Download data first' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('user-data-anabelaqx-sylvaniaqx.json')
  const file = readFileSync(await download.path(), 'utf8')
  for (const value of Object.values(ANA)) expect(file).toContain(value)

  // By the keyboard alone: the first question, the second, a slip, and then the name.
  await dialog.getByRole('button', { name: 'Go on' }).press('Enter')
  const field = dialog.getByLabel('Name or e-mail of the user')
  await expect(field).toBeFocused()
  await page.keyboard.type('Somebody else')
  await page.keyboard.press('Enter')
  await expect(dialog).toContainText('That is neither the name nor the e-mail of this user.')
  await field.fill(NAME)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/users(\?|$)/)
  await saved(page)

  await expect(kwame.getByRole('link', { name: NAME })).toHaveCount(0)
  await expect.poll(() => heldOf(kwame)).toEqual([])
  await expect.poll(() => heldOf(page)).toEqual([])
  expect(server.rows('select id from users where id = ?', id)).toEqual([])

  // The history says what was done, and no longer to whom.
  await kwame.goto(`${server.url}/activity?item=${id}`)
  const entry = kwame.locator('.act-t tr.plain').filter({ hasText: 'Erased user' })
  await expect(entry.first()).toBeVisible()
  expect(await kwame.locator('main').textContent()).not.toMatch(/qx/i)
  await entry
    .first()
    .getByRole('button', { name: /^Details of/ })
    .click()
  await expect(kwame.locator('.exp').first()).toContainText('Personal data of a user who was erased is gone from it')
  await expect.poll(() => heldOf(kwame)).toEqual([])
  expect(faults).toEqual([])
  await other.close()
})

test('offline it waits in the queue, is taken back there, and Escape leaves everything as it is', async ({
  page,
  context,
  server,
}) => {
  await signIn(page, server)
  await installed(page)
  const bo = { ...ANA, firstName: 'Boqx', email: 'bo.qx@erased.example' }
  await add(page, bo)
  const id = idOf(server, bo.email)
  const name = `Boqx ${ANA.lastName}`
  await page.goto(`${server.url}/users/${id}`)
  const closed = await openDialog(page, name)
  await page.keyboard.press('Escape')
  await closed.waitFor({ state: 'hidden' })
  await expect(page.getByRole('complementary', { name })).toBeVisible()

  // With the browser's switch alone an erasure once reached the server as the page was left, though the page saw no answer.
  await context.setOffline(true)
  await server.stop()
  await waits(page, /^Offline/)
  const dialog = await openDialog(page, name)
  await expect(dialog).toContainText('It waits in the queue until you are back')
  await page.keyboard.press('Control+Enter')
  await dialog.getByLabel('Name or e-mail of the user').fill(bo.email)
  await page.keyboard.press('Control+Enter')
  await dialog.waitFor({ state: 'hidden' })
  await waits(page, /^Offline · 1 waiting/)
  await page.goto(`${server.url}/users/${id}`)
  await expect(page.getByText('No such user here')).toBeVisible()

  await page
    .getByRole('banner')
    .getByRole('button', { name: /^Offline/ })
    .click()
  await page.getByRole('button', { name: /^Take back\s?: Erase/ }).click()
  await expect(page.getByRole('complementary', { name })).toBeVisible()
  expect(server.rows('select id from users where id = ?', id)).toHaveLength(1)

  // Back with a network nothing is left to send, and she is still there.
  await server.start()
  await context.setOffline(false)
  await saved(page)
  expect(server.rows('select id from users where id = ?', id)).toHaveLength(1)
})

test('unfinished rows that have the address are named, and left; a half-typed user with it is forgotten', async ({
  page,
  browser,
  server,
}) => {
  await signIn(page, server)
  const cy = { ...ANA, firstName: 'Cyqx', email: 'cy.qx@erased.example' }
  await add(page, cy)
  const id = idOf(server, cy.email)
  const other = await browser.newContext()
  const kwame = await second(other, server)
  await kwame.getByRole('button', { name: 'Add User', exact: true }).click()
  await kwame.getByRole('dialog').getByLabel('E-mail').fill(cy.email)
  await kwame.goto(`${server.url}/users/add`)
  const email = kwame.getByRole('textbox', { name: /e-mail/i }).first()
  await email.fill(cy.email)

  await page.goto(`${server.url}/users/${id}`)
  const dialog = await openDialog(page, `Cyqx ${ANA.lastName}`)
  await page.keyboard.press('Control+Enter')
  await dialog.getByLabel('Name or e-mail of the user').fill(cy.email)
  await page.keyboard.press('Control+Enter')
  await saved(page)

  await expect(kwame.getByText('has the address of a user who was removed since')).toBeVisible()
  await expect(email).toHaveValue(cy.email)
  await kwame.reload()
  await expect(kwame.getByText('has the address of a user who was removed since')).toBeVisible()
  await kwame.goto(`${server.url}/users`)
  await kwame.getByRole('button', { name: 'Add User', exact: true }).click()
  await expect(kwame.getByRole('dialog').getByLabel('E-mail')).toHaveValue('')
  await other.close()
})
