// One person in two organisations: gone on to the other in one tab, the other tabs notice, keep what is typed, and follow when asked to.
import { ADMIN, expect, saved, signIn, test, watchForFaults } from './server.ts'

test.use({ file: import.meta.filename, users: 50 })

test('other tabs notice that the organisation was switched, and follow by a button', async ({
  page,
  context,
  server,
}) => {
  const { faults } = watchForFaults(context)
  const made = server.host('create-organisation', '--name', 'Second Harbour')
  const second = /[0-9a-f-]{36}/.exec(made)?.[0] ?? ''
  server.host('add-admin', '--organisation', second, '--email', ADMIN.email, '--name', 'Ingrid Solberg')
  // It asks for a second factor, which is another test's.
  server.tamper(`update organisations set "secondFactor" = 'off'`)
  const [first] = server.rows<{ name: string }>('select name from organisations where "orgId" <> ?', second)

  await signIn(page, server)
  const other = await context.newPage()
  await other.goto(`${server.url}/groups`)
  await saved(other)
  await expect(other.getByText('In another tab you went on to')).toHaveCount(0)

  await page
    .getByRole('banner')
    .getByRole('button', { name: /^Account/ })
    .click()
  await page.getByRole('menuitem', { name: /^Go to/ }).click()
  const note = other.getByText('In another tab you went on to')
  await expect(note).toBeVisible()
  await expect(note).toContainText(/This tab still shows/)
  // The one that was left writes nothing over where the browser is now.
  const at = () =>
    other.evaluate(() => JSON.parse(localStorage.getItem('quartermaster.account') ?? '{}').organisation?.name)
  const now = await at()
  expect([first?.name, 'Second Harbour']).toContain(now)
  await other.getByRole('button', { name: `Go on in ${now}` }).click()
  await saved(other)
  await expect(other.getByText('In another tab you went on to')).toHaveCount(0)
  expect(await at()).toBe(now)
  expect(faults).toEqual([])
})
