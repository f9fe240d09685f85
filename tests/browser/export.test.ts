// Data on its way out and in beside the file dialog: exports of users, groups and usage are recorded on the server, a viewer's too; a file
// that is shared to the app or opened with it is read; a pasted list of e-mails selects those users and names the others.
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import Papa from 'papaparse'
import { ADMIN, expect, installed, saved, signIn, test, type Server } from './server.ts'

test.use({ file: import.meta.filename, users: 300 })

interface Recorded {
  actor: string
  args: { what: string; rows: number; scope: string; filter: string; columns: string[] }
}
/** The last export that the server's log knows of. */
const recorded = (server: Server): Recorded | undefined =>
  server
    .rows<{ actor: string; args: string }>(
      `select actor, args from log where type = 'record-export' order by version desc limit 1`,
    )
    .map(({ actor, args }) => ({ actor, args: (JSON.parse(args) as Pick<Recorded, 'args'>).args }))[0]

/** Presses, and answers the file that is saved as records. */
async function exported(page: Page, press: () => Promise<void>): Promise<{ name: string; records: string[][] }> {
  const coming = page.waitForEvent('download')
  await press()
  const file = await coming
  const text = readFileSync(await file.path(), 'utf8')
  expect(text.startsWith('\uFEFF')).toBe(true)
  const { data } = Papa.parse<string[]>(text.slice(1), { skipEmptyLines: true })
  return { name: file.suggestedFilename(), records: data }
}

test('a viewer exports users: the server records who, how many and which columns', async ({ page, server }) => {
  const [viewer] = server.rows<{ id: string; email: string }>(
    `select id, email from users where role = 'viewer' and id in (select "userId" from auth_memberships)`,
  )
  if (!viewer) throw new Error('The demo has no viewer who can sign in.')
  await signIn(page, server, { ...ADMIN, email: viewer.email })
  const { count } = server.rows<{ count: number }>('select count(*) as count from users')[0] ?? { count: 0 }
  await page.getByRole('button', { name: 'Export as CSV' }).click()
  const { records } = await exported(page, () =>
    page
      .getByRole('dialog')
      .getByRole('button', { name: `Export ${count} users` })
      .click(),
  )
  expect(records).toHaveLength(count + 1)
  await saved(page)
  await expect.poll(() => recorded(server)?.actor).toBe(viewer.id)
  expect(recorded(server)?.args).toMatchObject({ what: 'users', rows: count, scope: 'all', columns: records[0] })
})

test('groups are exported with the columns that were chosen, and recorded', async ({ page, server }) => {
  await signIn(page, server)
  await page.goto(`${server.url}/groups`)
  await saved(page)
  const groups = server.rows<{ name: string; members: number }>('select name, members from groups order by name')
  await page.getByRole('button', { name: 'Export as CSV' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('checkbox', { name: 'Last modified' }).click()
  const { records } = await exported(page, () => dialog.getByRole('button', { name: /^Export \d/ }).click())
  const [heads = [], ...rows] = records
  expect(heads).not.toContain('Last modified')
  expect(rows.map(([name, members]) => ({ name, members: Number(members) })).sort(byName)).toEqual(groups.sort(byName))
  await expect.poll(() => recorded(server)?.args).toMatchObject({ what: 'groups', rows: groups.length, columns: heads })
})
const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }) =>
  (a.name ?? '') < (b.name ?? '') ? -1 : 1

test('the usage of the chosen period: days, products, groups and users come to the same', async ({ page, server }) => {
  await signIn(page, server)
  await page.goto(`${server.url}/dashboard?period=year`)
  const button = page.getByRole('button', { name: 'Export usage as CSV' })
  await expect(button).toHaveAttribute('aria-disabled', 'false')
  const { name, records } = await exported(page, () => button.click())
  expect(name).toMatch(/^usage-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/)
  const sum = (by: string) => records.filter(([kind]) => kind === by).reduce((all, row) => all + Number(row[3]), 0)
  expect(sum('day')).toBeGreaterThan(0)
  expect([sum('product'), sum('group'), sum('user')]).toEqual([sum('day'), sum('day'), sum('day')])
  await expect
    .poll(() => recorded(server)?.args)
    .toMatchObject({ what: 'usage', rows: records.length - 1, scope: 'period', columns: records[0] })
})

const SHARED = 'First name,Last name,E-mail,Product\r\nAda,Shared,ada.shared@file.example,Recruiter\r\n'

test('a file that is shared to the app opens in Add Multiple Users', async ({ page, server }) => {
  await signIn(page, server)
  await installed(page)
  // The service worker takes pages over from the next one on.
  await page.reload()
  await saved(page)
  await page.evaluate((text) => {
    const form = document.createElement('form')
    Object.assign(form, { method: 'post', action: '/users/add', enctype: 'multipart/form-data' })
    const input = Object.assign(document.createElement('input'), { type: 'file', name: 'file' })
    const files = new DataTransfer()
    files.items.add(new File([text], 'shared.csv', { type: 'text/csv' }))
    input.files = files.files
    form.append(input)
    document.body.append(form)
    form.submit()
  }, SHARED)
  await expect(page).toHaveURL(`${server.url}/users/add`)
  await expect(page.getByText('shared.csv')).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'E-mail, row 2', exact: true })).toHaveValue('ada.shared@file.example')
  // Taken out of its place at once.
  expect(await page.evaluate(async () => (await (await caches.open('quartermaster-shared')).keys()).length)).toBe(0)
})

test('a file with which the app is opened is read', async ({ page, server }) => {
  await signIn(page, server)
  // The system's way in, which a browser without a desktop has not.
  await page.addInitScript((text) => {
    const getFile = () => Promise.resolve(new File([text], 'opened.csv', { type: 'text/csv' }))
    const setConsumer = (consumer: (launch: object) => void) => consumer({ files: [{ getFile }] })
    Object.defineProperty(globalThis, 'launchQueue', { value: { setConsumer } })
  }, SHARED)
  await page.goto(`${server.url}/users/add`)
  await expect(page.getByText('opened.csv')).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Last name, row 2', exact: true })).toHaveValue('Shared')
})

test('a pasted list of e-mails selects those users; the others are named', async ({ page, server }) => {
  await signIn(page, server)
  const known = server.rows<{ email: string }>('select email from users order by id limit 3').map(({ email }) => email)
  const text = [...known, 'nobody@elsewhere.example', known[0]?.toUpperCase(), 'no.one@elsewhere.example'].join('\n')
  await page.getByRole('searchbox', { name: 'Search users' }).evaluate((search, pasted) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    search.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, text)
  await expect(page.getByText('5 addresses pasted: 3 belong to users here, 2 are not known.')).toBeVisible()
  await expect(page.getByText('Not known: nobody@elsewhere.example, no.one@elsewhere.example')).toBeVisible()
  await page.getByRole('button', { name: 'Select these 3 users' }).click()
  await expect(page.getByText('3 selected').first()).toBeVisible()
})
