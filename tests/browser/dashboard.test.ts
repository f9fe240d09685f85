// The dashboard against the ledger: every number that it shows is counted again from the events with plain SQL and plain dates, for each
// period, on the network and without it; and what is used and what the months add up to are never two different numbers.
import type { Page } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { wrongInBothThemes } from './axe.ts'
import { expect, installed, saved, signIn, test, waits, watchForFaults, type Server } from './server.ts'

test.use({ file: import.meta.filename, users: 300 })

interface Range {
  from: string
  to: string
}
const TABLES = 'table=usage,top,credits,views'
const DAY = 86_400_000

// --- Plain dates ---
const iso = (time: number) => new Date(time).toISOString().slice(0, 10)
const at = (day: string) => Date.parse(`${day}T00:00:00Z`)
const plus = (day: string, days: number) => iso(at(day) + days * DAY)
const weekday = (day: string) => new Date(at(day)).getUTCDay() || 7
const mondayLike = (day: string, weekStart: number) => plus(day, -((weekday(day) - weekStart + 7) % 7))

interface Organisation {
  timeZone: string
  weekStart: number
  fiscalYearStart: number
}
const organisationOf = (server: Server) => {
  const [found] = server.rows<Organisation>('select timeZone, weekStart, fiscalYearStart from organisations')
  if (!found) throw new Error('No organisation.')
  return { ...found, today: new Intl.DateTimeFormat('en-CA', { timeZone: found.timeZone }).format(Date.now()) }
}

function periods(server: Server): Record<string, Range> {
  const { today, weekStart, fiscalYearStart } = organisationOf(server)
  const [year = 0, month = 0] = today.split('-').map(Number)
  const first = (back: number) => iso(Date.UTC(year, month - 1 - back, 1))
  const since = (month - fiscalYearStart + 12) % 12
  const week = mondayLike(today, weekStart)
  return {
    'period=last-week': { from: plus(week, -7), to: plus(week, -1) },
    'period=last-2-weeks': { from: plus(week, -14), to: plus(week, -1) },
    'period=month': { from: first(0), to: today },
    'period=quarter': { from: first(since % 3), to: today },
    '': { from: first(since), to: today },
    [`from=${plus(today, -200)}&to=${plus(today, -11)}`]: { from: plus(today, -200), to: plus(today, -11) },
    [`from=${plus(today, -70)}&to=${plus(today, -3)}`]: { from: plus(today, -70), to: plus(today, -3) },
  }
}

// --- What the ledger says ---
interface Sums {
  credits: number
  views: number
}
const sums = (server: Server, { from, to }: Range) =>
  server.rows<Sums & { users: number }>(
    `select coalesce(sum(credits), 0) credits, coalesce(sum(contactViews), 0) views, count(distinct case when credits > 0 then userId end) users
     from usage_events where day between ? and ?`,
    from,
    to,
  )[0]

/** By day, week or month, days without use included, as [days, credits, views]. */
function parts(server: Server, range: Range, by: (day: string) => string): number[][] {
  const used = new Map(
    server
      .rows<Sums & { day: string }>(
        'select day, sum(credits) credits, sum(contactViews) views from usage_events where day between ? and ? group by day',
        range.from,
        range.to,
      )
      .map((row) => [row.day, row]),
  )
  const found = new Map<string, number[]>()
  for (let day = range.from; day <= range.to; day = plus(day, 1)) {
    const [days = 0, credits = 0, views = 0] = found.get(by(day)) ?? []
    found.set(by(day), [days + 1, credits + (used.get(day)?.credits ?? 0), views + (used.get(day)?.views ?? 0)])
  }
  return [...found.values()]
}

const topUsers = (server: Server, { from, to }: Range) =>
  server
    .rows<{ name: string; credits: number }>(
      `select trim(u.firstName || ' ' || u.lastName) name, sum(e.credits) credits from usage_events e
       join users u on u.id = e.userId where e.day between ? and ?
       group by e.userId having sum(e.credits) > 0 order by sum(e.credits) desc, e.userId limit 10`,
      from,
      to,
    )
    .map(({ name, credits }) => [name, credits])

