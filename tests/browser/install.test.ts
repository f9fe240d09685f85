// The app as something to install: Chromium finds nothing that keeps it from being installed, and every page opens without a network.
import { expect, installed, saved, signIn, test, watchForFaults, waits } from './server.ts'

test.use({ users: 200 })

test('can be installed', async ({ page, server }) => {
  await signIn(page, server)
  await installed(page)
  const client = await page.context().newCDPSession(page)
  const { installabilityErrors } = await client.send('Page.getInstallabilityErrors')
  expect(installabilityErrors).toEqual([])
  const manifest = await client.send('Page.getAppManifest')
  expect(manifest.errors).toEqual([])
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
