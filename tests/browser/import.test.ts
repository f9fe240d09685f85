// A file of 5,000 new users without a network: the faulty rows are mended or left out, a reload in the middle loses nothing, all of it is
// one line in the queue and one undo, and then the server is as it was.
import type { Locator, Page } from '@playwright/test'
import { expect, installed, saved, signIn, test, waits, watchForFaults, type Server } from './server.ts'

test.use({ file: import.meta.filename, users: 500 })

const ROWS = 5_000
const BAD = { email: 20, product: 10, twice: 7 }

function file(): string {
  const rows = Array.from({ length: ROWS }, (_, at) => {
    const bad = at % 100 === 50 ? at / 100 : -1
    const email = bad >= 0 && bad < BAD.email ? `import${at}.example` : `import${at}@file.example`
    const product = bad >= BAD.email && bad < BAD.email + BAD.product ? 'Recriuter' : 'Recruiter'
    const twice = bad >= BAD.email + BAD.product && bad < BAD.email + BAD.product + BAD.twice
    return `First${at};Last${at};${twice ? `import${at - 1}@file.example` : email};${product};${`+47 ${at}`}`
  })
  return ['First name;Last name;E-mail;Product;Phone', ...rows].join('\r\n')
}

/** What an import could have touched. */
const standing = (server: Server) => ({
  users: server.rows('select id, email, status, "productId", "groupId" from users order by id'),
  seats: server.rows('select id, "seatsUsed" from products order by id'),
  groups: server.rows('select id, members from groups order by id'),
})

const segment = (page: Page, name: RegExp): Locator =>
  page.getByRole('group', { name: 'Rows shown' }).getByRole('button', { name })

test('5,000 rows offline: 37 faulty ones, 30 mended, 7 left out, sent, undone as one', async ({
  page,
  context,
  server,
}) => {
  const { faults } = watchForFaults(context)
  server.host('set-product', '--name', 'Recruiter', '--seats', '9000')
  await signIn(page, server)
  await installed(page)
  const before = standing(server)
  await page.goto(`${server.url}/users/add`)
  await saved(page)
  await context.setOffline(true)

  await page
    .getByLabel('File of users')
    .setInputFiles({ name: 'joiners.csv', mimeType: 'text/csv', buffer: Buffer.from(file()) })
  await expect(segment(page, /^All 5,000/)).toBeVisible()
  await expect(segment(page, /^To mend 37/)).toBeVisible()
  await expect(segment(page, /^Ready 4,963/)).toBeVisible()
  await expect(page.getByText(/5,000 rows · UTF-8, semicolons · 5 columns matched by name/)).toBeVisible()

  const cell = (field: string, row: number) => page.getByRole('textbox', { name: `${field}, row ${row}`, exact: true })
  const fill = async (field: string, row: number, text: string) => {
    await cell(field, row).fill(text)
  }
  await segment(page, /^To mend/).click()
  const at = (bad: number) => bad * 100 + 50
  for (let bad = 0; bad < 10; bad += 1) await fill('E-mail', at(bad) + 2, `import${at(bad)}@file.example`)

  // A reload right after the last key, without a network.
  await page.reload()
  await expect(segment(page, /^To mend 27/)).toBeVisible()
  await segment(page, /^To mend/).click()
  for (let bad = 10; bad < BAD.email; bad += 1) await fill('E-mail', at(bad) + 2, `import${at(bad)}@file.example`)
  for (let bad = BAD.email; bad < BAD.email + BAD.product; bad += 1) {
    const product = page.getByRole('combobox', { name: `Product, row ${at(bad) + 2}`, exact: true })
    await product.fill('Recruiter')
  }
  await expect(segment(page, /^To mend 7/)).toBeVisible()
  await expect(page.getByText(/Same e-mail as row/)).toHaveCount(BAD.twice)
  for (let left = BAD.twice; left > 0; left -= 1) {
    await page.getByRole('button', { name: 'Leave this row out' }).first().click()
    await expect(page.getByRole('button', { name: 'Leave this row out' })).toHaveCount(left - 1)
  }
  await expect(segment(page, /^Ready 4,993/)).toBeVisible()
  await page.getByRole('button', { name: 'Add 4,993 users' }).click()
  await page.getByRole('heading', { name: 'Users', level: 1, exact: true }).waitFor()

  // One line in the queue, and one undo.
  await waits(page, /^Offline · 1 waiting/)
  await context.setOffline(false)
  await expect.poll(() => server.rows('select 1 from users').length).toBe(before.users.length + 4_993)
  await saved(page)
  await page
    .getByRole('banner')
    .getByRole('button', { name: /^Saved/ })
    .click()
  const queue = page.getByRole('complementary', { name: 'Queue' })
  await expect(queue.locator('.op').filter({ hasText: 'Add 4,993 users' })).toHaveCount(1)
  await queue.getByRole('button', { name: 'Undo' }).first().click()
  await expect.poll(() => server.rows('select 1 from users').length).toBe(before.users.length)
  await saved(page)
  expect(standing(server)).toEqual(before)
  expect(faults).toEqual([])
})

test('what was exported comes back as it was; a cell that was edited becomes a change', async ({ page, server }) => {
  await signIn(page, server)
  const { users } = standing(server)
  await page.getByRole('button', { name: 'Export as CSV' }).click()
  const dialog = page.getByRole('dialog')
  const coming = page.waitForEvent('download')
  await dialog.getByRole('button', { name: /^Export \d/ }).click()
  const path = await (await coming).path()
  await page.goto(`${server.url}/users/add`)
  await page.getByLabel('File of users').setInputFiles(path)
  await expect(segment(page, new RegExp(`^Unchanged ${users.length}`))).toBeVisible()
  await expect(page.getByText(/Ignored, since only the app sets them: .*Used, Status, Last active/)).toBeVisible()
  await expect(segment(page, /^To mend 0/)).toBeVisible()

  await page.getByRole('textbox', { name: 'Title, row 2', exact: true }).fill('Astronomer')
  await expect(segment(page, /^Here already 1/)).toBeVisible()
  await expect(page.locator('.diff ins')).toHaveText('Astronomer')
  await page
    .getByRole('button', { name: /^Change / })
    .first()
    .click()
  await expect(segment(page, /^Changes 1/)).toBeVisible()
  await page.getByRole('button', { name: 'Change 1 users' }).click()
  await page.getByRole('heading', { name: 'Users', level: 1, exact: true }).waitFor()
  await expect.poll(() => server.rows('select 1 from users where title = ?', 'Astronomer').length).toBe(1)
})