const byProduct = (server: Server, { from, to }: Range, field: 'credits' | 'contactViews') =>
  server
    .rows<{ name: string; sum: number }>(
      `select p.name, sum(e.${field}) sum from usage_events e join products p on p.id = e.productId
       where e.day between ? and ? group by p.id having sum(e.${field}) > 0 order by sum(e.${field}) desc`,
      from,
      to,
    )
    .map(({ name, sum }) => [name, sum])

/** Total and used of the contract that runs, from what each grant gave on each day. */
function credits(server: Server) {
  const { today } = organisationOf(server)
  const [contract] = server.rows<{ day: string }>(
    `select max(startsOn) day from grants where kind = 'contract' and startsOn <= ?`,
    today,
  )
  const rows = server.rows<{ endsOn: string; startsOn: string; kind: string; left: number; used: number }>(
    `select g.endsOn, g.startsOn, g.kind, g.credits - g.voided - coalesce(sum(d.credits), 0) "left",
       coalesce(sum(case when d.day >= ? then d.credits end), 0) used
     from grants g left join grant_days d on d.grantId = g.id group by g.id`,
    contract?.day ?? '',
  )
  const used = rows.reduce((sum, row) => sum + row.used, 0)
  const available = rows
    .filter(({ startsOn, endsOn, kind }) => kind !== 'overage' && startsOn <= today && today <= endsOn)
    .reduce((sum, { left }) => sum + left, 0)
  return { contract: contract?.day ?? '', total: used + available, used, available }
}

// --- What the page shows ---
const number = (text: string) => Number(text.replace(/[^\d-]/g, ''))
const cells = (page: Page, label: string, part: string) =>
  page
    .locator(`table[aria-label="${label}"] ${part} tr`)
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText.trim())))
const footOf = (page: Page, heading: string) =>
  page
    .getByRole('region', { name: heading, exact: true })
    .locator('tfoot td')
    .evaluateAll((found) => found.map((cell) => (cell as HTMLElement).innerText.trim()))

async function ready(page: Page): Promise<void> {
  await expect(page.getByRole('region', { name: 'Usage Summary' })).toBeVisible()
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
}

async function compare(page: Page, server: Server, search: string, range: Range): Promise<void> {
  const { weekStart } = organisationOf(server)
  const total = sums(server, range)
  const days = (at(range.to) - at(range.from)) / DAY + 1
  const unit = days <= 31 ? 'day' : days <= 92 ? 'week' : 'month'
  const name = {
    day: (day: string) => day,
    week: (day: string) => mondayLike(day, weekStart),
    month: (day: string) => day.slice(0, 7),
  }
  const shown = async (part: string) =>
    (await cells(page, 'Usage Summary', part))
      .filter((row) => row.length > 1)
      .map(([, days = '', credits = '', , views = '']) => [days, credits, views].map(number))
  await expect.poll(() => shown('tfoot'), { message: search }).toEqual([[days, total?.credits, total?.views]])
  expect(await shown('tbody:not(.more)'), search).toEqual(parts(server, range, name[unit]))
  if (unit !== 'month') expect(await shown('tbody.more'), search).toEqual(parts(server, range, name.month))

  const top = await cells(page, 'Top 10 users', 'tbody')
  expect(
    top.map(([who = '', , credits = '']) => [who, number(credits)]),
    search,
  ).toEqual(topUsers(server, range))
  expect((await cells(page, 'Top 10 users', 'tfoot'))[0]?.[0], search).toBe(
    total?.users === 1 ? 'All 1 user' : `All ${total?.users ?? 0} users`,
  )
  for (const [label, field] of [
    ['Credits by product', 'credits'],
    ['Contact views by product', 'contactViews'],
  ] as const) {
    const found = await cells(page, label, 'tbody')
    expect(
      found.map(([product, sum = '']) => [product, number(sum)]),
      `${search} ${label}`,
    ).toEqual(byProduct(server, range, field))
  }
}

