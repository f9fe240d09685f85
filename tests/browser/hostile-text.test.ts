// Markup, scripts, turned directions and endless words in every text that somebody can type, by whatever door it came in: shown as text
// wherever it comes up, with nothing run, no report of the content security policy, no page wider than its window, rows as high as
// others, and no name that reorders the words round it.
import type { BrowserContext, Page } from '@playwright/test'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { v7 } from 'uuid'
import { parseCsv } from '#shared/csv.ts'
import { PAYLOADS, REFUSED } from '../support/hostile-text.ts'
import { expect, saved, signIn, test, watchForFaults, type Server } from './server.ts'

test.use({ file: import.meta.filename, users: 200 })

interface Seen {
  harmed: boolean
  reports: string[]
  wide: number
  /** Texts that could turn the words beside them. */
  leaks: string[]
}

/** Before any script of the page: what the content security policy reports is kept. */
const watchPolicy = (context: BrowserContext) =>
  context.addInitScript(() => {
    const reports: string[] = []
    Object.assign(window, { policyReports: reports })
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      reports.push(`${violatedDirective} ${blockedURI}`),
    )
  })

const seen = (page: Page): Promise<Seen> =>
  page.evaluate(
    async (payloads) => {
      // Charts follow a new width of the window in the next frame.
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame)
      const turning = /[\u202A-\u202E\u2066-\u2069\u200F\u05D0-\u05EA\u0621-\u064A]/
      const fence = /\u2068[^\u202A-\u202E\u2066-\u2069]*\u2069/g
      const leaks: string[] = []
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const element = node.parentElement
        const text = node.textContent ?? ''
        if (!element || !turning.test(text) || element.closest('script, style, textarea, option')) continue
        const open = text.replace(fence, '')
        if (!turning.test(open)) continue
        const words = payloads.reduce((left, payload) => left.split(payload).join(''), open).replace(/\s+/g, ' ')
        const { unicodeBidi, display } = getComputedStyle(element)
        const apart = /isolate|plaintext/.test(unicodeBidi) || !display.startsWith('inline')
        // By itself in an element that is kept apart, or in one with words of ours, where it must be fenced.
        if (!apart || /[a-z]{2}/i.test(words))
          leaks.push(`${element.tagName} ${element.className}: ${text.trim().slice(0, 80)}`)
      }
      const { policyReports } = window as unknown as { policyReports: string[] }
      const { scrollWidth } = document.documentElement
      return { harmed: 'harmed' in window, reports: policyReports, wide: Math.max(0, scrollWidth - innerWidth), leaks }
    },
    PAYLOADS.map((text) => text.trim()),
  )

const HARMLESS: Seen = { harmed: false, reports: [], wide: 0, leaks: [] }

/** Groups, users, the organisation, products and a key that are called so: by the sync, by the provider and on the host. */
async function fill(page: Page, server: Server) {
  // One of each on the host, where a command is a process of its own; the rest by the key that was made there.
  const [script = '', image = '', ...rest] = PAYLOADS
  server.host('set-product', `--name=${script}`, '--seats', '3')
  const key = /shown this once: (\S+)/.exec(server.host('add-provider-key', `--name=${image}`, '--scopes', 'contract'))
  for (const name of [image, ...rest]) {
    const answer = await page.request.post(`${server.url}/api/provider/v1/products`, {
      headers: { authorization: `Bearer ${key?.[1]}` },
      data: { name, seatsPurchased: 9 },
    })
    expect([name, answer.status()]).toEqual([name, 201])
  }
  const products = server.rows<{ id: string; name: string }>(`select id, name from products where "seatsPurchased" = 9`)
  const groups = PAYLOADS.map((name) => ({ id: v7(), name, memberLimit: null, poolLimit: null }))
  const users = PAYLOADS.map((text, index) => ({
    id: v7(),
    email: `hostile${index}@tern.example`,
    firstName: text,
    lastName: text,
    title: text,
    phone: text,
    externalId: text,
    productId: products[index % products.length]?.id,
    groupId: groups[index]?.id ?? null,
    limit: null,
    role: 'member',
  }))
  const [organisation] = server.rows<{ name: string }>('select name from organisations')
  const bidi = PAYLOADS[21] ?? ''
  const calls: [string, unknown][] = [
    ...groups.map((group): [string, unknown] => ['add-group', { group }]),
    ['add-users', { users }],
    ['update-organisation', { changes: { name: { from: organisation?.name, to: bidi } } }],
    ...users.map(({ id }): [string, unknown] => [
      'manage-limit',
      { userIds: [id], limit: { credits: 5, term: 'month' } },
    ]),
  ]
  const operations = calls.map(([type, args], index) => ({
    sequence: index + 1,
    id: v7(),
    type,
    args,
    names: { users: {}, groups: {}, products: {} },
    madeAt: Date.now(),
    batch: null,
    atomic: false,
  }))
  const outcomes = await page.evaluate(
    async ({ operations, clientId }) => {
      const session = await (await fetch('/api/session')).json()
      const answer = await fetch('/api/sync', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          protocol: 2,
          account: session.account.id,
          organisation: session.organisation.id,
          clientId,
          cursor: null,
          seen: { version: 0, hash: '' },
          operations,
        }),
      })
      return (await answer.json()).outcomes as { notApplied: unknown[] }[]
    },
    { operations, clientId: randomUUID() },
  )
  expect(outcomes.flatMap(({ notApplied }) => notApplied)).toEqual([])
  return { users, groups }
}

