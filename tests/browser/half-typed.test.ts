// Nothing half typed is lost: rows of Add Multiple Users and the forms of users and groups survive a reload, offline too, and go with a
// sign-out.
import type { Page } from '@playwright/test'
import { wrong } from './axe.ts'
import { expect, installed, saved, signIn, test } from './server.ts'

test.use({ file: import.meta.filename, users: 200 })

test('typed rows are there again after a reload', async ({ page, context, server }) => {
  await signIn(page, server)
  await installed(page)
  await page.goto(`${server.url}/users/add`)
  await saved(page)
  const first = page.getByRole('textbox', { name: /first name/i }).first()
  await first.fill('Nia')
  await page
    .getByRole('textbox', { name: /e-mail/i })
    .first()
    .fill('nia@new.example')
  await context.setOffline(true)
  await page.reload()
  await expect(first).toHaveValue('Nia')
  await expect(page.getByRole('textbox', { name: /e-mail/i }).first()).toHaveValue('nia@new.example')

  await context.setOffline(false)
  await signOut(page)
  expect(await keptOf(page)).not.toContain('nia@new.example')
})

test('a half-typed user is there when the form is opened again; Start over empties it', async ({
  page,
  context,
  server,
}) => {
  await signIn(page, server)
  await installed(page)
  const dialog = page.getByRole('dialog', { name: 'Add User' })
  const openForm = () => page.getByRole('button', { name: 'Add User', exact: true }).click()
  await openForm()
  await dialog.getByLabel('First name').fill('Nia')
  await dialog.getByLabel('E-mail').fill('nia@new.example')
  await dialog.getByRole('combobox', { name: 'Role' }).click()
  await page.getByRole('option', { name: 'Viewer' }).click()
  await dialog.getByRole('combobox', { name: 'Product' }).click()
  await page.getByRole('option', { name: /^Insights/ }).click()
  await dialog.getByRole('combobox', { name: 'Group' }).fill('EMEA Sales')
  await page.getByRole('option', { name: /^EMEA Sales/ }).click()
  await dialog.getByLabel('Own limit, credits').fill('12')

  await context.setOffline(true)
  await page.reload()
  await openForm()
  await expect(dialog).toHaveAccessibleDescription(/^What you had typed is here again\./)
  await expect(dialog.getByLabel('First name')).toBeFocused()
  await expect(dialog.getByLabel('First name')).toHaveValue('Nia')
  await expect(dialog.getByLabel('E-mail')).toHaveValue('nia@new.example')
  await expect(dialog.getByRole('combobox', { name: 'Role' })).toHaveText('Viewer')
  await expect(dialog.getByRole('combobox', { name: 'Product' })).toContainText('Insights')
  await expect(dialog.getByRole('combobox', { name: 'Group' })).toHaveValue('EMEA Sales')
  await expect(dialog.getByRole('radio', { name: 'Own limit' })).toBeChecked()
  await expect(dialog.getByLabel('Own limit, credits')).toHaveValue('12')
  expect(await wrong(page, '[role="dialog"]')).toEqual([])

  await dialog.getByRole('button', { name: 'Start over' }).press('Enter')
  await expect(dialog.getByLabel('First name')).toBeFocused()
  await expect(dialog.getByLabel('First name')).toHaveValue('')
  await expect(dialog.getByRole('combobox', { name: 'Product' })).toContainText('Choose a product')
  await expect(dialog.getByRole('combobox', { name: 'Group' })).toHaveValue('No group')
  await expect(dialog.getByRole('radio', { name: 'Inherit' })).toBeChecked()
  await expect(dialog.getByText('here again')).toBeHidden()
  expect(await wrong(page, '[role="dialog"]')).toEqual([])

  // A slip with Escape loses nothing either; a sign-out takes it along.
  await dialog.getByLabel('E-mail').fill('ola@new.example')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await openForm()
  await expect(dialog.getByLabel('E-mail')).toHaveValue('ola@new.example')
  await page.keyboard.press('Escape')
  await context.setOffline(false)
  await signOut(page)
  expect(await keptOf(page)).not.toContain('ola@new.example')
})

test('a half-typed group is there again, a new one and an edit', async ({ page, context, server }) => {
  await signIn(page, server)
  await installed(page)
  await page.goto(`${server.url}/groups`)
  await page.getByRole('button', { name: 'Add Group' }).click()
  const adding = page.getByRole('dialog', { name: 'Add Group' })
  await adding.getByLabel('Name').fill('Half a gr')
  await adding.getByLabel('Shared by the group, credits').fill('120')
  await context.setOffline(true)
  await page.reload()
  await page.getByRole('button', { name: 'Add Group' }).click()
  await expect(adding.getByText('What you had typed is here again.')).toBeVisible()
  await expect(adding.getByLabel('Name')).toHaveValue('Half a gr')
  await expect(adding.getByLabel('Shared by the group, credits')).toHaveValue('120')
  await adding.getByRole('button', { name: 'Start over' }).click()
  await expect(adding.getByLabel('Name')).toBeFocused()
  await expect(adding.getByLabel('Name')).toHaveValue('')
  await adding.getByRole('button', { name: 'Cancel' }).click()

  await page.getByRole('link', { name: 'Field Research' }).click()
  await page.getByRole('button', { name: 'Edit' }).click()
  const editing = page.getByRole('dialog', { name: 'Edit Group' })
  await editing.getByLabel('Name').fill('Field Stud')
  await page.reload()
  await page.getByRole('button', { name: 'Edit' }).click()
  await expect(editing.getByLabel('Name')).toHaveValue('Field Stud')
  await expect(editing.getByText('What you had typed is here again.')).toBeVisible()
})

async function signOut(page: Page): Promise<void> {
  await saved(page)
  await page
    .getByRole('banner')
    .getByRole('button', { name: /^Account/ })
    .click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: /^Sign in/ }).waitFor()
}
const keptOf = (page: Page) => page.evaluate(() => JSON.stringify({ ...sessionStorage }))
