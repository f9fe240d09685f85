// From a number to the users behind it: the dashboard's idle seats become a selection, the bars lead to who used credits then, and a user
// and a group say what they used. All of it again without a network, and each number against SQL.
import type { Page } from '@playwright/test'
import { expect, installed, saved, signIn, test, watchForFaults, type Server } from './server.ts'

test.use({ file: import.meta.filename, users: 600 })

const number = (text: string | null) => Number((/[\d,]+/.exec(text ?? '')?.[0] ?? '').replaceAll(',', ''))
const grid = (page: Page) => page.getByRole('grid', { name: 'Users' })
/** How many users the list holds, once it has settled. */
async function listed(page: Page): Promise<number> {
  await expect(grid(page)).toHaveAttribute('aria-busy', 'false')
  return Number(await grid(page).getAttribute('aria-rowcount')) - 1
}
const usersOf = (server: Server, from: string, to: string, more = '', ...values: string[]) =>
  server.rows<{ count: number }>(
    `select count(distinct userId) as count from usage_days where day between ? and ? ${more}`,
    from,
    to,
    ...values,
  )[0]?.count ?? 0
const lastDayOf = (server: Server) =>
  server.rows<{ day: string }>('select max(day) as day from usage_days')[0]?.day ?? ''
/** Until all months are on the device: then the dashboard's seats and charts have settled too. */
const usageIsHere = (page: Page) => expect(page.locator('[aria-busy="true"]')).toHaveCount(0)

test('idle seats become a selection that survives a reload, and Back', async ({ page, context, server }) => {
  const { faults } = watchForFaults(context)
  await signIn(page, server)
  await page.goto(`${server.url}/dashboard`)
  const idle = page.locator('section', { has: page.getByRole('heading', { name: 'Idle seats' }) })
  await idle.getByRole('button', { name: '60 days' }).click()
  const link = idle.getByRole('link', { name: 'select them' })
  const said = number(await link.locator('..').textContent())
  expect(said).toBeGreaterThan(0)
  await link.click()

  await expect(page.getByText(`${said} selected`).first()).toBeVisible()
  await expect(page).toHaveURL(/\/users\?idle=60$/)
  expect(await listed(page)).toBe(said)
  await page.reload()
  await expect(page.getByText(`${said} selected`).first()).toBeVisible()
  expect(await listed(page)).toBe(said)

  // With a search and another filter; Back takes the filter back.
  await page.getByRole('search').getByRole('button', { name: 'Product', exact: true }).click()
  await page.getByRole('checkbox', { name: 'Insights' }).click()
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL(/product=[^&]+&idle=60/)
  await expect.poll(() => listed(page)).toBeLessThan(said)
  await page.goBack()
  await expect.poll(() => listed(page)).toBe(said)
  await page.getByRole('button', { name: 'Clear filter Last use' }).click()
  await expect.poll(() => listed(page)).toBe(600)
  await expect(page.getByText(`${said} selected`).first()).toBeVisible()
  expect(faults).toEqual([])
})

test('who used credits on certain days is who SQL says, also without a network', async ({ page, context, server }) => {
  const { faults } = watchForFaults(context)
  await signIn(page, server)
  await installed(page)
  const today = lastDayOf(server)
  const from = `${today.slice(0, 7)}-01`
  const [product] = server.rows<{ id: string; name: string }>(`select id, name from products where name = 'Recruiter'`)
  const all = usersOf(server, from, today)
  const some = usersOf(server, from, today, 'and productId = ?', product?.id ?? '')
  expect(some).toBeGreaterThan(0)
  expect(some).toBeLessThan(all)

  await page.goto(`${server.url}/users?used=${from}..${today}`)
  await expect.poll(() => listed(page)).toBe(all)
  await page.goto(`${server.url}/users?used=${from}..${today}&usedProduct=${product?.id ?? ''}&select=all`)
  await expect.poll(() => listed(page)).toBe(some)
  await expect(page.getByText(`${some} selected`).first()).toBeVisible()
  await expect(page).not.toHaveURL(/select/)
  await expect(page.getByText(/^Used credits .* of Recruiter$/)).toBeVisible()

  await context.setOffline(true)
  await page.reload()
  await expect.poll(() => listed(page)).toBe(some)
  await page.getByRole('button', { name: /^Clear filter Used credits/ }).click()
  await expect.poll(() => listed(page)).toBe(600)
  await context.setOffline(false)

  await page.goto(`${server.url}/users?used=2026-02-30..2026-03-01&idle=soon`)
  await expect(page.getByText('Parts of this link say nothing here and are left out')).toContainText('idle=soon')
  expect(await listed(page)).toBe(600)
  expect(faults).toEqual([])
})

test('a user and a group say what they used', async ({ page, context, server }) => {
  const { faults } = watchForFaults(context)
  await signIn(page, server)
  await saved(page)
  const [zone] = server.rows<{ timeZone: string }>('select timeZone from organisations')
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: zone?.timeZone }).format(Date.now())
  const first = `${Number(today.slice(0, 4)) - 1}${today.slice(4, 7)}-31`
  const [most] = server.rows<{ userId: string; credits: number }>(
    `select userId, sum(credits) as credits from usage_days where day > ? group by userId order by credits desc limit 1`,
    first,
  )
  await page.goto(`${server.url}/users/${most?.userId ?? ''}`)
  const panel = page.getByRole('complementary')
  await expect(panel.getByText(new RegExp(`^${most?.credits.toLocaleString('en')} credits and `))).toBeVisible()
  await expect(panel.locator('svg[role="group"]')).toHaveAttribute('aria-label', /Highest in/)
  await panel.getByRole('button', { name: 'Table' }).click()
  await expect(panel.getByRole('table').getByRole('row')).toHaveCount(1 + 12 + 1)

  const [group] = server.rows<{ id: string; credits: number }>(
    `select groupId as id, sum(credits) as credits from usage_days
     where day > ? and groupId = (select id from groups where name = 'EMEA Sales') group by groupId`,
    first,
  )
  await page.goto(`${server.url}/groups/${group?.id ?? ''}`)
  await expect(page.getByText(new RegExp(`^${group?.credits.toLocaleString('en')} credits and `))).toBeVisible()
  await usageIsHere(page)
  // It leads to those who used it, in the group as it was then.
  await page.getByRole('link', { name: 'Show them' }).click()
  await expect(page).toHaveURL(/usedGroup=/)
  await expect.poll(() => listed(page)).toBe(usersOf(server, first, '9999', 'and groupId = ?', group?.id ?? ''))
  expect(faults).toEqual([])
})
