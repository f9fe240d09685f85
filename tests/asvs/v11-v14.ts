// Chapters 11 to 14: ciphers, TLS, configuration, data.
import { deviation, held, operator, without, type Chapter } from './rows.ts'

export const V11: Chapter = {
  name: 'Cryptography',
  rows: {
    '11.1.1': held(
      'keys are written down',
      'RULES.md, “Keys and ciphers”: what each is for, where it lies, how it is changed.',
      'written',
    ),
    '11.1.2': held('inventory', 'RULES.md, “Keys and ciphers”.', 'written'),
    '11.2.1': held(
      'known implementations',
      'node:crypto, better-auth, openid-client, SimpleWebAuthn, otpauth.',
      'nowhere',
      'passwordHash',
      'lockFile',
    ),
    '11.2.2': held(
      'can be exchanged',
      'Hashes name their kind and are made anew at a sign-in; seals name their purpose.',
      'passwordHash',
      'seal',
    ),
    '11.2.3': held(
      '128 bits',
      'SHA-256, AES-256-GCM, tokens of 160 bits and more; TOTP by its standard.',
      'factorEntropy',
      'sessionToken',
      'nowhere',
    ),
    '11.3.1': held('no weak modes', 'None is named anywhere.', 'nowhere', 'seal'),
    '11.3.2': held('approved ciphers', 'AES-256-GCM alone.', 'seal', 'nowhere'),
    '11.3.3': held('changes are noticed', 'GCM’s tag, over the place as well.', 'seal'),
    '11.4.1': held(
      'approved digests',
      'SHA-256 and SHA-512; SHA-1 only inside TOTP, where its standard keys it.',
      'nowhere',
      'tampers',
    ),
    '11.4.2': held('passwords at rest', 'argon2id, 19 MiB, two passes.', 'passwordHash'),
    '11.4.3': held('digests of integrity', 'The log’s chain is SHA-256.', 'tampers', 'cutTail'),
    '11.4.4': without('keys from passwords', 'No key is derived from one.'),
    '11.5.1': held(
      'random values',
      'Links 256 bits, sessions 190, keys 256; recovery codes 120, by the same generator and slowed after five tries.',
      'sessionToken',
      'factorEntropy',
      'keyHash',
      'nowhere',
    ),
    '11.6.1': held(
      'making keys',
      'node:crypto’s generator; passkeys are made by the person’s own device.',
      'seal',
      'passkeyWrong',
    ),
  },
}

export const V12: Chapter = {
  name: 'TLS',
  rows: {
    '12.1.1': operator('versions', 'The proxy ends TLS (README, “Deploy”): 1.2 and 1.3.', 'nowhere'),
    '12.1.2': operator('suites', 'The proxy’s.'),
    '12.1.3': without('certificates of clients', 'None are asked for.'),
    '12.2.1': held(
      'TLS for browsers',
      'With an https address cookies are Secure and HSTS is sent; without one the server is for this machine.',
      'cookies',
      'answerHeaders',
      'configDefault',
      'noTls',
    ),
    '12.2.2': operator('certificates', 'The proxy’s.'),
    '12.3.1': held(
      'TLS to others',
      'Providers of sign-ons by https alone, unless the operator names the host; mail by smtps or STARTTLS, as configured.',
      'privateHosts',
      'namedHosts',
      'nowhere',
    ),
    '12.3.2': held('certificates are looked at', 'Always.', 'nowhere'),
    '12.3.3': without('services inside', 'One process and one file.'),
    '12.3.4': without('certificates inside', 'As before.'),
  },
}

export const V13: Chapter = {
  name: 'Configuration',
  rows: {
    '13.1.1': held('who is spoken to is written down', 'RULES.md, “Who is spoken to”.', 'written'),
    '13.2.1': held(
      'services prove themselves',
      'The provider’s programs by keys of their own, with scopes, revoked on the host.',
      'providerStrangers',
      'keyHash',
    ),
    '13.2.2': operator(
      'least rights',
      'One process with a user and a folder of its own (SECURITY.md); its files are the owner’s alone.',
    ),
    '13.2.3': held(
      'no default credentials',
      'There are none but the demo’s, which no other installation has.',
      'firstAdmin',
      'noSecrets',
    ),
    '13.2.4': held(
      'where the application may connect',
      'The mail server and named hosts by configuration, providers of sign-ons by an admin; else the public internet never.',
      'privateHosts',
      'namedHosts',
      'nowhere',
    ),
    '13.2.5': held(
      'what the server may load',
      'Files of the build and of the data folder; requests as above.',
      'noOtherFile',
      'privateHosts',
    ),
    '13.3.1': operator(
      'a vault for secrets',
      'The server’s secret is a file of the data folder, readable by its owner alone, or comes from the operator; nothing secret is in the sources or the build.',
      'noSecrets',
    ),
    '13.3.2': held(
      'who sees secrets',
      'Only the process; keys and links are kept as digests, seeds and client secrets sealed.',
      'keyHash',
      'factorsSealed',
      'onSecret',
    ),
    '13.4.1': held('no source control served', 'Only files of the build.', 'noOtherFile'),
    '13.4.2': held('no debugging', 'No switch for it; failures tell nothing.', 'failureTellsNothing', 'nowhere'),
    '13.4.3': held('no listings', 'None.', 'noFolder'),
    '13.4.4': held('no TRACE', 'Refused.', 'trace'),
    '13.4.5': held(
      'descriptions are closed',
      'The API’s document asks for a console or a key, unless the operator opens it; health tells nothing.',
      'docsClosed',
      'routeWalk',
    ),
  },
}

export const V14: Chapter = {
  name: 'Data',
  rows: {
    '14.1.1': held('data is told apart', 'RULES.md, “Data”: four kinds.', 'written'),
    '14.1.2': held('what each kind needs is written down', 'RULES.md, “Data”.', 'written'),
    '14.2.1': held(
      'nothing secret in addresses',
      'Ids, moments and closed lists; tokens stand behind the #, searches too.',
      'linkOnce',
      'closedFilters',
      'keysInLog',
    ),
    '14.2.2': held('nothing in caches between', 'no-store, or private.', 'answerTypes', 'answerKeepsNothing'),
    '14.2.3': held(
      'nothing to strangers',
      'No other host is asked by the page, and its policy forbids it.',
      'nowhere',
      'answerHeaders',
    ),
    '14.2.4': held(
      'as written down',
      'By kind: sealed, digested, redacted, audited.',
      'factorsSealed',
      'keyHash',
      'logLines',
      'erased',
      'erasedElsewhere',
    ),
    '14.3.1': held(
      'gone with the session',
      'Signing out erases the device’s copy, with or without a network; a revoked device erases at its next contact.',
      'revokedErases',
      'sessionOut',
      'lock',
    ),
    '14.3.2': held(
      'no caching in browsers',
      'no-store on what is read; months of usage (ids and numbers) are kept privately, and not where devices keep nothing.',
      'answerTypes',
      'answerKeepsNothing',
      'keepsNothing',
    ),
    '14.3.3': deviation(
      'nothing sensitive in the browser’s storage',
      'An offline console keeps the rows that the job needs. What lowers it: erasing on sign-out and on revocation, a lease, a lock, and the policy “this device keeps nothing”; SECURITY.md says what is left.',
      'revokedErases',
      'lock',
      'lease',
      'keepsNothing',
      'erasesForPolicy',
    ),
  },
}
