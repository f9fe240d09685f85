// Who is answered what at every route of the server: one line for each. A new route fails routes.test.ts until it stands here; what it
// is sent stands in route-requests.ts.
//
// Everybody who knocks, beside those named in the heads below, gets the same at all routes of a kind:
//
//                                            open       console                docs                   provider
//   nobody, a made-up cookie, half signed in as others  401 sign-in-needed     401 sign-in-needed     401 key-needed
//   a member, somebody deactivated           as others  403 no-console         403 no-console         401 key-needed
//   a revoked device                         as others  403 device-revoked     403 device-revoked     401 key-needed
//   a console of any role                    as others  as its line says       as its line says       401 key-needed
//   a revoked key of the provider            as others  401 sign-in-needed     401 key-unknown        401 key-unknown
//   a key that lacks the scope               as others  401 sign-in-needed     200                    403 scope-needed

export const KINDS = ['open', 'console', 'docs', 'provider'] as const
export type Kind = (typeof KINDS)[number]

export interface Expected {
  route: string
  kind: Kind
  /** A status for each head of the kind's table. */
  statuses: Readonly<Record<string, number>>
}

/** Open to everybody: each counts its tries, asks for a token that nobody guesses, or tells nothing. */
const open = `
                                                            anybody
  GET    /health/live                                       200
  GET    /health/ready                                      200
  POST   /api/auth/sign-in/email                            401
  POST   /api/auth/sign-out                                 200
  POST   /api/auth/passkey/options                          200
  POST   /api/auth/passkey                                  401
  POST   /api/auth/sign-on/start                            404
  GET    /api/auth/sign-on/return                           302
  POST   /api/links/look                                    410
  POST   /api/links/use                                     410
  POST   /api/setup                                         410
  POST   /api/forgot                                        200
  GET    /*                                                 200
`

/** The second step of a sign-in: for a browser that has taken the first one. */
const step = `
                                                            anybody  half
  POST   /api/auth/second-factor                            401      401
  POST   /api/auth/second-factor/passkey/options            401      200
`

/** For a session with a console. The first two are of the organisation whose ids are named, the others of another one. */
const console = `
                                                            viewer  admin  foreign-viewer  foreign-admin
  GET    /api/session                                       200     200    200             200
  POST   /api/session/organisation                          200     200    404             404
  GET    /api/second-factor                                 200     200    200             200
  POST   /api/second-factor/confirm                         200     200    200             200
  POST   /api/second-factor/totp/begin                      200     200    200             200
  POST   /api/second-factor/totp                            410     410    410             410
  POST   /api/second-factor/passkey/begin                   200     200    200             200
  POST   /api/second-factor/passkey                         410     410    410             410
  POST   /api/second-factor/recovery                        409     409    409             409
  POST   /api/second-factor/:id/remove                      404     404    404             404
  POST   /api/sync                                          200     200    403             403
  POST   /api/sync/known                                    200     200    403             403
  GET    /api/events                                        200     200    200             200
  GET    /api/usage/ids                                     200     200    403             403
  GET    /api/usage/:month{[0-9]{4}-[0-9]{2}}               200     200    403             403
  GET    /api/provider-keys                                 200     200    200             200
  GET    /api/sign-on                                       403     200    403             200
  POST   /api/sign-on                                       403     200    403             200
  POST   /api/sign-on/remove                                403     404    403             404
  POST   /api/sign-on/test                                  403     200    403             200
  POST   /api/password                                      400     400    400             400
  GET    /api/devices                                       200     200    200             200
  POST   /api/devices/:id/revoke                            404     200    404             404
  POST   /api/devices/sign-out-others                       200     200    200             200
  GET    /api/mails                                         403     200    403             200
  POST   /api/mails/:id/again                               403     200    403             404
  GET    /api/activity                                      200     200    200             200
  GET    /api/activity/:version{[0-9]{1,15}}/items          200     200    404             404
  GET    /api/activity/export                               200     200    200             200
  POST   /api/activity/verify                               200     200    200             200
  GET    /api/users/:id/data                                403     200    403             404
  GET    /api/demo/mails                                    403     200    403             200
`

/** What describes the API, where it is not open to everybody. */
const docs = `
                                                            viewer  admin  key  foreign-key
  GET    /api/openapi.json                                  200     200    200  200
  GET    /api/docs                                          200     200    200  200
  GET    /api/docs/start.js                                 200     200    200  200
  GET    /api/docs/swagger-ui.css                           200     200    200  200
  GET    /api/docs/swagger-ui-bundle.js                     200     200    200  200
`

/** For a key of the provider; users, products and grants that are named are of the first one's organisation. */
const provider = `
                                                            key  foreign-key
  GET    /api/provider/v1/products                          200  200
  POST   /api/provider/v1/products                          201  201
  PATCH  /api/provider/v1/products/:id                      200  404
  DELETE /api/provider/v1/products/:id                      204  404
  GET    /api/provider/v1/grants                            200  200
  POST   /api/provider/v1/grants                            201  201
  POST   /api/provider/v1/grants/:id/void                   200  404
  POST   /api/provider/v1/usage                             200  200
  GET    /api/provider/v1/sources                           200  200
  POST   /api/provider/v1/spends                            200  422
  POST   /api/provider/v1/reservations                      200  422
  GET    /api/provider/v1/reservations/:id                  200  404
  POST   /api/provider/v1/reservations/:id/confirm          200  404
  POST   /api/provider/v1/reservations/:id/release          200  404
  GET    /api/provider/v1/balances                          200  200
  GET    /api/provider/v1/balances/:user                    200  404
`

/** A table of text as rows. @throws where a line has fewer statuses than the head has names, or a status that is none */
export function rowsOf(kind: Kind, table: string): Expected[] {
  const [head = '', ...lines] = table.split('\n').filter((line) => line.trim() !== '')
  const names = head.trim().split(/\s+/)
  return lines.map((line) => {
    const [method, path, ...cells] = line.trim().split(/\s+/)
    if (cells.length !== names.length || cells.some((cell) => !/^[2-5]\d\d$/.test(cell)))
      throw new Error(`"${line.trim()}" does not say who is answered what: ${names.join(', ')}.`)
    return {
      route: `${method} ${path}`,
      kind,
      statuses: Object.fromEntries(names.map((name, at) => [name, Number(cells[at])])),
    }
  })
}

export const TABLE: readonly Expected[] = [
  ...rowsOf('open', open),
  ...rowsOf('open', step),
  ...rowsOf('console', console),
  ...rowsOf('docs', docs),
  ...rowsOf('provider', provider),
]
