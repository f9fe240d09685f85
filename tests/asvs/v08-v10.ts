// Chapters 8 to 10: who may do what, tokens, OpenID Connect. We ask a provider who somebody is; we are none, and hand out no tokens.
import { held, without, type Chapter } from './rows.ts'

const NO_SERVER = 'We are no authorisation server.'
const NO_RESOURCE = 'No route takes an access token of somebody else.'

export const V8: Chapter = {
  name: 'Who may do what',
  rows: {
    '8.1.1': held(
      'rules for functions and data are written down',
      'RULES.md, “Who may do what”; route by route in tests/api/route-table.ts.',
      'written',
      'routeTable',
    ),
    '8.1.2': held(
      'rules for fields are written down',
      'RULES.md, “Who may do what”: what the provider sets no admin changes.',
      'written',
      'operationColumns',
    ),
    '8.2.1': held(
      'functions',
      'By role at every route, and at every operation by its own definition.',
      'routeWalk',
      'doorsByRole',
      'doorsMay',
    ),
    '8.2.2': held(
      'data',
      'Ids of another organisation are as unknown.',
      'twoOrganisations',
      'routeWalk',
      'providerForeign',
    ),
    '8.2.3': held(
      'fields',
      'An operation names the fields that it changes; no other is taken, at any depth.',
      'columns',
      'operationColumns',
      'answerFields',
    ),
    '8.3.1': held(
      'on the server',
      'The app’s guess binds nobody.',
      'doorsByRole',
      'doorsList',
      'doorsRows',
      'doorsWriters',
    ),
    '8.4.1': held(
      'organisations apart',
      'The organisation is the session’s, and leads every key.',
      'twoOrganisations',
      'orgIdLeads',
      'twice',
      'providerForeign',
    ),
  },
}

export const V9: Chapter = {
  name: 'Self-contained tokens',
  rows: {
    '9.1.1': held('signatures', 'Of ID tokens and of our cookies.', 'onToken', 'sessionForged'),
    '9.1.2': held('algorithms', 'Those that the provider has registered; “none” lets nobody in.', 'onToken'),
    '9.1.3': held('keys', 'Of the configured issuer alone, fetched with guarded requests.', 'onToken', 'privateHosts'),
    '9.2.1': held('time', 'A token of before or of later lets nobody in.', 'onToken'),
    '9.2.2': held('kind of token', 'Only an ID token, asked for by this way in.', 'onToken', 'onOnce'),
    '9.2.3': held('audience', 'Our client alone.', 'onToken'),
    '9.2.4': without('tokens for several audiences', 'We issue none.'),
  },
}

export const V10: Chapter = {
  name: 'OAuth and OpenID Connect',
  rows: {
    '10.1.1': held(
      'tokens stay on the server',
      'The browser gets a session of ours; the provider’s tokens are thrown away.',
      'onDoor',
      'onSecret',
      'onPlayed',
    ),
    '10.1.2': held(
      'bound to the browser and the way',
      'State, nonce and verifier, each new, in a cookie of this browser, good once.',
      'onNew',
      'onBrowser',
      'onCode',
      'onOnce',
    ),
    '10.2.1': held('forged answers', 'PKCE with S256, and state.', 'onNew', 'onCode', 'onAnswer'),
    '10.2.2': held(
      'mixed-up providers',
      'The answer must be of the issuer that was asked.',
      'onOwnProvider',
      'onAnswer',
    ),
    '10.3.1': without('resource server: audience', NO_RESOURCE),
    '10.3.2': without('resource server: scopes', NO_RESOURCE),
    '10.3.3': without('resource server: subject', NO_RESOURCE),
    '10.3.4': without('resource server: strength', NO_RESOURCE),
    '10.4.1': without('redirect addresses', NO_SERVER),
    '10.4.2': without('codes once', NO_SERVER),
    '10.4.3': without('codes end', NO_SERVER),
    '10.4.4': without('grants', NO_SERVER),
    '10.4.5': without('refresh tokens', NO_SERVER),
    '10.4.6': without('PKCE asked for', NO_SERVER),
    '10.4.7': without('registration', NO_SERVER),
    '10.4.8': without('refresh tokens end', NO_SERVER),
    '10.4.9': without('revoking tokens', NO_SERVER),
    '10.4.10': without('clients proved', NO_SERVER),
    '10.4.11': without('scopes of clients', NO_SERVER),
    '10.5.1': held('nonce', 'Each way has its own; a token with another lets nobody in.', 'onToken', 'onNew'),
    '10.5.2': held('subject', 'Issuer and subject; an address that moves on opens nothing.', 'onSubject'),
    '10.5.3': held('issuer of the metadata', 'Must be the configured one, to the letter.', 'onAnswer', 'onOwnProvider'),
    '10.5.4': held('audience', 'The configured client.', 'onToken'),
    '10.5.5': without('logout from behind', 'We offer no address for it; a session ends here by our own means.'),
    '10.6.1': without('modes of answers', NO_SERVER),
    '10.6.2': without('forced logout', NO_SERVER),
    '10.7.1': without('consent', NO_SERVER),
    '10.7.2': without('what consent is for', NO_SERVER),
    '10.7.3': without('consent looked at again', NO_SERVER),
  },
}
