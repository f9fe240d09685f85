// Two tabs of one device, and two devices: what is done in one is seen in the others, whoever syncs.
import { expect, installed, saved, signIn, test, waits } from './server.ts'

test.use({ file: import.meta.filename, users: 200 })

const title = 'Lead recruiter'

test('what one tab does offline the other shows at once, and either sends it', async ({ page, context, server }) => {
  await signIn(page, server)
  await installed(page)
  const second = await context.newPage()
  await second.goto(`${server.url}/users`)
  await saved(second)
  await context.setOffline(true)

  await page.goto(`${server.url}/groups`)
  await waits(page, /^Offline/)
  await page.getByRole('button', { name: 'Add Group' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Night shift')
  await page.getByRole('dialog').getByRole('button', { name: 'Add group' }).click()
  await waits(page, /^Offline · 1 waiting/)
  await waits(second, /^Offline · 1 waiting/)
  await second.getByRole('navigation').getByRole('link', { name: 'Groups' }).click()
  await expect(second.getByRole('link', { name: 'Night shift' })).toBeVisible()

  // The tab that did it is closed: the other one sends.
  await page.close()
  await context.setOffline(false)
  await saved(second)
  expect(server.rows(`select 1 from groups where name = 'Night shift'`)).toHaveLength(1)
})

test('a change on one device appears on another without a reload', async ({ page, browser, server }) => {
  await signIn(page, server)
  const other = await browser.newContext()
  const there = await other.newPage()
  await signIn(there, server, { email: 'kwame.mensah@tern.example', password: 'northern-terns' })

  await page.goto(`${server.url}/groups`)
  await saved(page)
  await page.getByRole('button', { name: 'Add Group' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill(title)
  await page.getByRole('dialog').getByRole('button', { name: 'Add group' }).click()
  await there.getByRole('navigation').getByRole('link', { name: 'Groups' }).click()
  await expect(there.getByRole('link', { name: title })).toBeVisible()
  await other.close()
})

test('a server that was killed and came back is found again by itself, and its pokes with it', async ({
  page,
  browser,
  server,
}) => {
  await signIn(page, server)
  const other = await browser.newContext()
  const there = await other.newPage()
  await signIn(there, server, { email: 'kwame.mensah@tern.example', password: 'northern-terns' })
  await there.getByRole('navigation').getByRole('link', { name: 'Groups' }).click()
  await page.goto(`${server.url}/groups`)
  await saved(page)

  await server.restart('SIGKILL')
  await page.getByRole('button', { name: 'Add Group' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('After the crash')
  await page.getByRole('dialog').getByRole('button', { name: 'Add group' }).click()
  await saved(page)
  await expect(there.getByRole('link', { name: 'After the crash' })).toBeVisible()
  await other.close()
})

test('undo from the toast takes back what was not sent, and what was', async ({ page, context, server }) => {
  await signIn(page, server)
  await installed(page)
  await page.goto(`${server.url}/groups`)
  await saved(page)
  const add = async (name: string) => {
    await page.getByRole('button', { name: 'Add Group' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill(name)
    await page.getByRole('dialog').getByRole('button', { name: 'Add group' }).click()
    await expect(page.getByRole('link', { name })).toBeVisible()
  }
  const undo = page.getByRole('banner').getByRole('button', { name: 'Undo' })

  await context.setOffline(true)
  await add('Taken back')
  await undo.click()
  await expect(page.getByRole('link', { name: 'Taken back' })).toBeHidden()
  await context.setOffline(false)
  await saved(page)

  await add('Undone')
  // A toast stays as long as the focus is in it.
  await undo.focus()
  await saved(page)
  await undo.press('Enter')
  await expect(page.getByRole('link', { name: 'Undone' })).toBeHidden()
  await saved(page)
  expect(server.rows(`select 1 from groups where name in ('Taken back', 'Undone')`)).toHaveLength(0)
})
