// The app as something to install: Chromium finds nothing that keeps it from being installed, and every page opens without a network.
import { chromium } from '@playwright/test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, installed, saved, signIn, test, watchForFaults, waits } from './server.ts'

test.use({ file: import.meta.filename, users: 200 })

test('can be installed', async ({ server, launchOptions, locale }) => {
  // A profile of its own: a window without history is never offered an installation.
  const profile = mkdtempSync(join(tmpdir(), 'quartermaster-profile-'))
  const context = await chromium.launchPersistentContext(profile, { ...launchOptions, ...(locale ? { locale } : {}) })
  const page = context.pages()[0] ?? (await context.newPage())
  await signIn(page, server)
  await installed(page)
  const client = await context.newCDPSession(page)
  const { installabilityErrors } = await client.send('Page.getInstallabilityErrors')
  expect(installabilityErrors).toEqual([])
  const manifest = await client.send('Page.getAppManifest')
  expect(manifest.errors).toEqual([])
  await context.close()
  rmSync(profile, { recursive: true, force: true })
})

test('every page opens offline, with what this device knows', async ({ page, context, server }) => {
  const { faults } = watchForFaults(context)
  await signIn(page, server)
  await installed(page)
  await context.setOffline(true)
  for (const [path, title] of [
    ['/dashboard', 'Dashboard'],
    ['/users', 'Users'],
    ['/groups', 'Groups'],
    ['/settings', 'Settings'],
  ] as const) {
    await page.goto(server.url + path)
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible()
    await waits(page, /^Offline/)
  }
  await expect(page.getByText('Copy of 200 users')).toBeVisible()
  await context.setOffline(false)
  await saved(page)
  expect(faults).toEqual([])
})
