// Two admins without a network decide about the same things; what the second one reads and can do once both are back.
import type { Browser, BrowserContext, Page } from '@playwright/test'
import { ADMIN, expect, installed, saved, signIn, test, waits, type Server } from './server.ts'

test.use({ file: import.meta.filename, users: 200 })

const KWAME = { email: 'kwame.mensah@tern.example', password: ADMIN.password }

interface Side {
  page: Page
  context: BrowserContext
}
interface Row {
  id: string
}

/** Ingrid and Kwame, each on a device that has everything and no network any more. */
async function apart(browser: Browser, server: Server) {
  const side = async (who: typeof ADMIN): Promise<Side> => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await signIn(page, server, who)
    await installed(page)
    await context.setOffline(true)
    await waits(page, /^Offline/)
    return { page, context }
  }
  const [ingrid, kwame] = await Promise.all([side(ADMIN), side(KWAME)])
  return {
    ingrid,
    kwame,
    end: () => Promise.all([ingrid.context.close(), kwame.context.close()]),
  }
}

const panel = ({ page }: Side) => page.getByRole('complementary')
const dialog = ({ page }: Side) => page.getByRole('dialog')
const queue = ({ page }: Side) => page.getByRole('complementary', { name: 'Queue' })
const pill = ({ page }: Side, text: RegExp) => page.getByRole('banner').getByRole('button', { name: text })

async function back(side: Side, says: RegExp): Promise<void> {
  await side.context.setOffline(false)
  await waits(side.page, says)
}

/** Opens the queue, where the rejected items stand with their reasons. */
async function openQueue(side: Side): Promise<void> {
  await pill(side, /need(s)? attention/).click()
  await expect(queue(side)).toBeVisible()
}

async function choose(side: Side, label: string, option: RegExp): Promise<void> {
  await dialog(side).getByRole('combobox', { name: label }).click()
  await side.page.getByRole('option', { name: option }).click()
}

async function addUser(side: Side, first: string, product: RegExp): Promise<void> {
  await side.page.getByRole('button', { name: 'Add User', exact: true }).click()
  await dialog(side).getByLabel('First name').fill(first)
  await dialog(side).getByLabel('E-mail').fill(`${first}@apart.example`)
  await choose(side, 'Product', product)
  await dialog(side).getByRole('button', { name: 'Add 1 user' }).click()
  await expect(dialog(side)).toBeHidden()
}

async function openUser({ page }: Side, server: Server, { id }: Row): Promise<void> {
  await page.goto(`${server.url}/users/${id}`)
  await waits(page, /^Offline/)
}

/** Edits a fact in place, in the panel of the user. */
async function edit({ page }: Side, label: string, text: string): Promise<void> {
  const facts = page.getByRole('complementary')
  await facts.getByRole('button', { name: new RegExp(`^(${label}: .*Edit|Add ${label})$`) }).click()
  await facts.getByRole('textbox', { name: label }).fill(text)
  await page.keyboard.press('Enter')
  await expect(facts.getByRole('button', { name: `${label}: ${text}. Edit` })).toBeVisible()
}

const member = (server: Server): Row => {
  const [row] = server.rows<Row>(
    `select u.id from users u join groups g on g.id = u.groupId
     where u.status = 'active' and u.role = 'member' and g.name <> 'EMEA Sales' order by u.emailKey limit 1`,
  )
  if (!row) throw new Error('The demo has no member.')
  return row
}

/** What needs attention, as a group of words and buttons of its own. */
const item = (side: Side, text: RegExp) => queue(side).locator('.item').filter({ hasText: text })

test('both take the last seat: the second reads who had it, and adds with another product', async ({
  browser,
  server,
}) => {
  const [product] = server.rows<{ seatsUsed: number }>(`select seatsUsed from products where name = 'Recruiter'`)
  const seats = (product?.seatsUsed ?? 0) + 1
  server.host('set-product', '--name', 'Recruiter', '--seats', String(seats))
  const { ingrid, kwame, end } = await apart(browser, server)
  await addUser(ingrid, 'Nia', /^Recruiter/)
  await addUser(kwame, 'Jun', /^Recruiter/)
  await back(ingrid, /^Saved/)
  await back(kwame, /^1 needs attention/)

  await openQueue(kwame)
  const jun = item(kwame, /Jun was not added: no seat left in Recruiter\./)
  await expect(jun).toContainText(
    new RegExp(`0 of ${seats} left: Ingrid Solberg took the last one today at \\d\\d:\\d\\d\\.`),
  )
  await jun.getByRole('button', { name: 'Other product' }).click()
  await jun.getByRole('combobox', { name: 'Other product' }).click()
  await kwame.page.getByRole('option', { name: /^Insights/ }).click()
  await jun.getByRole('button', { name: 'Add with Insights' }).click()
  await saved(kwame.page)
  expect(
    server.rows(
      `select u.firstName, p.name from users u join products p on p.id = u.productId
       where u.email like '%@apart.example' order by u.firstName`,
    ),
  ).toEqual([
    { firstName: 'Jun', name: 'Insights' },
    { firstName: 'Nia', name: 'Recruiter' },
  ])
  await end()
})

