// Browser tests in the Chromium that is at hand. Each test file starts a server of its own with its own data, so that files can run
// beside each other; nothing is tried again: a flaky test is a bug.
import { defineConfig } from '@playwright/test'
import { CHROMIUM_FLAGS, findChromium } from '../support/chromium.ts'

export default defineConfig({
  testDir: '.',
  // What measures is run alone: `npm test` runs one project after the other, also where the first has failed.
  projects: [
    { name: 'browser', testIgnore: 'large.test.ts' },
    { name: 'alone', testMatch: 'large.test.ts' },
  ],
  outputDir: '../../test-results',
  globalSetup: './filled.ts',
  globalTeardown: './filled.ts',
  workers: 2,
  fullyParallel: false,
  retries: 0,
  // Room for a machine ten times slower; what passes takes none of it.
  timeout: 600_000,
  expect: { timeout: 60_000 },
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'] ? [['list'], ['json']] : [['list']],
  use: {
    actionTimeout: 60_000,
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'Europe/Oslo',
    launchOptions: { executablePath: findChromium(), args: CHROMIUM_FLAGS },
    // Recording each step takes most of the time of a test: it is asked for where a failure is looked into, by `--trace on`.
    trace: 'off',
  },
})