test('every number is what the ledger says, for each period, also without a network after a reload', async ({
  page,
  context,
  server,
}) => {
  const { faults } = watchForFaults(context)
  await signIn(page, server)
  await installed(page)

  for (const network of [true, false]) {
    await context.setOffline(!network)
    for (const [search, range] of Object.entries(periods(server))) {
      // In the first morning of a month, or a week, nothing was used in it yet: then there is no table either.
      if (!sums(server, range)?.credits) continue
      await page.goto(`${server.url}/dashboard?${[search, TABLES].filter(Boolean).join('&')}`)
      if (!network) await waits(page, /^Offline/)
      await ready(page)
      await compare(page, server, `${network ? 'online' : 'offline'} ${search}`, range)
    }
    const { total, used, available } = credits(server)
    expect((await footOf(page, 'Credits')).filter(Boolean).slice(1).map(number)).toEqual([total, used, available])
    const seats = server.rows<{ name: string; bought: number; used: number }>(
      `select p.name, p.seatsPurchased bought, count(u.id) used from products p
       left join users u on u.productId = p.id and u.status <> 'deactivated' group by p.id order by p.name`,
    )
    const rows = await page
      .getByRole('region', { name: 'Seats' })
      .locator('tbody tr')
      .evaluateAll((found) => found.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText.trim())))
    expect(rows.map(([name, bought = '', used = '']) => [name, number(bought), number(used)])).toEqual(
      seats.map(({ name, bought, used }) => [name, bought, used]),
    )
  }
  expect(faults).toEqual([])
})

test('seats that nobody used are those of the ledger', async ({ page, server }) => {
  await signIn(page, server)
  const { today, timeZone } = organisationOf(server)
  for (const days of [30, 60, 90]) {
    const since = plus(today, -days)
    const idle = server
      .rows<{ id: string; joined: number }>(
        `select u.id, coalesce(u.joinedAt, u.createdAt) joined from users u
         where u.status <> 'deactivated' and u.productId is not null
           and not exists (select 1 from usage_events e where e.userId = u.id and e.day >= ?)`,
        since,
      )
      .filter(({ joined }) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(joined) < since)
    await page.goto(`${server.url}/dashboard?idle=${days}`)
    const words = page.getByRole('region', { name: 'Idle seats' }).locator('p')
    await expect(words).toContainText(
      idle.length === 0
        ? 'has been used since'
        : `${idle.length} user${idle.length === 1 ? '' : 's'} without use for ${days} days`,
    )
  }
})

declare global {
  /** What was seen together, in each frame. */
  var pairs: Set<string>
}

