// What an organisation asks of devices: they lock for want of input and of contact, and where it says so they keep nothing.
import type { Page } from '@playwright/test'
import { ADMIN, expect, installed, saved, signIn, test, waits, watchForFaults, type Server } from './server.ts'

test.use({ file: import.meta.filename, users: 200 })
test.beforeEach(({ server }) => given(server, NONE))

const KWAME = { email: 'kwame.mensah@tern.example', password: 'northern-terns' }
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

type Fields = Partial<Record<'Data on devices', string>> & { days?: string; minutes?: string }

/** Sets policies as an admin does. */
async function setPolicies(page: Page, server: Server, { days, minutes, ...choices }: Fields): Promise<void> {
  await page.goto(`${server.url}/settings`)
  await saved(page)
  await page.getByRole('button', { name: 'Edit security' }).click()
  const dialog = page.getByRole('dialog')
  for (const [name, option] of Object.entries(choices)) {
    await dialog.getByRole('combobox', { name }).click()
    await page.getByRole('option', { name: option }).click()
  }
  if (days !== undefined) await dialog.getByLabel('Lock after days without contact').fill(days)
  if (minutes !== undefined) await dialog.getByLabel('Lock after minutes without input').fill(minutes)
  await dialog.getByRole('button', { name: 'Save security settings' }).click()
  await expect(dialog).toBeHidden()
}
/** As an admin had set them before anybody signed in: heard with the session, and with the first copy. */
const given = (server: Server, policies: string) => server.tamper(`update organisations set ${policies}`)
const NONE = `localData = 'kept', leaseDays = null, lockMinutes = null`

/** The last input of all tabs was so long ago, as another tab of the browser tells. */
const idleFor = (other: Page, milliseconds: number) =>
  other.evaluate((ago) => localStorage.setItem('quartermaster.input', String(Date.now() - ago)), milliseconds)
const lockScreen = (page: Page) => page.getByRole('heading', { name: 'Locked' })

async function unlock(page: Page, who = ADMIN): Promise<void> {
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('E-mail').fill(who.email)
  await page.getByLabel('Password').fill(who.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await saved(page)
}

/** Everything that a page of this origin can read of what the browser keeps. */
const kept = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const found: unknown[] = [{ ...localStorage }, { ...sessionStorage }]
    for (const { name } of await indexedDB.databases()) {
      if (!name) continue
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(name)
        opening.onsuccess = () => resolve(opening.result)
        opening.onerror = () => reject(opening.error ?? new Error('not opened'))
      })
      for (const store of database.objectStoreNames)
        found.push(
          await new Promise((resolve, reject) => {
            const all = database.transaction(store).objectStore(store).getAll()
            all.onsuccess = () => resolve(all.result)
            all.onerror = () => reject(all.error ?? new Error('not read'))
          }),
        )
      database.close()
    }
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      for (const request of await cache.keys()) {
        if (request.url.includes('/api/')) found.push(request.url)
        if (!name.includes('precache')) found.push(await (await cache.match(request))?.text())
      }
    }
    return JSON.stringify(found, (_key, value: unknown) =>
      value instanceof Uint8Array
        ? new TextDecoder().decode(value)
        : value instanceof ArrayBuffer
          ? new TextDecoder().decode(value)
          : value,
    )
  })

/** What is personal in the organisation: names, addresses, telephones, groups. */
const strings = (server: Server): string[] => [
  ...server
    .rows<Record<string, string>>('select email, firstName, lastName, phone, externalId from users')
    .flatMap((row) => Object.values(row).filter((text) => text.length > 3)),
  ...server.rows<{ name: string }>('select name from groups').map(({ name }) => name),
]
const among = (texts: readonly string[], all: string) => texts.filter((text) => all.includes(text))

async function locked(page: Page, server: Server): Promise<void> {
  await expect(lockScreen(page)).toBeVisible()
  await expect(page).toHaveTitle('Locked · Quartermaster')
  const shown = await page.evaluate(() => document.documentElement.outerHTML)
  expect(among([...strings(server), 'Tern'], shown)).toEqual([])
}

