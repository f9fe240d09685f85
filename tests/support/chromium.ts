// Finds the browser that tests and benchmarks drive: an environment variable, the system's, Playwright's own; else Debian's package is
// installed where that is allowed. Nothing is downloaded from anywhere but the package registry of the system.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

/**
 * Of two such lists the browser takes the last, so what Playwright turns off is in this one, too. The first three are pages of the
 * browser's own and processes in reserve: with them a test takes a quarter more.
 */
const OFF = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'SpareRendererForSitePerProcess',
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
]

/** Quiet, without a sandbox (tests run as root in containers), and never asking any host but the one under test. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  `--disable-features=${OFF.join()}`,
  // No process anew on the way from an empty page to the app.
  '--disable-site-isolation-trials',
]

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium']

/** The path of a Chromium. @throws with one line that says what to do */
export function findChromium(): string {
  const named = process.env['CHROMIUM_PATH'] ?? process.env['CHROME_PATH']
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROMIUM_PATH names ${named}, which does not exist.`)
    return named
  }
  const found = [...SYSTEM, chromium.executablePath()].find((path) => existsSync(path))
  if (found) return found
  installFromDebian()
  const installed = SYSTEM.find((path) => existsSync(path))
  if (!installed)
    throw new Error(
      'Browser tests need Chromium: install it (Debian: apt-get install chromium) or name one in CHROMIUM_PATH.',
    )
  return installed
}

function installFromDebian(): void {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  console.log('Installing Debian’s Chromium for the browser tests …')
  const quiet = {
    stdio: ['ignore', 'ignore', 'inherit'] as ('ignore' | 'inherit')[],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }
  execFileSync('apt-get', ['update', '-qq'], quiet)
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], quiet)
}
