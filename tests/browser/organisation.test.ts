// The organisation's settings: changed without a network, kept over a reload, saved when there is one, seen by everybody else; two who
// change the same one are told, and nothing is overwritten unseen.
import type { Page } from '@playwright/test'
import { TIME_ZONES } from '#shared/time-zones.ts'
import { ADMIN, expect, installed, saved, signIn, test, waits } from './server.ts'

test.use({ file: import.meta.filename, users: 200 })

const KWAME = { email: 'kwame.mensah@tern.example', password: ADMIN.password }
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Edit Organisation' })
const facts = (page: Page) => page.locator('#organisation')
const header = (page: Page) => page.getByRole('banner')

async function edit(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/settings#organisation`)
  await page.getByRole('button', { name: 'Edit organisation' }).click()
  await expect(dialog(page)).toBeVisible()
}

async function choose(page: Page, label: string, option: string): Promise<void> {
  await dialog(page).getByRole('combobox', { name: label }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

async function zone(page: Page, typed: string, option: RegExp): Promise<void> {
  await dialog(page).getByRole('combobox', { name: 'Time zone' }).fill(typed)
  await page.getByRole('option', { name: option }).click()
}

test('changed offline, there after a reload, saved later, seen by another admin, and undone', async ({
  page,
  context,
  browser,
  server,
}) => {
  await signIn(page, server)
  await installed(page)
  const other = await browser.newContext()
  const kwame = await other.newPage()
  await signIn(kwame, server, KWAME)

  await context.setOffline(true)
  await edit(page, server.url)
  await dialog(page).getByLabel('Name').fill('Tern & Sable North')
  await zone(page, 'kiriti', /^Pacific\/Kiritimati/)
  await choose(page, 'The week begins on', 'Sunday')
  await choose(page, 'The fiscal year begins in', 'February')
  await expect(dialog(page)).toContainText(/The next month begins 1[23] hours earlier/)
  await expect(dialog(page).getByRole('table')).toContainText('Quarter to date')
  // Half typed, it is not lost by a reload.
  await page.reload()
  await page.getByRole('button', { name: 'Edit organisation' }).click()
  await expect(dialog(page).getByLabel('Name')).toHaveValue('Tern & Sable North')
  await dialog(page).getByRole('button', { name: 'Save organisation settings' }).click()
  await expect(dialog(page)).toBeHidden()
  await expect(header(page)).toContainText('Tern & Sable North')
  await waits(page, /^Offline/)

  await page.reload()
  await expect(facts(page)).toContainText('Pacific/Kiritimati, now UTC+14')
  await expect(facts(page)).toContainText('Sunday')
  await expect(facts(page)).toContainText('February')

  await context.setOffline(false)
  await saved(page)
  expect(server.rows('select name, timeZone, weekStart, fiscalYearStart from organisations')).toEqual([
    { name: 'Tern & Sable North', timeZone: 'Pacific/Kiritimati', weekStart: 7, fiscalYearStart: 2 },
  ])
  await expect(header(kwame)).toContainText('Tern & Sable North')
  await kwame.goto(`${server.url}/settings`)
  await expect(facts(kwame)).toContainText('Pacific/Kiritimati')

  // Whoever changes it next is told in the toast, and can take it back.
  await edit(kwame, server.url)
  await choose(kwame, 'The week begins on', 'Monday')
  await dialog(kwame).getByRole('button', { name: 'Save organisation settings' }).click()
  await kwame.getByRole('button', { name: 'Undo' }).click()
  await expect(facts(kwame)).toContainText('Sunday')
  await saved(kwame)
  expect(server.rows('select weekStart from organisations')).toEqual([{ weekStart: 7 }])
  await other.close()
})

test('two who set the same one without a network: the second keeps theirs, or uses his own', async ({
  page,
  context,
  browser,
  server,
}) => {
  await signIn(page, server)
  await installed(page)
  const other = await browser.newContext()
  const kwame = await other.newPage()
  await signIn(kwame, server, KWAME)
  await installed(kwame)
  await Promise.all([context.setOffline(true), other.setOffline(true)])
  for (const [side, day] of [
    [page, 'Wednesday'],
    [kwame, 'Thursday'],
  ] as const) {
    await edit(side, server.url)
    await choose(side, 'The week begins on', day)
    await dialog(side).getByRole('button', { name: 'Save organisation settings' }).click()
    await expect(dialog(side)).toBeHidden()
  }
  await context.setOffline(false)
  await saved(page)
  await other.setOffline(false)
  await waits(kwame, /^1 needs attention/)
  await header(kwame)
    .getByRole('button', { name: /needs attention/ })
    .click()
  const item = kwame.getByRole('complementary', { name: 'Queue' }).locator('.item').filter({ hasText: 'First day' })
  await expect(item).toContainText(
    /First day of the week was changed meanwhile: Ingrid Solberg set Wednesday today at \d\d:\d\d\./,
  )
  await expect(item).toContainText('Thursday')
  await item.getByRole('button', { name: 'Use mine' }).click()
  await saved(kwame)
  expect(server.rows('select weekStart from organisations')).toEqual([{ weekStart: 4 }])
  await other.close()
})

test('every time zone that this browser knows may be chosen', async ({ page }) => {
  const known = await page.evaluate(() => Intl.supportedValuesOf('timeZone'))
  expect(known.filter((name) => !TIME_ZONES.includes(name))).toEqual([])
})

test('a viewer reads them and finds nothing to press', async ({ page, server }) => {
  const [viewer] = server.rows<{ email: string }>(
    `select email from users where role = 'viewer' and id in (select userId from auth_memberships)`,
  )
  if (!viewer) throw new Error('The demo has no viewer who can sign in.')
  await signIn(page, server, { ...ADMIN, email: viewer.email })
  await page.goto(`${server.url}/settings`)
  await expect(facts(page)).toContainText('Time zone')
  await expect(page.getByRole('button', { name: 'Edit organisation' })).toHaveCount(0)
})