test.describe('auto-lock', () => {
  test('warns, locks all tabs and ends the session; a reload stays locked; signing in brings all back', async ({
    page,
    context,
    server,
  }) => {
    const { faults } = watchForFaults(context)
    await signIn(page, server)
    await setPolicies(page, server, { minutes: '20' })
    await saved(page)
    const other = await context.newPage()
    await other.goto(`${server.url}/users`)
    await saved(other)

    await page.goto(`${server.url}/users`)
    await page.getByRole('button', { name: 'Add User', exact: true }).click()
    await page.getByRole('dialog').getByLabel('E-mail').fill('half@new.example')
    await page.goto(`${server.url}/users/add#not-for-others`)
    await page
      .getByRole('textbox', { name: /first name/i })
      .first()
      .fill('Half')
    await idleFor(other, 20 * MINUTE - 29_000)
    await expect(page.getByText(/^Locks in \d+ seconds/)).toBeVisible()
    await expect(page.getByRole('alert').filter({ hasText: 'The console locks in half a minute' })).toHaveCount(1)
    await page.keyboard.press('Shift')
    await expect(page.getByText(/^Locks in \d+ seconds/)).toBeHidden()

    await idleFor(other, 20 * MINUTE)
    await locked(page, server)
    await expect(page.getByText('Nobody has used the console for 20 minutes.').first()).toBeVisible()
    await locked(other, server)
    await expect(page).not.toHaveURL(/not-for-others/)
    await expect.poll(() => page.evaluate(async () => (await fetch('/api/session')).status)).toBe(401)

    await page.reload()
    await locked(page, server)
    await unlock(page)
    await expect(page.getByRole('textbox', { name: /first name/i }).first()).toHaveValue('Half')
    await expect(other.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible()
    await page.goto(`${server.url}/users`)
    await page.getByRole('button', { name: 'Add User', exact: true }).click()
    await expect(page.getByRole('dialog').getByLabel('E-mail')).toHaveValue('half@new.example')
    expect(faults).toEqual([])
  })

  test('what waits is not sent while it is locked, and is sent by its author alone', async ({
    page,
    context,
    server,
  }) => {
    given(server, 'lockMinutes = 20')
    await signIn(page, server)
    await installed(page)
    const other = await context.newPage()
    await other.goto(`${server.url}/forgot`)
    await context.setOffline(true)
    await page.goto(`${server.url}/groups`)
    await waits(page, /^Offline/)
    await page.getByRole('button', { name: 'Add Group' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('Waits behind the lock')
    await page.getByRole('dialog').getByRole('button', { name: 'Add group' }).click()
    await waits(page, /^Offline · 1 waiting/)
    await idleFor(other, 20 * MINUTE)
    await locked(page, server)
    await expect(page.getByText('There is no network, and signing in needs one.')).toBeVisible()

    await context.setOffline(false)
    await expect.poll(() => page.evaluate(async () => (await fetch('/api/session')).status)).toBe(401)
    expect(server.rows(`select 1 from groups where name = 'Waits behind the lock'`)).toEqual([])
    await unlock(page)
    expect(server.rows(`select 1 from groups where name = 'Waits behind the lock'`)).toHaveLength(1)
  })
})

test('a device without contact for the days of its lease locks, offline too, whatever its clock is set to', async ({
  page,
  context,
  server,
}) => {
  await signIn(page, server)
  await setPolicies(page, server, { days: '3' })
  await saved(page)
  await installed(page)
  await context.setOffline(true)
  // What a page asks for while it loads may leave before the browser has cut off the new document.
  await server.stop()
  await context.clock.setSystemTime(Date.now() + 2 * DAY)
  await page.reload()
  await waits(page, /^Offline/)
  await context.clock.setSystemTime(Date.now() - 20 * DAY)
  await page.reload()
  await waits(page, /^Offline/)
  await context.clock.setSystemTime(Date.now() - 19 * DAY + MINUTE)
  await page.reload()
  await locked(page, server)
  await expect(page.getByText('This device has not been in touch with the server for 3 days.').first()).toBeVisible()
  await server.start()
  await context.setOffline(false)
  await expect.poll(() => page.evaluate(async () => (await fetch('/api/session')).status)).toBe(401)
  await unlock(page)
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible()
})

test.describe('this device keeps nothing', () => {
  test('a device that held data erases it when the policy arrives, and goes on in memory', async ({
    page,
    context,
    server,
  }) => {
    const { faults } = watchForFaults(context)
    await signIn(page, server)
    await installed(page)
    await page.goto(`${server.url}/users`)
    await saved(page)
    expect(among(strings(server), await kept(page)).length).toBeGreaterThan(100)

    await setPolicies(page, server, { 'Data on devices': 'None: the network is needed' })
    await saved(page)
    await expect(page.getByText('Keeps nothing here')).toBeVisible()
    await expect.poll(async () => among(strings(server), await kept(page))).toEqual([])

    // Actions, an import and an export leave no trace either.
    await page.goto(`${server.url}/groups`)
    await saved(page)
    await page.getByRole('button', { name: 'Add Group' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('Nowhere kept')
    await page.getByRole('dialog').getByRole('button', { name: 'Add group' }).click()
    await expect(page.getByRole('link', { name: 'Nowhere kept' })).toBeVisible()
    await saved(page)
    await page.goto(`${server.url}/users/add`)
    await page.locator('input[type=file]').setInputFiles({
      name: 'some.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('First name,Last name,E-mail\nNia,Imported,nia@imported.example\n'),
    })
    await expect(page.getByRole('textbox', { name: /first name/i }).first()).toHaveValue('Nia')
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Activity' }).click()
    await expect(page.getByText('Nowhere kept').first()).toBeVisible()
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Users' }).click()
    const file = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export as CSV' }).click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Export/ })
      .click()
    await file
    await saved(page)
    const all = await kept(page)
    expect(among([...strings(server), 'Nowhere kept', 'imported.example'], all)).toEqual([])
    expect(faults).toEqual([])
  })

  test('a fresh browser never stores a row, and each tab syncs for itself', async ({ page, context, server }) => {
    given(server, `localData = 'none'`)
    await signIn(page, server, KWAME)
    expect(among(strings(server), await kept(page))).toEqual([])
    const other = await context.newPage()
    await other.goto(`${server.url}/groups`)
    await saved(other)
    await page.goto(`${server.url}/groups`)
    await saved(page)
    const add = async (tab: Page, name: string) => {
      await tab.getByRole('button', { name: 'Add Group' }).click()
      await tab.getByRole('dialog').getByLabel('Name').fill(name)
      await tab.getByRole('dialog').getByRole('button', { name: 'Add group' }).click()
    }
    await add(page, 'From the one')
    await add(other, 'From the other')
    for (const tab of [page, other])
      for (const name of ['From the one', 'From the other']) await expect(tab.getByRole('link', { name })).toBeVisible()
    await Promise.all([saved(page), saved(other)])
    const clients = server.rows(
      `select distinct clientId from log where type = 'add-group' order by version desc limit 2`,
    )
    expect(clients).toHaveLength(2)
    expect(server.rows(`select name from groups where name like 'From the %'`)).toHaveLength(2)
    expect(among(strings(server), await kept(page))).toEqual([])
  })

  test('without a network it says so, and what is not saved is not lost unasked', async ({ page, context, server }) => {
    given(server, `localData = 'none'`)
    await signIn(page, server)
    await installed(page)
    await page.goto(`${server.url}/groups`)
    await saved(page)
    await context.setOffline(true)
    await expect(page.getByText('what you do now waits in this tab alone')).toBeVisible()
    await page.getByRole('button', { name: 'Add Group' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('In this tab alone')
    await page.getByRole('dialog').getByRole('button', { name: 'Add group' }).click()
    await waits(page, /^Offline · 1 waiting/)
    const asked = page.waitForEvent('dialog')
    const closing = page.close({ runBeforeUnload: true })
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    await dialog.dismiss()
    await closing
    await context.setOffline(false)
    await saved(page)
    expect(server.rows(`select 1 from groups where name = 'In this tab alone'`)).toHaveLength(1)

    await context.setOffline(true)
    await server.stop()
    await page.reload()
    await expect(page.getByRole('heading', { name: 'No network' })).toBeVisible()
    await expect(page.getByText('This organisation keeps nothing on devices')).toBeVisible()
    await server.start()
    await context.setOffline(false)
    await expect(page.getByRole('link', { name: 'In this tab alone' })).toBeVisible()
  })

  test('going back to kept stores again; with unsent changes the policy asks before it erases', async ({
    page,
    context,
    browser,
    server,
  }) => {
    given(server, `localData = 'none'`)
    await signIn(page, server)
    await setPolicies(page, server, { 'Data on devices': 'Kept' })
    await saved(page)
    await expect(page.getByText('Works offline')).toBeVisible()
    await expect.poll(async () => among(strings(server), await kept(page)).length).toBeGreaterThan(100)

    await installed(page)
    await page.goto(`${server.url}/groups`)
    await saved(page)
    // What this device does is held up; the policy comes all the same.
    await context.setOffline(true)
    await page.getByRole('button', { name: 'Add Group' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('Held up')
    await page.getByRole('dialog').getByRole('button', { name: 'Add group' }).click()
    await waits(page, /^Offline · 1 waiting/)
    const elsewhere = await browser.newContext()
    const admin = await elsewhere.newPage()
    await signIn(admin, server, KWAME)
    await setPolicies(admin, server, { 'Data on devices': 'None: the network is needed' })
    await saved(admin)
    await page.route('**/api/sync', (route) => route.abort())
    await context.setOffline(false)
    await page.reload()
    await expect(
      page.getByRole('heading', { name: 'This organisation keeps nothing on devices any more' }),
    ).toBeVisible()
    await expect(page.getByText('1 change is not sent yet.')).toBeVisible()
    expect(await kept(page)).toContain('Held up')
    expect(await page.evaluate(() => document.querySelector('main')?.textContent ?? '')).not.toContain('Held up')
    const file = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export queue' }).click()
    await file
    await page.getByRole('button', { name: 'Erase and go on in this tab' }).click()
    await expect(page.getByRole('link', { name: 'Held up' })).toBeVisible()
    await expect.poll(async () => among([...strings(server), 'Held up'], await kept(page))).toEqual([])

    await page.unroute('**/api/sync')
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await saved(page)
    expect(server.rows(`select 1 from groups where name = 'Held up'`)).toHaveLength(1)
    await elsewhere.close()
  })
})

test('a viewer reads the policies and finds nothing to press', async ({ page, server }) => {
  const [viewer] = server.rows<{ email: string }>(
    `select email from users where role = 'viewer' and id in (select userId from auth_memberships)`,
  )
  if (!viewer) throw new Error('The demo has no viewer who can sign in.')
  await signIn(page, server, { ...ADMIN, email: viewer.email })
  await page.goto(`${server.url}/settings`)
  const card = page.locator('#security')
  await expect(card).toContainText('Nobody needs a second factor to enter')
  await expect(card).toContainText('Devices keep a copy, so that the console works without a network')
  await expect(page.getByRole('button', { name: 'Edit security' })).toHaveCount(0)
})
