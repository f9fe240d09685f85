// The tests that the table of ASVS names, each under a short name: file and title. asvs.test.ts sees to it that each is there.
export const PROOFS = {
  // Answers of the server
  answerTypes: ['tests/api/answers.test.ts', '$name: its type, and how long it may be kept'],
  answerHeaders: ['tests/api/answers.test.ts', '$name: no sniffing, no frame, no other site, always TLS'],
  answerPolicy: [
    'tests/api/answers.test.ts',
    'an answer of the API opens nothing in a browser; a page brings its own policy, hashes included',
  ],
  answerKeepsNothing: ['tests/api/answers.test.ts', 'where devices keep nothing, their browsers keep no usage either'],
  failureTellsNothing: ['tests/api/answers.test.ts', 'a failure tells nothing of its cause'],
  nothingSentOn: ['tests/api/answers.test.ts', 'nothing is sent on to another address, by no route'],
  downloadName: ['tests/api/answers.test.ts', 'a download has a name of ours, whatever is asked for'],
  noMethodOverride: ['tests/api/answers.test.ts', 'a method in a header or an address changes nothing'],
  crossSite: ['tests/api/headers.test.ts', '%s takes nothing from another site'],
  noTls: ['tests/api/headers.test.ts', 'without TLS the browser is not told to use it'],
  deviceFeatures: ['tests/api/headers.test.ts', 'nothing that got into the page may use the device'],
  refusals: ['tests/api/refusals.test.ts', '$name: $status $code, and nothing has changed'],
  origin: ['tests/unit/sync-server/origin.test.ts', '%i for %s'],
  // The wire
  spelt: ['tests/api/wire.test.ts', '%s, spelt otherwise, is as spelt plainly or is not there'],
  noOtherFile: ['tests/api/wire.test.ts', 'no file but those of the build is served: %s'],
  noFolder: ['tests/api/wire.test.ts', 'no folder is listed'],
  smuggling: ['tests/api/wire.test.ts', 'a request with %s hides no other one'],
  trace: ['tests/api/wire.test.ts', 'nothing is echoed by TRACE, and nothing is tunnelled'],
  declaredLength: [
    'tests/api/wire.test.ts',
    'a body may say that it is larger than it is taken: it is refused before it is sent',
  ],
  undeclaredLength: [
    'tests/api/wire.test.ts',
    'a body that does not say how long it is, is read to the bound and no further',
  ],
  halfUploads: [
    'tests/api/wire.test.ts',
    '300 uploads that announce a megabyte and stop half way hold no megabytes, and others are served meanwhile',
  ],
  longHeaders: ['tests/api/wire.test.ts', 'headers without end are cut off'],
  // Fields
  columns: ['tests/api/fields.test.ts', '%s takes no column that it does not name'],
  operationColumns: [
    'tests/api/fields.test.ts',
    'the operation %s takes no column that it does not name, at any depth',
  ],
  prototype: ['tests/api/fields.test.ts', '%s: a prototype that is sent along is nobody’s'],
  twice: ['tests/api/fields.test.ts', 'a parameter that is sent twice opens no other organisation'],
  closedFilters: ['tests/api/fields.test.ts', 'filters of the activity are closed lists, ids and moments'],
  timeZones: ['tests/api/fields.test.ts', '%j is no time zone: not at the setup, not by an operation'],
  logLines: [
    'tests/api/fields.test.ts',
    'whatever a request holds, a line of the log is one line of JSON, with its time; and no secret is in any',
  ],
  providerFields: [
    'tests/api/provider-refusals.test.ts',
    '%s refuses what it cannot read, and every field that it does not name',
  ],
  providerAmounts: ['tests/api/provider-refusals.test.ts', '%s %s takes whole amounts alone (%s: %s)'],
  providerStrangers: ['tests/api/provider-refusals.test.ts', '%s takes no stranger'],
  providerForeign: ['tests/api/provider-refusals.test.ts', '%s knows nothing of another organisation'],
  methods: [
    'tests/api/provider-refusals.test.ts',
    'what is not there is 404, and what is there but not asked that way is 405, with or without a key',
  ],
  malformed: ['tests/api/sync.test.ts', '%s is set aside as malformed, and the queue goes on'],
  nul: ['tests/unit/shared/text.test.ts', 'NUL and lone surrogates are refused with a sentence'],
  textLength: [
    'tests/unit/shared/text.test.ts',
    'the length is counted in characters, not in halves of them, after trimming',
  ],
  textOnce: ['tests/unit/shared/text.test.ts', 'whatever was parsed is parsed to itself'],
  addresses: ['tests/unit/shared/email.test.ts', '%j is no address'],
  addressKey: ['tests/unit/shared/email.test.ts', 'a key is its own key'],
  csvFormula: ['tests/unit/shared/csv.test.ts', 'makes %j harmless'],
  csvRoundTrip: [
    'tests/unit/shared/csv.test.ts',
    'any rows survive the way out and back, and no cell begins like a formula',
  ],
  hostileText: [
    'tests/browser/hostile-text.test.ts',
    'by the sync, the provider and the host: text on every page, at a desk and on a phone',
  ],
  mailText: [
    'tests/api/mail.test.ts',
    'names are shown as text: no markup, no header, no turned direction, no endless line',
  ],
  mailSender: ['tests/api/mail.test.ts', 'the sender is an address, with or without a name'],
  mailRetry: ['tests/api/mail.test.ts', 'what fails is tried again, later each time, and given up in the end'],
  // Files
  fileTooLarge: ['tests/unit/web/import-read.test.ts', 'more than can be read at all'],
  fileRows: ['tests/unit/web/import-read.test.ts', '100,000 rows, and not one more'],
  fileText: ['tests/unit/web/import-read.test.ts', 'formulas of somebody else are text'],
  fileKinds: ['tests/unit/web/import-read.test.ts', '%s'],
  // Rules of the house
  properties: ['tests/unit/shared/properties.test.ts', 'reach every operation, applied and refused'],
  lastAdmin: ['tests/api/two-devices.test.ts', 'the last admin can’t be taken away, judged in the server’s order'],
  lastSeat: ['tests/api/store.test.ts', 'of 64 who ask for one seat at the same moment, one gets it'],
  twoServers: ['tests/api/store.test.ts', 'two servers on one file never give a seat twice'],
  storeFails: ['tests/api/store.test.ts', 'when the store fails, the request is refused whole and can be repeated'],
  orgIdLeads: ['tests/api/store.test.ts', 'orgId leads every primary key and index, the identity’s tables apart'],
  throwing: [
    'tests/api/sync.test.ts',
    'one that throws lets those before it stand, stops those behind it, and is set aside after the third try',
  ],
  sequence: ['tests/api/sync.test.ts', 'a gap is answered with the sequence that is expected, and nothing is applied'],
  repeated: ['tests/api/sync.test.ts', 'a request that is repeated has one effect and the stored outcomes'],
  spendsAtOnce: [
    'tests/api/usage.test.ts',
    '200 spends at once against %s of 100 allow exactly what fits; replays change nothing',
  ],
  kill: ['tests/api/kill.test.ts', 'what was acknowledged survives kill -9 under load'],
  limitTooHigh: [
    'tests/unit/shared/operations/manage-limit.test.ts',
    'a limit above all credits of the organisation is rejected; just all of them is not',
  ],
  addUsersRules: [
    'tests/unit/shared/operations/add-users.test.ts',
    'an e-mail is given once, also within one operation, in whatever spelling, deactivated users included',
  ],
  // Who may do what
  routeTable: ['tests/api/routes.test.ts', 'every route stands in the table, once, and none that is not there'],
  routeWalk: ['tests/api/routes.test.ts', '%s'],
  doorsByRole: [
    'tests/api/doors.test.ts',
    '%s by a viewer is forbidden by its own definition, by a member and a deactivated one refused at the door',
  ],
  doorsList: ['tests/api/doors.test.ts', 'the doors at which operations are run are these'],
  doorsRows: ['tests/api/doors.test.ts', 'rows of an organisation are written at these places alone'],
  doorsWriters: ['tests/api/doors.test.ts', 'what the server itself writes by, beside operations, is this'],
  doorsMay: ['tests/api/doors.test.ts', 'no definition lets anybody in but admins, save those that are named here'],
  doorsHost: ['tests/api/doors.test.ts', 'the host’s commands are these'],
  twoOrganisations: [
    'tests/api/roles.test.ts',
    'no request of one organisation reads or changes a row of the other, whatever ids it names',
  ],
  shutOut: [
    'tests/api/devices.test.ts',
    'who is %s is shut out at once: the stream ends within a second, the queue is refused whole',
  ],
  // Ways in
  slowed: [
    'tests/api/gate.test.ts',
    '200 addresses on one account are slowed after 5 tries, and its owner is told once',
  ],
  notLockedOut: [
    'tests/api/gate.test.ts',
    'a stranger locks nobody out: a browser that was used before has a budget of its own, and a link by mail another way in',
  ],
  spellings: ['tests/api/gate.test.ts', 'twelve spellings of an address share one budget'],
  perAddress: ['tests/api/gate.test.ts', 'one address has 30 tries a minute, a whole /64 of IPv6 counts as one'],
  proxies: ['tests/api/gate.test.ts', 'the address where %s'],
  answeredAlike: ['tests/api/gate.test.ts', 'an account that does not exist is answered alike, also when it is slowed'],
  triesKept: [
    'tests/api/tries-kept.test.ts',
    'an account is slowed across restarts, for a stranger’s account as for one that exists, and for as long',
  ],
  forgedHeaders: ['tests/api/identity.test.ts', 'tries are counted by the socket’s address, whatever the request says'],
  forgedHost: ['tests/api/accounts.test.ts', 'a forged %s never changes where a link leads'],
  cookies: ['tests/api/identity.test.ts', 'the cookie is no script’s business, and behind TLS it is the host’s alone'],
  passwordGood: ['tests/unit/sync-server/passwords.test.ts', '%s: good'],
  passwordLength: [
    'tests/unit/sync-server/passwords.test.ts',
    'it has 12 characters at least, counted as people count, and 64 may be more',
  ],
  passwordKnown: ['tests/unit/sync-server/passwords.test.ts', '%s is known to everybody'],
  passwordContext: [
    'tests/unit/sync-server/passwords.test.ts',
    'what others know of a person makes no password: name, address, organisation, product',
  ],
  passwordExact: [
    'tests/unit/sync-server/passwords.test.ts',
    'it is checked as it was typed: case, spaces and its end count',
  ],
  passwordHash: [
    'tests/unit/sync-server/passwords.test.ts',
    'it is kept by argon2id with 19 MiB and two passes, salted anew each time; weaker hashes are made anew',
  ],
  passwordFields: [
    'tests/unit/sources.test.ts',
    'every field for a password hides it, and lets a password manager fill it',
  ],
  nowhere: ['tests/unit/sources.test.ts', 'nowhere: %s'],
  noSecrets: [
    'tests/unit/sources.test.ts',
    'nothing that the provider’s keys, the cookies or the database are opened by stands in the repository',
  ],
  nextPath: ['tests/unit/web/enter.test.ts', 'only a path of this app is followed'],
  weakLink: ['tests/api/accounts.test.ts', 'a weak password is refused and the link still works'],
  invited: [
    'tests/api/accounts.test.ts',
    'an invited admin chooses a password, is active from then on, and is signed in',
  ],
  linkOnce: ['tests/api/accounts.test.ts', 'of 64 who follow one link at once, one wins'],
  linkDies: ['tests/api/accounts.test.ts', 'an invitation dies by %s, and says so'],
  reset: [
    'tests/api/accounts.test.ts',
    'a reset sets the password, ends the sessions and their streams, and nothing works that worked before',
  ],
  forgotten: [
    'tests/api/accounts.test.ts',
    'who has forgotten a password is answered alike, known or not, and mailed three times an hour at most',
  ],
  confirmed: [
    'tests/api/accounts.test.ts',
    'an address that an admin enters takes no account over: links go to the confirmed one, and confirming asks for the password',
  ],
  hostAdmin: [
    'tests/api/first-admin.test.ts',
    'an admin made on the host is invited, chooses a password by the link, once, and is active from then on',
  ],
  firstAdmin: [
    'tests/api/first-admin.test.ts',
    'the link of a fresh server makes organisation and admin, once, and the next start prints none',
  ],
  keyHash: [
    'tests/api/provider.test.ts',
    'a key is kept as a hash alone, its last use to the minute, and the console lists it without either',
  ],
  // The second factor
  secondStep: [
    'tests/api/second-factor.test.ts',
    'the right password asks for the second factor, and the code of the app lets in, with a session that says so',
  ],
  halfIsNobody: ['tests/api/second-factor.test.ts', 'half signed in is nobody at every route but the second step'],
  halfOwn: [
    'tests/api/second-factor.test.ts',
    'a half sign-in is good in its own browser alone, and a made-up one nowhere',
  ],
  codeOnce: [
    'tests/api/second-factor.test.ts',
    'of 64 who send one code at once (%s) one gets a session, and none later',
  ],
  codeTime: [
    'tests/api/second-factor.test.ts',
    'the codes of the steps before and after are good as well, those further off are not',
  ],
  codesSlowed: [
    'tests/api/second-factor.test.ts',
    'codes are slowed after five wrong ones, also where the password is right each time, and the owner is told why',
  ],
  recovery: [
    'tests/api/second-factor.test.ts',
    'a recovery code lets in once, however it is typed, and its owner is told by mail',
  ],
  factorsSealed: ['tests/api/second-factor.test.ts', 'nothing that opens an account stands in the database as it is'],
  ownPassword: [
    'tests/api/own-password.test.ts',
    'the new one signs in and the old one doesn’t; other sessions end, this one and other people’s go on',
  ],
  knowsTheOld: [
    'tests/api/own-password.test.ts',
    'who does not know the one of before changes nothing, and soon tries no more',
  ],
  resetAsks: [
    'tests/api/second-factor.test.ts',
    'a reset by mail sets the password, ends the sessions, and asks for the second factor',
  ],
  passkeyBoth: ['tests/api/second-factor.test.ts', 'a passkey takes the second step, and alone it is both factors'],
  passkeyWrong: [
    'tests/api/second-factor.test.ts',
    'a passkey with %s opens nothing, neither alone nor as second step',
  ],
  passkeyOnce: [
    'tests/api/second-factor.test.ts',
    'an answer of a passkey is good once, for its own browser, its own purpose, and five minutes',
  ],
  factorPolicy: [
    'tests/api/second-factor-policy.test.ts',
    'who lacks it reaches no route but those that add one, and signing out',
  ],
  factorFirst: [
    'tests/api/second-factor-policy.test.ts',
    'a new organisation asks its admins for a second factor, and the first admin adds one',
  ],
  factorReset: [
    'tests/api/second-factor-policy.test.ts',
    'a reset on the host removes factors and sessions, tells the owner, and stands in every log of the account',
  ],
  factorSessions: [
    'tests/api/second-factor-own.test.ts',
    'who adds a factor has a new session; those of the account without one end, with their streams, and nobody else’s',
  ],
  fresh: [
    'tests/api/second-factor-own.test.ts',
    'ten minutes after the sign-in the password is asked for, and it makes the session fresh again',
  ],
  freshCounted: [
    'tests/api/second-factor-own.test.ts',
    'a session that was taken guesses no password: those tries are counted with all others',
  ],
  factorEntropy: [
    'tests/unit/sync-server/factors.test.ts',
    'a secret has 160 bits, a recovery code 120, and no two are alike',
  ],
  seal: [
    'tests/unit/sync-server/factors.test.ts',
    'what was sealed opens in its own place, for its own purpose, on its own server, and unchanged alone',
  ],
  // Sessions
  sessionAbsolute: [
    'tests/api/sessions.test.ts',
    '90 days after its owner last proved who it is a session is over, however much it was used',
  ],
  sessionIdle: ['tests/api/sessions.test.ts', '30 days without use end a session'],
  sessionToken: [
    'tests/api/sessions.test.ts',
    'each sign-in makes a new token, of more than 128 bits, and takes none that the browser brings',
  ],
  sessionForged: ['tests/api/sessions.test.ts', 'a token whose signature is another server’s, or is gone, is nobody’s'],
  sessionByAsking: ['tests/api/sessions.test.ts', 'no session begins by a request that only asks'],
  sessionOut: [
    'tests/api/sessions.test.ts',
    'a session that was signed out is over on the server, and its cookie with it',
  ],
  sessionEnded: ['tests/api/identity.test.ts', 'who was %s is told once, and the session is over'],
  elsewhere: [
    'tests/api/devices.test.ts',
    'signing out elsewhere ends every other session of the account, and no one else’s',
  ],
  revoked: [
    'tests/api/devices.test.ts',
    'what a device holds is told before it is revoked; then nothing of it applies, its stream ends, and it hears why',
  ],
  devices: [
    'tests/api/devices.test.ts',
    'an admin sees all devices of the organisation, a viewer the own ones; a header is never a name',
  ],
  revokedErases: [
    'tests/browser/accounts.test.ts',
    'a revoked device erases what it holds at its next contact, and says so',
  ],
  axe: ['tests/browser/accessibility.test.ts', 'axe finds nothing on any page nor in the main dialogs'],
  lock: [
    'tests/browser/policies.test.ts',
    'warns, locks all tabs and ends the session; a reload stays locked; signing in brings all back',
  ],
  lease: [
    'tests/browser/policies.test.ts',
    'a device without contact for the days of its lease locks, offline too, whatever its clock is set to',
  ],
  keepsNothing: ['tests/browser/policies.test.ts', 'a fresh browser never stores a row, and each tab syncs for itself'],
  erasesForPolicy: [
    'tests/browser/policies.test.ts',
    'a device that held data erases it when the policy arrives, and goes on in memory',
  ],
  erasedElsewhere: [
    'tests/browser/erasure.test.ts',
    'after one sync nothing of an erased user is left in another browser; her data was a file before',
  ],
  factorPlayed: [
    'tests/browser/second-factor.test.ts',
    'by a passkey alone, and by password and passkey; offline afterwards',
  ],
  onPlayed: [
    'tests/browser/sign-on.test.ts',
    'somebody comes in by the provider, to the page that was wanted, and opens it again without a network',
  ],
  // Single sign-on
  onDoor: [
    'tests/api/sign-on.test.ts',
    'who has a console comes in by the provider’s word for the address, and is in the log with the way',
  ],
  onSubject: [
    'tests/api/sign-on.test.ts',
    'an address that was given to somebody else opens nothing of the person who had it before',
  ],
  onOnce: ['tests/api/sign-on.test.ts', 'a way there and back is good once: the same answer leads in no second time'],
  onCode: [
    'tests/api/sign-on.test.ts',
    'the code of somebody else, slipped into one’s own way, opens nothing: it was asked for with another verifier',
  ],
  onBrowser: [
    'tests/api/sign-on.test.ts',
    'a state is one browser’s: another one is let in by it no more than none, and it stays good for its own',
  ],
  onNew: [
    'tests/api/sign-on.test.ts',
    'state, nonce and challenge are new each time, and the way is by code and S256 alone',
  ],
  onDown: [
    'tests/api/sign-on.test.ts',
    'a provider that is down is said to be, and asked again a moment later; the password goes on',
  ],
  onNext: [
    'tests/api/sign-on.test.ts',
    'where the way goes on afterwards is a path of this app, whatever was asked for',
  ],
  onToken: ['tests/api/sign-on-lies.test.ts', 'an ID token with %s lets nobody in'],
  onAnswer: ['tests/api/sign-on-lies.test.ts', 'an answer with %s lets nobody in'],
  onMoment: [
    'tests/api/sign-on-lies.test.ts',
    'a sign-in whose moment the provider does not tell, or that is long past, changes no settings',
  ],
  onOwnProvider: [
    'tests/api/sign-on-bound.test.ts',
    'each organisation’s sign-in is answered by its own provider alone: one’s answer is nothing to the other',
  ],
  onBound: [
    'tests/api/sign-on-bound.test.ts',
    'a session by sign-on changes nothing of the account: no password, no factor, no device elsewhere',
  ],
  onFactor: [
    'tests/api/sign-on-bound.test.ts',
    'where the organisation asks everybody for a second factor, the provider’s word is one',
  ],
  onSecret: [
    'tests/api/sign-on-settings.test.ts',
    'the secret goes in and never comes out again: not by the API, not in the log, not as it is stored',
  ],
  onOff: [
    'tests/api/sign-on-settings.test.ts',
    'what is switched off or removed opens nothing, and ends the sessions that came by it',
  ],
  onAdmins: [
    'tests/api/sign-on-settings.test.ts',
    'only an admin who has just proved who it is changes it; a viewer does not even see it',
  ],
  // Requests of the server
  privateHosts: [
    'tests/api/outgoing.test.ts',
    'private addresses are refused in more than 40 spellings, and nothing is connected to',
  ],
  rebinding: [
    'tests/api/outgoing.test.ts',
    'a name that changes between two looks gains nothing: it is looked up once, and what was judged is connected to',
  ],
  redirects: ['tests/api/outgoing.test.ts', 'a redirect is not followed'],
  namedHosts: [
    'tests/api/outgoing.test.ts',
    'a host that the operator has named is asked, also without TLS; its neighbours by port are not',
  ],
  boundedAnswers: [
    'tests/api/outgoing.test.ts',
    'an answer that is too long, or too slow, at whichever moment, is none',
  ],
  // Erasing
  erased: [
    'tests/api/erasure.test.ts',
    'of every text that came in by any door no file holds a byte afterwards, and the chain holds',
  ],
  // The log
  trail: ['tests/api/audit-trail.test.ts', 'every route says here whether it only reads, or what it leaves'],
  trailSignIns: ['tests/api/audit-trail.test.ts', 'signing in, out and elsewhere out'],
  trailRefused: [
    'tests/api/audit-trail.test.ts',
    'a device that is revoked, and then refused whole with what it had not sent',
  ],
  trailProvider: [
    'tests/api/audit-trail.test.ts',
    'every call of the provider that changes something, with its key; usage by the minute, with how many calls',
  ],
  trailHost: [
    'tests/api/audit-trail.test.ts',
    'every command on the host leaves what it says here, and a new one is asked for it',
  ],
  activity: [
    'tests/api/activity.test.ts',
    'each entry says who did what when, what came of each item, and what was there before and after',
  ],
  activitySignIns: [
    'tests/api/activity.test.ts',
    'sign-ins are in it, failed ones bounded, and what ends other devices',
  ],
  activityReaders: [
    'tests/api/activity.test.ts',
    'a viewer reads it, a member does not, and nobody another organisation’s',
  ],
  tampers: ['tests/api/audit-chain.test.ts', 'of ${TAMPERS} random changes each is found, and named'],
  cutTail: [
    'tests/api/audit-chain.test.ts',
    'an end that was cut off with the head set back is told by the rows, or by who has seen more',
  ],
  keysInLog: ['tests/api/provider-around.test.ts', 'no key ever comes into the log, whatever becomes of its request'],
  docsClosed: [
    'tests/api/provider-around.test.ts',
    'the document and its page are for a console or a key, and open where the operator says so',
  ],
  answerFields: [
    'tests/api/provider-openapi.test.ts',
    'what the server answers has no field that the document does not name',
  ],
  // What comes from others, and what is written down
  lockFile: ['tests/unit/supply.test.ts', 'the lock file names every package by its digest, and one script may run'],
  sbom: ['tests/unit/supply.test.ts', 'the bill of materials holds every package, with version, licence and digest'],
  auditGate: [
    'tests/unit/supply.test.ts',
    'high and critical holes, wrong and missing signatures fail; lesser ones are told',
  ],
  config: ['tests/unit/sync-server/config.test.ts', '%s=%s is refused by its name'],
  configDefault: ['tests/unit/sync-server/config.test.ts', 'without settings the server is for this machine alone'],
  written: [
    'tests/unit/asvs.test.ts',
    'what is written down of the rules has a part for each, with the figures of the code',
  ],
} as const satisfies Record<string, readonly [file: string, title: string]>