test('used and the months agree at every moment while usage comes in', async ({ page, server }) => {
  await signIn(page, server)
  await page.goto(`${server.url}/dashboard`)
  await ready(page)
  const [user] = server.rows<{ email: string; product: string }>(
    `select u.email, p.name product from users u join products p on p.id = u.productId where u.status = 'active' limit 1`,
  )
  const key = /shown this once: (\S+)/.exec(
    server.host('add-provider-key', '--name', 'Search', '--scopes', 'usage,spend'),
  )?.[1]
  const { used, contract } = credits(server)
  const { today } = organisationOf(server)
  // The contract and the fiscal year of the demo begin on the same day, so that the year to date is the whole contract.
  expect(periods(server)['']?.from).toBe(contract)

  await page.evaluate(() => {
    globalThis.pairs = new Set()
    const region = (name: string) =>
      [...document.querySelectorAll('section')].find((one) => one.querySelector('h2')?.textContent.trim() === name)
    const look = () => {
      const used = region('Credits')?.querySelectorAll('tfoot td')[3]?.textContent
      const months = region('Usage Summary')?.querySelector('.meta')?.textContent.replace(/ .*/, '')
      globalThis.pairs.add(`${used ?? ''} ${months ?? ''}`)
      requestAnimationFrame(look)
    }
    look()
  })
  const spend = (credits: number, number: number) =>
    fetch(`${server.url}/api/provider/v1/spends`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key ?? ''}`, 'content-type': 'application/json' },
      body: JSON.stringify({ user: user?.email, product: user?.product, credits, idempotencyKey: `k-${number}` }),
    }).then((response) => response.json() as Promise<{ allowed: boolean }>)
  const answers = await Promise.all([1, 2, 3].map((credits, number) => spend(credits, number)))
  const allowed = answers.reduce((sum, { allowed }, at) => sum + (allowed ? at + 1 : 0), 0)
  expect(allowed).toBeGreaterThan(0)

  // Devices are let see at once after quiet, and then once a minute.
  await expect
    .poll(async () => number((await footOf(page, 'Credits'))[3] ?? ''), { timeout: 90_000 })
    .toBe(used + allowed)
  expect(credits(server).used).toBe(used + allowed)
  const pairs = () => page.evaluate(() => [...globalThis.pairs])
  await expect.poll(async () => (await pairs()).length).toBeGreaterThan(1)
  for (const pair of await pairs()) expect(pair.split(' ')[0]).toBe(pair.split(' ')[1])
  expect(sums(server, { from: contract, to: today })?.credits).toBe(used + allowed)
})

test('the period is in the address: chosen by key, taken back, and told where it is wrong', async ({
  page,
  server,
}) => {
  await signIn(page, server)
  await page.goto(`${server.url}/dashboard`)
  await ready(page)
  const period = page.getByRole('group', { name: 'Period' })
  await period.getByRole('button', { name: 'Quarter to date' }).press('Enter')
  await expect(page).toHaveURL(/period=quarter/)
  await period.getByRole('button', { name: 'Custom' }).click()
  const dialog = page.getByRole('dialog', { name: 'Custom period' })
  const { today } = organisationOf(server)
  await dialog.getByLabel('From').fill(plus(today, -9))
  await dialog.getByLabel('To', { exact: true }).fill(plus(today, 1))
  await expect(dialog.getByRole('button', { name: 'Show period' })).toBeDisabled()
  await expect(dialog.getByText('Days to come can’t be chosen.')).toBeVisible()
  await dialog.getByLabel('To', { exact: true }).fill(today)
  await expect(dialog.getByText('10 days, both included')).toBeVisible()
  await dialog.getByRole('button', { name: 'Show period' }).click()
  await expect(page).toHaveURL(new RegExp(`from=${plus(today, -9)}&to=${today}`))
  await page.goBack()
  await expect(period.getByRole('button', { name: 'Quarter to date' })).toHaveAttribute('aria-pressed', 'true')
  await page.goto(`${server.url}/dashboard?period=decade`)
  await expect(page.getByText('a period that is not known')).toBeVisible()

  // A bar is a link with its number, and leads to those behind it.
  await ready(page)
  const bar = page.getByRole('region', { name: 'Usage Summary' }).getByRole('link').first()
  await expect(bar).toHaveAccessibleName(/: [\d,]+ credits/)
  await bar.press('Enter')
  await expect(page).toHaveURL(/\/users\?used=/)
})

test('a chart is saved as a picture and as a table', async ({ page, server }) => {
  await signIn(page, server)
  await page.goto(`${server.url}/dashboard?period=last-2-weeks`)
  await ready(page)
  const card = page.getByRole('region', { name: 'Usage Summary' })
  const save = async (what: string) => {
    await card.getByRole('button', { name: 'Save Usage Summary' }).click()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: what }).click(),
    ])
    return { name: file.suggestedFilename(), content: readFileSync(await file.path()) }
  }
  const range = periods(server)['period=last-2-weeks'] ?? { from: '', to: '' }
  const table = await save('Table (CSV)')
  expect(table.name).toBe(`usage-${range.from}-to-${range.to}.csv`)
  const rows = table.content.toString('utf8').trim().split('\r\n').slice(1)
  const total = sums(server, range)
  expect(rows.reduce((sum, row) => sum + Number(row.split(',')[3]), 0)).toBe(total?.credits)
  const picture = await save('Picture (PNG)')
  expect(picture.name).toBe(`usage-${range.from}-to-${range.to}.png`)
  expect(picture.content.subarray(1, 4).toString()).toBe('PNG')
  expect(picture.content.length).toBeGreaterThan(5_000)
})

for (const [size, viewport] of Object.entries({
  desk: { width: 1440, height: 900 },
  tablet: { width: 1024, height: 768 },
  phone: { width: 390, height: 844 },
}))
  test(`axe finds nothing in charts, tables and the calendar, and nothing is too wide: ${size}`, async ({
    page,
    server,
  }) => {
    await page.setViewportSize(viewport)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await signIn(page, server)
    for (const search of ['', `?period=quarter&${TABLES}`, '?calendar']) {
      await page.goto(`${server.url}/dashboard${search}`)
      await saved(page)
      await ready(page)
      if (search === '?calendar') {
        await page.getByRole('button', { name: 'Custom', exact: true }).click()
        await expect(page.getByRole('dialog', { name: 'Custom period' }).getByRole('grid').first()).toBeVisible()
      }
      expect.soft(await wrongInBothThemes(page), search).toEqual([])
    }
  })
