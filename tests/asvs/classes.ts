// The classes of bug that consoles like this one really had: the tests that look for each, and the line that was broken once to see one of
// them fail.
import type { Proof } from './rows.ts'

export interface BugClass {
  name: string
  tests: readonly Proof[]
  /** The file, and what was done to it. */
  broken: string
}

export const CLASSES: readonly BugClass[] = [
  {
    name: 'authority by two doors',
    tests: ['doorsByRole', 'doorsList', 'doorsWriters'],
    broken: 'shared/operations/index.ts: the role of the actor not asked',
  },
  {
    name: 'mass assignment',
    tests: ['columns', 'operationColumns', 'providerFields'],
    broken: 'shared/operations/set-role.ts: an object that is not strict',
  },
  {
    name: 'across organisations',
    tests: ['routeWalk', 'twoOrganisations'],
    broken: 'sync-server/accounts/devices.ts: a device found without its organisation',
  },
  {
    name: 'the client is believed',
    tests: ['routeWalk', 'refusals'],
    broken: 'sync-server/sync/judge.ts: the organisation that is named not held against the session’s',
  },
  {
    name: 'reset and invitation links',
    tests: ['linkOnce', 'linkDies', 'reset'],
    broken: 'sync-server/accounts/links.ts: a link whose time is over left open',
  },
  {
    name: 'poisoned links',
    tests: ['forgedHost'],
    broken: 'sync-server/accounts/links.ts: links that lead to another host',
  },
  {
    name: 'sessions that live on',
    tests: ['shutOut', 'sessionEnded', 'sessionAbsolute'],
    broken:
      'sync-server/accounts/membership.ts: a deactivated user let in; sync-server/identity.ts: no longest session',
  },
  {
    name: 'fixation, second factor',
    tests: ['sessionToken', 'halfIsNobody', 'resetAsks'],
    broken: 'sync-server/accounts/entry.ts: a session without the second step',
  },
  {
    name: 'rate limits passed',
    tests: ['slowed', 'spellings', 'perAddress', 'proxies'],
    broken: 'sync-server/address.ts: a whole address of IPv6 counted instead of its /64',
  },
  {
    name: 'unauthenticated minting',
    tests: ['routeTable', 'routeWalk'],
    broken: 'sync-server/provider/docs.ts: a page without its guard',
  },
  {
    name: 'server-side requests',
    tests: ['privateHosts', 'rebinding', 'redirects'],
    broken: 'sync-server/outgoing/guard.ts: one public address of several enough',
  },
  {
    name: 'path tricks',
    tests: ['spelt', 'noOtherFile'],
    broken: 'sync-server/provider/docs.ts: nobody asked where the address has a percent sign',
  },
  {
    name: 'injection by harmless settings',
    tests: ['closedFilters', 'timeZones'],
    broken: 'sync-server/activity/routes.ts: any text taken for a kind of entry',
  },
  {
    name: 'stored script',
    tests: ['hostileText', 'mailText'],
    broken: 'sync-server/mail/letter.ts: markup not escaped',
  },
  { name: 'CSV formulas', tests: ['csvFormula', 'csvRoundTrip'], broken: 'shared/csv.ts: short cells not guarded' },
  { name: 'mail addresses', tests: ['addresses', 'mailSender'], broken: 'shared/email.ts: any character before the @' },
  {
    name: 'open redirect',
    tests: ['nextPath', 'onNext'],
    broken: 'web/lib/account/enter.ts: a path not held against the origin',
  },
  {
    name: 'memory by declared length',
    tests: ['declaredLength', 'undeclaredLength', 'halfUploads'],
    broken: 'sync-server/app.ts: a bound 99 times as high',
  },
  {
    name: 'enumeration',
    tests: ['answeredAlike', 'forgotten'],
    broken: 'sync-server/accounts/entry.ts: another code where there is no account',
  },
  {
    name: 'dependency',
    tests: ['lockFile', 'sbom', 'auditGate'],
    broken: 'package-lock.json: a package without a SHA-512 digest',
  },
]
