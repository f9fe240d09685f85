// Whether an account exists is told neither by an answer nor by the work behind it: a hash of the same cost is worked out once, and what
// is done for an account that is there is done after the answer. Work is counted here and not time, which a busy machine would spoil;
// `npm run bench -- sign-in` measures it.
import { beforeEach, expect, test, vi } from 'vitest'
import type * as crypto from 'node:crypto'
import { served, type Served } from '../support/app.ts'

vi.setConfig({ testTimeout: 60_000 })

/** The parameters of each hash that was worked out. */
const hashes = vi.hoisted(() => [] as { memory: number; passes: number; parallelism: number; length: number }[])
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof crypto>()
  const argon2: typeof real.argon2 = (algorithm, parameters, callback) => {
    const { memory, passes, parallelism, tagLength } = parameters
    hashes.push({ memory, passes, parallelism, length: tagLength })
    return real.argon2(algorithm, parameters, callback)
  }
  return { ...real, argon2 }
})
beforeEach(() => hashes.splice(0))

const everybody = async () => {
  const acme = await served(
    {
      users: {
        ada: { role: 'admin' },
        bo: {},
        dan: { status: 'deactivated', role: 'admin' },
        ivy: { status: 'invited' },
      },
    },
    ['ingrid', 'ada', 'bo', 'dan'],
  )
  // Known to the server, but without a password: by single sign-on say.
  const { id } = await acme.store.db
    .selectFrom('auth_users')
    .select('id')
    .where('email', '=', 'ada@tern.example')
    .executeTakeFirstOrThrow()
  await acme.store.db.updateTable('auth_accounts').set({ password: null }).where('userId', '=', id).execute()
  hashes.splice(0)
  return acme
}
const WHO = ['nobody', 'ingrid', 'ada', 'bo', 'dan', 'ivy']

async function answerTo(acme: Served, path: string, body: object) {
  const answer = await acme.post(path, body)
  const headers = [...answer.headers].filter(([name]) => name !== 'date').toSorted()
  return { status: answer.status, headers, body: await answer.text() }
}

test('a wrong password costs one hash of today’s cost and is answered alike, whoever is named', async () => {
  const acme = await everybody()
  const answers = []
  for (const name of WHO) {
    hashes.splice(0)
    answers.push(
      await answerTo(acme, '/api/auth/sign-in/email', { email: `${name}@tern.example`, password: 'wrong wrong' }),
    )
    expect([name, hashes]).toEqual([name, [{ memory: 19_456, passes: 2, parallelism: 1, length: 32 }]])
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(answers[0]).toMatchObject({ status: 401 })
})

test('a forgotten password is answered alike before anything is looked up or written', async () => {
  const acme = await everybody()
  const answers = []
  for (const name of WHO) {
    const counted = vi.spyOn(acme.store, 'transaction')
    const read = vi.spyOn(acme.store, 'read')
    answers.push(await answerTo(acme, '/api/forgot', { email: `${name}@tern.example` }))
    expect([name, counted.mock.calls.length, read.mock.calls.length]).toEqual([name, 0, 0])
    counted.mockRestore()
    read.mockRestore()
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(hashes).toEqual([])
  await acme.settle()
  const mails = await acme.store.db.selectFrom('mails').select('userId').execute()
  expect(mails.map(({ userId }) => userId).toSorted()).toEqual(
    ['ingrid', 'ada', 'bo'].map((name) => acme.user(name)).toSorted(),
  )
})
