// An admin's day without a network: everything is done offline, survives a reload, and is judged by the server when it comes back.
import type { Page } from '@playwright/test'
import { expect, installed, saved, signIn, test, waits, watchForFaults, type Server } from './server.ts'

test.use({ file: import.meta.filename })

interface Row {
  id: string
  email: string
}
interface Counts {
  name: string
  seatsPurchased: number
  seatsUsed: number
  counted: number
}
const seats = (server: Server) =>
  server.rows<Counts>(
    `select p.name, p.seatsPurchased, p.seatsUsed,
       (select count(*) from users u where u.orgId = p.orgId and u.productId = p.id and u.status <> 'deactivated') as counted
     from products p`,
  )
const product = (server: Server, name: string) => {
  const found = seats(server).find((row) => row.name === name)
  if (!found) throw new Error(`The demo has no ${name}.`)
  return found
}

/** Selects users the way a list from a mail is selected: pasted into the search. */
async function selectByEmail(page: Page, emails: readonly string[]): Promise<void> {
  const search = page.getByRole('searchbox', { name: 'Search users' })
  await search.focus()
  await page.evaluate((text) => {
    const data = new DataTransfer()
    data.setData('text/plain', text)
    document.activeElement?.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
    )
  }, emails.join('\n'))
  await page.getByRole('button', { name: /^Select (this user|these)/ }).click()
  await expect(actions(page).getByRole('status')).toHaveText(`${emails.length} selected`)
}

const actions = (page: Page) => page.getByRole('region', { name: 'User actions' })
const dialog = (page: Page) => page.getByRole('dialog')

async function choose(page: Page, label: string, option: string | RegExp): Promise<void> {
  await dialog(page).getByRole('combobox', { name: label }).click()
  await page.getByRole('option', { name: option }).click()
}

async function addUser(page: Page, first: string, last: string): Promise<void> {
  await actions(page).getByRole('button', { name: 'Add User' }).click()
  await dialog(page).getByLabel('First name').fill(first)
  await dialog(page).getByLabel('Last name').fill(last)
  await dialog(page).getByLabel('E-mail').fill(`${first}.${last}@new.example`.toLowerCase())
  await choose(page, 'Product', /^Insights/)
  await dialog(page).getByRole('button', { name: 'Add 1 user' }).click()
  await expect(dialog(page)).toBeHidden()
}

test('a day offline: added, moved, edited, reset and deactivated; then judged item by item and mended', async ({
  page,
  context,
  browser,
  server,
}) => {
  const { faults } = watchForFaults(context)
  const { seatsUsed } = product(server, 'Recruiter')
  server.host('set-product', '--name', 'Recruiter', '--seats', String(seatsUsed + 480))
  const insights = server.rows<Row>(
    `select u.id, u.email from users u join products p on p.id = u.productId
     where p.name = 'Insights' and u.status = 'active' and u.role = 'member' order by u.emailKey limit 520`,
  )
  const moved = insights.slice(0, 500)
  const others = insights.slice(500)

  await signIn(page, server)
  await installed(page)
  await context.setOffline(true)
  await waits(page, /^Offline/)

  await addUser(page, 'Nia', 'Owusu')
  await addUser(page, 'Jun', 'Park')
  await addUser(page, 'Eva', 'Novak')

  await selectByEmail(
    page,
    moved.map(({ email }) => email),
  )
  await actions(page).getByRole('button', { name: 'Change Product' }).click()
  await choose(page, 'New product', /^Recruiter/)
  await expect(dialog(page).getByText(/^500 selected: 480 change, 20 find no seat: Recruiter 0 of/)).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Change product of 480 users' }).click()
  await expect(dialog(page)).toBeHidden()

  await selectByEmail(
    page,
    others.slice(0, 10).map(({ email }) => email),
  )
  await actions(page).getByRole('button', { name: 'Reset Password' }).click()
  await expect(dialog(page).getByText('The e-mail goes out when you are back online.')).toBeVisible()
  await dialog(page)
    .getByRole('button', { name: /^Reset (the )?password of 10 users/ })
    .click()
  await expect(dialog(page)).toBeHidden()

  await selectByEmail(
    page,
    others.slice(10, 20).map(({ email }) => email),
  )
  await actions(page).getByRole('button', { name: 'Deactivate User' }).click()
  await dialog(page).getByRole('button', { name: 'Deactivate 10 users' }).click()
  await expect(dialog(page)).toBeHidden()

  await page.getByRole('navigation').getByRole('link', { name: 'Groups' }).click()
  await page.getByRole('link', { name: 'Field Research' }).click()
  await page.getByRole('button', { name: 'Edit' }).click()
  await dialog(page).getByLabel('Name').fill('Field Studies')
  await dialog(page).getByRole('button', { name: /^Save/ }).click()
  await expect(dialog(page)).toBeHidden()

  // All of it is on the device: a reload without a network finds it again. The server is gone as well: what a page asks for while it
  // loads may leave before the browser has cut off the new document.
  await server.stop()
  await page.reload()
  await waits(page, /^Offline · 7 waiting/)
  await expect(page.getByRole('heading', { name: 'Field Studies' })).toBeVisible()
  expect(server.rows(`select 1 from users where email like '%@new.example'`)).toHaveLength(0)

  await server.start()
  await context.setOffline(false)
  await waits(page, /^20 need attention/)
  expect(server.rows(`select 1 from users where email like '%@new.example' and status = 'invited'`)).toHaveLength(3)
  expect(product(server, 'Recruiter')).toMatchObject({ seatsUsed: seatsUsed + 480, seatsPurchased: seatsUsed + 480 })

  // The 20 that found no seat are told with the reason, and mended from there.
  await page
    .getByRole('banner')
    .getByRole('button', { name: /need attention/ })
    .click()
  const queue = page.getByRole('complementary', { name: 'Queue' })
  await expect(queue.getByText(/20 .*no seat/).first()).toBeVisible()
  server.host('set-product', '--name', 'Recruiter', '--seats', String(seatsUsed + 500))
  await queue.getByRole('button', { name: 'Try again' }).click()
  await saved(page)
  await expect(queue.getByText('Needs attention')).toBeHidden()

  for (const row of seats(server)) expect(row.seatsUsed, row.name).toBe(row.counted)
  expect(product(server, 'Recruiter').seatsUsed).toBe(seatsUsed + 500)
  for (const { members, counted, name } of server.rows<{ members: number; counted: number; name: string }>(
    `select g.name, g.members, (select count(*) from users u where u.groupId = g.id and u.status <> 'deactivated') as counted from groups g`,
  ))
    expect(members, name).toBe(counted)

  // A second browser shows the same rows.
  const other = await browser.newContext()
  const second = await other.newPage()
  await signIn(second, server)
  await second.getByRole('searchbox', { name: 'Search users' }).fill('new.example')
  await expect(second.getByRole('link', { name: 'Nia Owusu' })).toBeVisible()
  await expect(second.getByText('3 of 2,503 users')).toBeVisible()
  await second.goto(`${server.url}/groups`)
  await expect(second.getByRole('link', { name: 'Field Studies' })).toBeVisible()
  await other.close()
  expect(faults).toEqual([])
})
