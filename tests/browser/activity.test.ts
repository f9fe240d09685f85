// The Activity page: an entry with what was there before and after, a user's history in two clicks, filters and search, the undo of what
// somebody else did, the check of the chain also where somebody wrote into the database, a file, and all of it without a network.
import type { Page } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { wrong } from './axe.ts'
import { keptRows } from './kept.ts'
import { ADMIN, expect, installed, saved, signIn, test, waits } from './server.ts'

test.use({ file: import.meta.filename, users: 200 })

const KWAME = { email: 'kwame.mensah@tern.example', password: ADMIN.password }
const entry = (page: Page, text: RegExp | string) => page.locator('.act-t tr.plain').filter({ hasText: text })
const activity = async (page: Page) => {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Activity' }).click()
  await expect(page).toHaveURL(/\/activity$/)
  await expect(page.getByRole('heading', { name: 'Activity', level: 1 })).toBeVisible()
}

test('what another admin did is read, before and after, undone, and found again; offline too', async ({
  page,
  context,
  browser,
  server,
}) => {
  const other = await browser.newContext()
  const kwame = await other.newPage()
  await signIn(kwame, server, KWAME)
  // The first three who are in no group of that name.
  const [group] = server.rows<{ id: string; name: string }>(`select id, name from groups where name = 'EMEA Sales'`)
  const chosen = server.rows<{ id: string; firstName: string; lastName: string }>(
    `select id, firstName, lastName from users where status = 'active' and role = 'member' and (groupId is null or groupId <> ?)
     order by emailKey limit 3`,
    group?.id ?? '',
  )
  for (const { id } of chosen) {
    await kwame.goto(`${server.url}/users/${id}`)
    await kwame.getByRole('button', { name: 'More actions' }).click()
    await kwame.getByRole('menuitem', { name: 'Assign Group' }).click()
    const dialog = kwame.getByRole('dialog', { name: 'Assign Group' })
    await dialog.getByRole('combobox').fill('EMEA Sales')
    await kwame.getByRole('option', { name: /^EMEA Sales/ }).click()
    await dialog.getByRole('button', { name: /^Assign/ }).click()
    await saved(kwame)
  }
  await other.close()

  await signIn(page, server)
  await installed(page)
  const [user] = chosen
  const name = `${user?.firstName} ${user?.lastName}`.trim()

  // Two clicks: the user, and the history.
  await page.goto(`${server.url}/users/${user?.id}`)
  await page.getByRole('link', { name: `History of ${name}` }).click()
  await expect(page).toHaveURL(new RegExp(`/activity\\?item=${user?.id}`))
  await expect(entry(page, 'EMEA Sales')).toHaveCount(1)
  await expect(entry(page, 'EMEA Sales')).toContainText('Kwame Mensah')
  await entry(page, 'EMEA Sales')
    .getByRole('button', { name: /^Details of/ })
    .click()
  await expect(page.locator('.exp')).toContainText(name)
  await expect(page.locator('.exp .af')).toContainText('EMEA Sales')
  await expect(page.locator('.exp')).toContainText(/Made at .* by the device’s clock, received at .* by the server’s/)

  await page.getByRole('button', { name: /^Undo\s?: Assign/ }).click()
  await expect(entry(page, /^.*Undo: Assign/)).toContainText('Ingrid Solberg')
  await expect(entry(page, 'EMEA Sales').filter({ hasText: 'Kwame' })).toContainText('undone')

  // Filters are in the address; what is typed is not sent.
  await activity(page)
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.getByRole('button', { name: 'Who' }).click()
  await page.getByRole('checkbox', { name: 'Kwame Mensah' }).click()
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL(/who=/)
  await expect(entry(page, 'Ingrid Solberg')).toHaveCount(0)
  await page.getByLabel('Search activity').fill('emea')
  await expect(entry(page, 'EMEA Sales')).toHaveCount(3)
  await page.getByLabel('Search activity').fill('nobody has this')
  await expect(page.getByText('Nothing here has “nobody has this” in it')).toBeVisible()
  expect(asked.filter((url) => /emea|nobody/i.test(url))).toEqual([])
  await page.getByRole('button', { name: 'Clear the search' }).click()

  expect(await wrong(page)).toEqual([])

  await page.getByRole('button', { name: 'Export' }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'As CSV, for a spreadsheet' }).click(),
  ])
  expect(download.suggestedFilename()).toMatch(/^activity-\d{4}-\d\d-\d\d\.csv$/)
  expect(readFileSync(await download.path(), 'utf8')).toContain('EMEA Sales')

  // Without a network: what is kept, also for one user, and after a reload.
  await activity(page)
  await expect(entry(page, 'Export the activity as CSV')).toHaveCount(1)
  await expect.poll(async () => JSON.stringify(await keptRows(page, 'activity'))).toContain('EMEA Sales')
  await context.setOffline(true)
  await waits(page, /^Offline/)
  await page.goto(`${server.url}/activity?item=${user?.id}`)
  await expect(page.getByText(/This is what the device keeps/)).toBeVisible()
  await expect(entry(page, 'EMEA Sales').filter({ hasText: 'Kwame' })).toHaveCount(1)
  await page.getByRole('button', { name: 'Verify chain' }).click()
  await expect(page.getByText('Verify it when you are back online.')).toBeVisible()
  await context.setOffline(false)
})

test('the chain is verified, and what somebody wrote into the database is named', async ({ page, server }) => {
  await signIn(page, server)
  await activity(page)
  await page.getByRole('button', { name: 'Verify chain' }).click()
  await expect(page.getByText(/Chain intact: [\d,]+ operations since .*, verified today at/)).toBeVisible()
  expect(server.host('audit-verify')).toContain('chain intact')

  server.tamper('update log set "at" = "at" + 1 where version = 2')
  await page.getByRole('button', { name: 'Verify chain' }).click()
  await expect(page.getByText('Operation 2 does not follow from the entry before it.')).toBeVisible()
  expect(() => server.host('audit-verify')).toThrow(/Command failed/)
  server.tamper('update log set "at" = "at" - 1 where version = 2')
})

test('on a phone each entry is two lines and opens by keys', async ({ page, server }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await signIn(page, server)
  await page.goto(`${server.url}/activity`)
  await expect(entry(page, /./).first()).toBeVisible()
  await page
    .locator('.act-t')
    .getByRole('button', { name: /^Details of/ })
    .first()
    .focus()
  await page.keyboard.press('Enter')
  await expect(page.locator('.exp').first()).toBeVisible()
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(wide).toBeLessThanOrEqual(0)
})
