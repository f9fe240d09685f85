// The app for those who hear it, see it large or dark, or have no mouse: what axe finds on each page and in the main dialogs, in both
// themes, at a desk and on a phone; one action done by keys alone; and where the focus goes when something closes.
import type { Page } from '@playwright/test'
import { wrongInBothThemes } from './axe.ts'
import { expect, saved, signIn, test } from './server.ts'

test.use({ file: import.meta.filename, users: 200 })

const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }
const DIALOG = '[role="dialog"]'
const dialog = (page: Page) => page.getByRole('dialog')
const row = (page: Page, at: number) => page.getByRole('row').nth(at)
const bar = (page: Page) => page.getByRole('region', { name: 'User actions' })

/** Opens an action of the bar, or of its menu where the bar has no room for it. */
async function openAction(page: Page, name: string): Promise<void> {
  const button = bar(page).getByRole('button', { name, exact: true })
  if (await button.isVisible()) await button.click()
  else {
    await bar(page).getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name }).click()
  }
  await expect(dialog(page)).toBeVisible()
}

for (const [size, viewport] of Object.entries(SIZES))
  test.describe(size, () => {
    // Without motion nothing is measured half faded in.
    test.use({ viewport, contextOptions: { reducedMotion: 'reduce' } })

    test('axe finds nothing on any page nor in the main dialogs', async ({ page, server }) => {
      await page.goto(`${server.url}/sign-in`)
      await expect(page.getByLabel('Password')).toBeVisible()
      expect.soft(await wrongInBothThemes(page), 'sign-in').toEqual([])
      await signIn(page, server)

      const [user] = server.rows<{ id: string }>('select id from users order by emailKey limit 1')
      const [group] = server.rows<{ id: string }>(`select id from groups where name = 'EMEA Sales'`)
      for (const path of [
        '/dashboard',
        '/groups',
        `/groups/${group?.id ?? ''}`,
        '/activity',
        '/settings',
        '/users/add',
        `/users/${user?.id ?? ''}`,
        '/users',
      ]) {
        await page.goto(server.url + path)
        await saved(page)
        await expect(page.locator('h1').first()).not.toBeEmpty()
        await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
        expect.soft(await wrongInBothThemes(page), path).toEqual([])
      }

      for (const at of [1, 2, 3]) await row(page, at).getByRole('checkbox').click()
      for (const action of ['Assign Group', 'Manage Limit', 'Deactivate User', 'Export as CSV']) {
        await openAction(page, action)
        expect.soft(await wrongInBothThemes(page, DIALOG), action).toEqual([])
        await page.keyboard.press('Escape')
        await expect(dialog(page)).toBeHidden()
      }
      await page.getByRole('button', { name: 'Add User', exact: true }).click()
      await dialog(page).getByRole('button', { name: 'Add 1 user' }).click()
      await expect(dialog(page).getByText('Choose a product.')).toBeVisible()
      expect.soft(await wrongInBothThemes(page, DIALOG), 'Add User, with faults').toEqual([])
      await page.keyboard.press('Escape')

      await page
        .getByRole('banner')
        .getByRole('button', { name: /^Saved/ })
        .click()
      await expect(page.getByRole('complementary', { name: 'Queue' })).toBeVisible()
      expect.soft(await wrongInBothThemes(page, '.panel'), 'queue').toEqual([])
      await page.keyboard.press('Escape')
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: /search/i }).fill('Amara Okafor')
      await expect(page.getByRole('option').first()).toBeVisible()
      expect.soft(await wrongInBothThemes(page, DIALOG), 'palette').toEqual([])
    })
  })

test('by keys alone: somebody is found, selected and given a group, and it is undone', async ({ page, server }) => {
  const [first] = server.rows<{ id: string; email: string; groupId: string }>(
    `select u.id, u.email, u.groupId from users u join groups g on g.id = u.groupId
     where u.status = 'active' and g.name <> 'EMEA Sales' order by u.emailKey limit 1`,
  )
  if (!first) throw new Error('The demo has no such user.')
  const groupOf = () =>
    server.rows<{ name: string }>(
      `select name from groups where id = (select groupId from users where id = ?)`,
      first.id,
    )[0]?.name
  const before = groupOf()
  await signIn(page, server)

  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox', { name: 'Search users' })).toBeFocused()
  await page.keyboard.type(first.email)
  await expect(page.getByText('1 of 200 users')).toBeVisible()
  // The palette comes out of a field too, and goes by the same keys.
  const palette = page.getByRole('combobox', { name: 'Search', exact: true })
  await page.keyboard.press('Control+k')
  await expect(palette).toBeFocused()
  await page.keyboard.type('no one')
  await page.keyboard.press('Control+k')
  await expect(palette).toBeHidden()
  await expect(page.getByRole('searchbox', { name: 'Search users' })).toBeFocused()
  await page.keyboard.press('Control+k')
  await expect(palette).toBeFocused()
  await expect(palette).toHaveValue('')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('searchbox', { name: 'Search users' })).toBeFocused()
  // Out of the search, where letters are text; then along the list.
  await page.keyboard.press('Tab')
  await page.keyboard.press('j')
  await expect(row(page, 1)).toBeFocused()
  await page.keyboard.press('Space')
  await expect(bar(page).getByRole('status')).toHaveText('1 selected')

  await bar(page).getByRole('button', { name: 'Assign Group' }).focus()
  await page.keyboard.press('Enter')
  await expect(dialog(page)).toBeVisible()
  await page.keyboard.type('EMEA')
  await expect(page.getByRole('option', { name: /^EMEA Sales/ })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(dialog(page).getByText('1 selected: 1 change')).toBeVisible()
  await page.keyboard.press('Control+Enter')
  await expect(dialog(page)).toBeHidden()
  await expect(bar(page).getByRole('button', { name: 'Assign Group' })).toBeFocused()
  await page.getByRole('banner').getByRole('button', { name: 'Undo' }).focus()
  await saved(page)
  expect(groupOf()).toBe('EMEA Sales')

  await page.keyboard.press('Enter')
  await expect.poll(groupOf).toBe(before)
})

test('the focus is seen, and comes back from dialogs, panels and menus', async ({ page, server }) => {
  await signIn(page, server)
  const add = page.getByRole('button', { name: 'Add User', exact: true })
  await add.focus()
  await page.keyboard.press('Enter')
  await expect(dialog(page).getByLabel('First name')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(add).toBeFocused()
  expect(await add.evaluate((button) => getComputedStyle(button).boxShadow)).not.toBe('none')

  const pill = page.getByRole('banner').getByRole('button', { name: /^Saved/ })
  await pill.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary', { name: 'Queue' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(pill).toBeFocused()

  const account = page.getByRole('button', { name: /^Account/ })
  await account.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: 'Sign out' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(account).toBeFocused()

  const link = row(page, 2).getByRole('link')
  const name = await link.innerText()
  await link.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary', { name })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('complementary', { name })).toBeHidden()
  await expect(row(page, 2).locator(':focus').or(page.locator('tr:focus'))).toHaveCount(1)
})
