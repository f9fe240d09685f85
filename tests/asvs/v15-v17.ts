// Chapters 15 to 17: how it is built, what is logged, WebRTC.
import { held, operator, without, type Chapter } from './rows.ts'

const NO_WEBRTC = 'There is no sound, picture or call.'

export const V15: Chapter = {
  name: 'How it is built',
  rows: {
    '15.1.1': held('times for updates are written down', 'RULES.md, “Packages of others”.', 'written'),
    '15.1.2': held(
      'inventory of packages',
      'npm run supply writes it; the lock file has one source and a digest for each.',
      'sbom',
      'lockFile',
    ),
    '15.1.3': held('what is costly is written down', 'RULES.md, “Limits”.', 'written'),
    '15.2.1': operator(
      'no package past its time',
      'npm run supply asks the registry, and fails where it could not.',
      'auditGate',
    ),
    '15.2.2': held(
      'costly things are bounded',
      'Bodies, batches, files, pages and hashes; checks of the log one at a time; others are served meanwhile.',
      'halfUploads',
      'undeclaredLength',
      'perAddress',
      'declaredLength',
      'longHeaders',
    ),
    '15.2.3': held(
      'nothing extra in production',
      'Tests, seeds and the demo’s mails are no part of a server that isn’t the demo; development packages stay out.',
      'routeTable',
      'noOtherFile',
      'lockFile',
    ),
    '15.3.1': held(
      'only the fields that are needed',
      'Answers are put together field by field.',
      'answerFields',
      'keyHash',
      'devices',
    ),
    '15.3.2': held('no redirects followed', 'By no request of the server.', 'redirects'),
    '15.3.3': held(
      'no mass assignment',
      'Every column of every table is put into every request and operation.',
      'columns',
      'operationColumns',
      'providerFields',
    ),
    '15.3.4': held(
      'whose address it is',
      'The socket’s, or what a named proxy says of it.',
      'proxies',
      'forgedHeaders',
    ),
    '15.3.5': held(
      'types',
      'TypeScript at its strictest, schemas at the border, no loose comparison.',
      'malformed',
      'providerAmounts',
      'columns',
    ),
    '15.3.6': held('prototypes', 'Maps, strict schemas, no merging of what was sent.', 'prototype'),
    '15.3.7': held(
      'parameters sent twice',
      'Bodies and addresses are never mixed; of several the first counts, and none of them says who asks.',
      'twice',
    ),
  },
}

export const V16: Chapter = {
  name: 'Logs and failures',
  rows: {
    '16.1.1': held('logs are written down', 'RULES.md, “Logs”.', 'written'),
    '16.2.1': held(
      'who, when, where, what',
      'Actor, device, claimed and received time, what came of each item.',
      'activity',
      'trailSignIns',
    ),
    '16.2.2': held(
      'time',
      'The server’s, in milliseconds of UTC; the device’s stands beside it as a claim.',
      'activity',
      'logLines',
    ),
    '16.2.3': held('only where it is said', 'The activity’s table, and standard output.', 'written', 'nowhere'),
    '16.2.4': held(
      'readable by machines',
      'JSON by the line; the activity as CSV and JSON.',
      'logLines',
      'answerTypes',
    ),
    '16.2.5': held('no secrets in logs', 'No password, token, key or cookie.', 'logLines', 'keysInLog'),
    '16.3.1': held(
      'ways in are logged',
      'Every sign-in with its way, failed ones bounded.',
      'trailSignIns',
      'activitySignIns',
      'onDoor',
    ),
    '16.3.2': held(
      'refusals are logged',
      'Items that were forbidden stand in the activity; queues that were refused whole as well.',
      'activity',
      'trailRefused',
    ),
    '16.3.3': held(
      'what is to be noticed is logged',
      'What RULES.md names; malformed operations and slowed accounts too.',
      'trail',
      'trailHost',
      'trailProvider',
      'malformed',
    ),
    '16.3.4': held('failures are logged', 'As errors with their cause.', 'logLines', 'keysInLog'),
    '16.4.1': held('lines can’t be forged', 'JSON by the line.', 'logLines'),
    '16.4.2': held(
      'logs can’t be changed',
      'The activity is chained by digests, its head in every device; who reads it is its organisation.',
      'tampers',
      'cutTail',
      'activityReaders',
    ),
    '16.4.3': operator(
      'logs leave the machine',
      'Standard output is JSON for whatever collects it; the head of the chain is in every device.',
      'logLines',
    ),
    '16.5.1': held('failures tell nothing', 'A code and a sentence.', 'failureTellsNothing', 'refusals'),
    '16.5.2': held(
      'others may be down',
      'Mail is tried again later, a provider at the next start of a sign-in; the console goes on.',
      'mailRetry',
      'onDown',
      'boundedAnswers',
    ),
    '16.5.3': held(
      'failing closed',
      'What throws changes nothing, and what is not allowed by a line is not there.',
      'storeFails',
      'throwing',
      'routeTable',
    ),
  },
}

export const V17: Chapter = {
  name: 'WebRTC',
  rows: {
    '17.1.1': without('relays', NO_WEBRTC),
    '17.2.1': without('keys', NO_WEBRTC),
    '17.2.2': without('suites', NO_WEBRTC),
    '17.2.3': without('packets', NO_WEBRTC),
    '17.2.4': without('malformed packets', NO_WEBRTC),
    '17.3.1': without('signals in a flood', NO_WEBRTC),
    '17.3.2': without('malformed signals', NO_WEBRTC),
  },
}