test('both edit the same user: other fields merge, of the same ones theirs or mine is chosen', async ({
  browser,
  server,
}) => {
  const user = member(server)
  const { ingrid, kwame, end } = await apart(browser, server)
  await openUser(ingrid, server, user)
  await edit(ingrid, 'Title', 'Recruiter')
  await edit(ingrid, 'External id', 'I-1')
  await edit(ingrid, 'Phone', '+47 55 50 00')
  await openUser(kwame, server, user)
  await edit(kwame, 'Title', 'Lead recruiter')
  await edit(kwame, 'External id', 'K-1')
  await back(ingrid, /^Saved/)
  await back(kwame, /^2 need attention/)

  await openQueue(kwame)
  const title = item(kwame, /Title was changed meanwhile: Ingrid Solberg set “Recruiter” today at \d\d:\d\d\./)
  await expect(title).toContainText(/Yours, made today at \d\d:\d\d: “Lead recruiter”/)
  await title.getByRole('button', { name: 'Use mine' }).click()
  await expect(title).toBeHidden()
  await item(kwame, /External id was changed meanwhile: Ingrid Solberg set “I-1”/)
    .getByRole('button', { name: 'Keep theirs' })
    .click()
  await saved(kwame.page)
  expect(server.rows(`select title, phone, externalId from users where id = ?`, user.id)).toEqual([
    { title: 'Lead recruiter', phone: '+47 55 50 00', externalId: 'I-1' },
  ])
  await end()
})

test('one deletes the group that the other assigns to', async ({ browser, server }) => {
  const user = member(server)
  const { ingrid, kwame, end } = await apart(browser, server)
  await ingrid.page.getByRole('navigation').getByRole('link', { name: 'Groups' }).click()
  await ingrid.page.getByRole('link', { name: 'EMEA Sales' }).click()
  await ingrid.page.getByRole('button', { name: 'Delete' }).click()
  await dialog(ingrid)
    .getByRole('radio', { name: /without a group/ })
    .click()
  await dialog(ingrid)
    .getByRole('button', { name: /delete group/i })
    .click()
  await expect(dialog(ingrid)).toBeHidden()

  await openUser(kwame, server, user)
  await panel(kwame).getByRole('button', { name: 'Change group' }).click()
  await dialog(kwame).getByRole('combobox').fill('EMEA')
  await kwame.page.getByRole('option', { name: /^EMEA Sales/ }).click()
  await dialog(kwame).getByRole('button', { name: 'Assign 1 user' }).click()
  await expect(dialog(kwame)).toBeHidden()
  await back(ingrid, /^Saved/)
  await back(kwame, /^1 needs attention/)

  await openQueue(kwame)
  const told = item(kwame, /was not assigned: no such group\./)
  await told.getByRole('button', { name: 'Select this user' }).click()
  await expect(kwame.page.getByRole('region', { name: 'User actions' }).getByRole('status')).toHaveText('1 selected')
  await told.getByRole('button', { name: 'Discard' }).click()
  await saved(kwame.page)
  expect(server.rows(`select 1 from groups where name = 'EMEA Sales'`)).toHaveLength(0)
  await end()
})

test('both demote each other: the first is done, the second is told that it is no admin any more', async ({
  browser,
  server,
}) => {
  const { ingrid, kwame, end } = await apart(browser, server)
  const demote = async (side: Side, email: string) => {
    const [other] = server.rows<Row>('select id from users where email = ?', email)
    if (!other) throw new Error(`The demo has no ${email}.`)
    await openUser(side, server, other)
    await panel(side).getByRole('button', { name: 'Change role' }).click()
    await dialog(side)
      .getByRole('radio', { name: /^Viewer/ })
      .click()
    await dialog(side)
      .getByRole('button', { name: /^Change role/ })
      .click()
    await expect(dialog(side)).toBeHidden()
  }
  await demote(ingrid, KWAME.email)
  await demote(kwame, ADMIN.email)
  await back(ingrid, /^Saved/)
  await back(kwame, /^1 needs attention/)

  await openQueue(kwame)
  const told = item(kwame, /Ingrid Solberg was not changed: you are no longer an admin\./)
  await told.getByRole('button', { name: 'Discard' }).click()
  await saved(kwame.page)
  expect(
    server.rows('select email, role from users where email in (?, ?) order by email', ADMIN.email, KWAME.email),
  ).toEqual([
    { email: ADMIN.email, role: 'admin' },
    { email: KWAME.email, role: 'viewer' },
  ])
  await end()
})
