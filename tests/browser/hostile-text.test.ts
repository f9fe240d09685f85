// Markup, scripts, turned directions and endless words in every text that somebody can type: shown as text wherever they come up, with
// nothing run, no report of the content security policy, and no page wider than its window.
import { randomUUID } from 'node:crypto'
import { v7 } from 'uuid'
import { expect, saved, signIn, test, watchForFaults } from './server.ts'

test.use({ file: import.meta.filename, users: 200 })

const RUN = 'window.harmed=1'
const PAYLOADS = [
  `<script>${RUN}</script>`,
  `<img src=x onerror=${RUN}>`,
  `"><svg onload=${RUN}>`,
  `' autofocus onfocus=${RUN} x='`,
  `<a href="javascript:${RUN}">x</a>`,
  `{{constructor.constructor('${RUN}')()}}`,
  '${7*7}{@html "<b>x</b>"}',
  '</title></style></textarea><h1>big</h1>',
  '=HYPERLINK("http://evil.example","x")',
  '\u202Eexe.gnp\u202C \u2066left\u2069 \u200Fright',
  'W'.repeat(200),
  '\u0301'.repeat(60) + 'zalgo',
]

test('hostile text is text', async ({ page, context, server }) => {
  test.setTimeout(240_000)
  const { faults } = watchForFaults(context)
  await signIn(page, server)
  const product = server.rows<{ id: string }>('select id from products order by seatsPurchased - seatsUsed desc')[0]?.id
  const clientId = randomUUID()
  const operation = (sequence: number, type: string, args: unknown) => ({
    sequence,
    id: v7(),
    type,
    args,
    names: { users: {}, groups: {}, products: {} },
    madeAt: Date.now(),
    batch: null,
    atomic: false,
  })
  const groups = PAYLOADS.map((name) => ({ id: v7(), name, memberLimit: null, poolLimit: null }))
  const users = PAYLOADS.map((text, index) => ({
    id: v7(),
    email: `hostile${index}@tern.example`,
    firstName: text,
    lastName: text,
    title: text,
    phone: text,
    externalId: text,
    productId: product,
    groupId: groups[index]?.id ?? null,
    limit: null,
    role: 'member',
  }))
  const operations = [
    ...groups.map((group, index) => operation(index + 1, 'add-group', { group })),
    operation(groups.length + 1, 'add-users', { users }),
  ]
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
    { operations, clientId },
  )
  expect(outcomes.flatMap(({ notApplied }) => notApplied)).toEqual([])

  const pages = ['/users', '/groups', '/dashboard', '/settings', `/users/${users[1]?.id}`, `/groups/${groups[1]?.id}`]
  for (const path of [...pages, ...users.map(({ id }) => `/users/${id}`)]) {
    await page.goto(server.url + path)
    await saved(page)
    const state = await page.evaluate(() => ({
      harmed: 'harmed' in window,
      wide: document.documentElement.scrollWidth - window.innerWidth,
    }))
    expect({ path, ...state }).toEqual({ path, harmed: false, wide: expect.any(Number) })
    expect(state.wide, path).toBeLessThanOrEqual(0)
  }
  await page.goto(`${server.url}/users/${users[1]?.id}`)
  await expect(page.getByText(PAYLOADS[1] ?? '').first()).toBeVisible()
  await page.keyboard.press('Control+K')
  await page.keyboard.type('<img')
  await expect(page.getByRole('dialog').getByText('onerror').first()).toBeVisible()
  expect(await page.evaluate(() => 'harmed' in window)).toBe(false)
  expect(faults).toEqual([])
})
