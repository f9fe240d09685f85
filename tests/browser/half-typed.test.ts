// Nothing half typed is lost: rows of Add Multiple Users survive a reload, offline too, and go with a sign-out.
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
  await saved(page)
  await page
    .getByRole('banner')
    .getByRole('button', { name: /^Account/ })
    .click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: /^Sign in/ }).waitFor()
  expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain('nia@new.example')
})