test('by the sync, the provider and the host: text on every page, at a desk and on a phone', async ({
  page,
  context,
  server,
}) => {
  const { faults } = watchForFaults(context)
  await watchPolicy(context)
  await signIn(page, server)
  const { users, groups } = await fill(page, server)
  await page.getByRole('searchbox', { name: 'Search users' }).fill('hostile0@tern.example')
  await expect(page.getByText('hostile0@tern.example')).toBeVisible()
  // The lists hold all of them at once; pages of one are those of turned directions, of endless words, and of marks upon marks.
  const paths = [
    ...['/users', '/groups', '/dashboard', '/settings', '/activity', '/users/add'],
    ...[`/users/${users[21]?.id}`, `/groups/${groups[24]?.id}`, `/users/${users[27]?.id}`],
    `/activity?item=${users[26]?.id}`,
  ]
  for (const path of paths) {
    await page.goto(server.url + path)
    await saved(page)
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 })
      expect.soft({ width, path, ...(await seen(page)) }).toEqual({ width, path, ...HARMLESS })
    }
    await page.setViewportSize({ width: 1440, height: 900 })
  }

  // A row of the list is as high as any other, whatever it is called.
  await page.goto(`${server.url}/users`)
  await saved(page)
  await page.getByRole('searchbox').fill('hostile')
  await expect(page.getByText('hostile0@tern.example')).toBeVisible()
  const heights = await page
    .locator('[role=row]:has([role=gridcell]), tbody tr')
    .evaluateAll((rows) => [...new Set(rows.map((row) => Math.round(row.getBoundingClientRect().height)))])
  expect(heights).toHaveLength(1)

  // The palette, a dialog with its preview, and the toast that says what was done.
  await page.getByRole('button', { name: 'Search people, groups and actions' }).click()
  await page.getByRole('dialog', { name: 'Search' }).getByPlaceholder('Search people, groups and actions').fill('<img')
  await expect(page.getByRole('dialog').getByText('onerror').first()).toBeVisible()
  expect(await seen(page)).toEqual(HARMLESS)
  await page.keyboard.press('Escape')
  // Markup was seen in the palette and the lists; what turns directions is what a dialog's and a toast's words must withstand.
  await page.goto(`${server.url}/users/${users[21]?.id}`)
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: /^Deactivate/ }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('button', { name: /^Deactivate/ })).toBeVisible()
  expect.soft({ dialog: true, ...(await seen(page)) }).toEqual({ dialog: true, ...HARMLESS })
  await dialog.getByRole('button', { name: /^Deactivate/ }).click()
  await expect(page.getByRole('button', { name: 'Undo' }).first()).toBeVisible()
  expect.soft({ toast: true, ...(await seen(page)) }).toEqual({ toast: true, ...HARMLESS })
  await page
    .getByRole('banner')
    .getByRole('button', { name: /^Saved/ })
    .click()
  expect.soft({ queue: true, ...(await seen(page)) }).toEqual({ queue: true, ...HARMLESS })
  await page.keyboard.press('Escape')

  // On paper nothing is wider than the sheet.
  await page.emulateMedia({ media: 'print' })
  await page.goto(`${server.url}/users`)
  await saved(page)
  expect.soft({ print: true, ...(await seen(page)) }).toEqual({ print: true, ...HARMLESS })
  expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(1_000)
  await page.emulateMedia({ media: 'screen' })

  // A file holds what was typed, letter by letter.
  await page.goto(`${server.url}/users`)
  await saved(page)
  await page.getByRole('button', { name: 'Export as CSV' }).click()
  const coming = page.waitForEvent('download')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Export \d+ users/ })
    .click()
  const text = readFileSync(await (await coming).path(), 'utf8')
  expect(text).not.toMatch(/(^|,"?)[=+@]/m)
  const cells = new Set(parseCsv(text).flat())
  for (const payload of PAYLOADS) expect(cells, payload).toContain(payload.trim())
  expect(faults).toEqual([])
})

test('typed: what fits is text, what can’t be stored is refused in a sentence', async ({ page, context, server }) => {
  const { faults } = watchForFaults(context)
  await watchPolicy(context)
  await signIn(page, server)
  const dialog = page.getByRole('dialog')
  for (const [at, text] of [PAYLOADS[1] ?? '', PAYLOADS[21] ?? ''].entries()) {
    await page.getByRole('button', { name: 'Add User', exact: true }).click()
    await expect(dialog.getByLabel('E-mail')).toBeVisible()
    for (const field of ['First name', 'Last name', 'Title', 'Phone']) {
      const box = dialog.getByLabel(field, { exact: true })
      if (await box.count()) await box.fill(text)
    }
    await dialog.getByLabel('E-mail').fill(`typed${at}@tern.example`)
    await dialog.getByRole('combobox', { name: 'Product' }).click()
    await page.getByRole('option', { name: /^Recruiter/ }).click()
    await dialog.getByRole('button', { name: 'Add 1 user' }).click()
    await expect(dialog).toBeHidden()
    expect(await seen(page)).toEqual(HARMLESS)
    await saved(page)
    expect(server.rows('select "firstName" from users where email = ?', `typed${at}@tern.example`)).toEqual([
      { firstName: text.trim() },
    ])
  }
  await page.getByRole('button', { name: 'Add User', exact: true }).click()
  await dialog.getByLabel('E-mail').fill('refused@tern.example')
  // Half a character can't be typed.
  for (const [, text] of REFUSED.filter(([, one]) => one.isWellFormed())) {
    await dialog.getByLabel('First name').fill(text)
    await dialog.getByRole('button', { name: 'Add 1 user' }).click()
    await expect(dialog.getByText(/cannot be stored. Remove it|Longer than 200 characters. Shorten it/)).toBeVisible()
    await expect(dialog.getByLabel('First name')).toHaveAttribute('aria-invalid', 'true')
  }
  expect(faults).toEqual([])
})

test('from a file: every row is text, and those that can’t be stored are named', async ({ page, context, server }) => {
  const { faults } = watchForFaults(context)
  await watchPolicy(context)
  server.host('set-product', '--name', 'Recruiter', '--seats', '900')
  await signIn(page, server)
  const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`
  const refused = REFUSED.filter(([, one]) => one.isWellFormed())
  const rows = [...PAYLOADS, ...refused.map(([, text]) => text)].map((text, at) =>
    [text, text, `file${at}@tern.example`, 'Recruiter', text, text].map(quoted).join(','),
  )
  const file = ['First name,Last name,E-mail,Product,Title,Phone', ...rows].join('\r\n')
  await page.goto(`${server.url}/users/add`)
  await saved(page)
  await page
    .getByLabel('File of users')
    .setInputFiles({ name: 'hostile.csv', mimeType: 'text/csv', buffer: Buffer.from(file) })
  const shown = page.getByRole('group', { name: 'Rows shown' })
  await expect(shown.getByRole('button', { name: `To mend ${refused.length}` })).toBeVisible()
  await expect(shown.getByRole('button', { name: `Ready ${PAYLOADS.length}` })).toBeVisible()
  expect.soft(await seen(page)).toEqual(HARMLESS)
  await page.setViewportSize({ width: 390, height: 844 })
  expect.soft(await seen(page)).toEqual(HARMLESS)
  await page.setViewportSize({ width: 1440, height: 900 })
  await shown.getByRole('button', { name: /^To mend/ }).click()
  await expect(page.getByText(/cannot be stored. Remove it|Longer than 200 characters/).first()).toBeVisible()
  for (let left = refused.length; left > 0; left -= 1) {
    await page.getByRole('button', { name: 'Leave this row out' }).first().click()
    await expect(page.getByRole('button', { name: 'Leave this row out' })).toHaveCount(left - 1)
  }
  await page.getByRole('button', { name: `Add ${PAYLOADS.length} users` }).click()
  await expect(page).toHaveURL(/\/users\?sort=-added/)
  await saved(page)
  const stored = new Set(
    server
      .rows<{ firstName: string }>(`select "firstName" from users where email like 'file%'`)
      .map(({ firstName }) => firstName),
  )
  for (const payload of PAYLOADS) expect(stored, payload).toContain(payload.trim())
  expect.soft(await seen(page)).toEqual(HARMLESS)
  expect(faults).toEqual([])
})
