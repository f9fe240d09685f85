// What a locked device tells the server: it ends its session, once, and never that of somebody who has signed in meanwhile.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { forgetLock, keepLock, keptLock } from '#lib/lock/locked.ts'
import { whileLocked } from '#lib/lock/while-locked.ts'

const asked: string[] = []
let answer: (path: string) => Response | Promise<Response>
let end = () => {}
const told: string[] = []

beforeEach(() => {
  asked.length = told.length = 0
  answer = () => Response.json({})
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
    removeItem: (key: string) => void kept.delete(key),
  })
  vi.stubGlobal('navigator', {
    onLine: true,
    locks: { request: (_name: string, _options: unknown, run: (mine: object) => Promise<void>) => run({}) },
  })
  vi.stubGlobal('addEventListener', () => undefined)
  vi.stubGlobal('removeEventListener', () => undefined)
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path)
    return answer(path)
  })
})
afterEach(() => {
  end()
  vi.unstubAllGlobals()
})

async function locked(sessionEnded = false): Promise<void> {
  keepLock({ why: 'idle', sessionEnded })
  end = whileLocked({
    onrevoked: (why) => told.push(why),
    report: (error) => {
      throw error
    },
  })
  await new Promise((resolve) => setTimeout(resolve))
}

test('ends its session, and remembers that it did', async () => {
  await locked()
  expect(asked).toEqual(['/api/session', '/api/auth/sign-out'])
  expect(keptLock()).toEqual({ why: 'idle', sessionEnded: true })
})

test('a session that was ended is not ended again', async () => {
  await locked(true)
  expect(asked).toEqual(['/api/session'])
})

test('the session of somebody who signed in meanwhile stays', async () => {
  answer = () => {
    forgetLock()
    return Response.json({})
  }
  await locked()
  expect(asked).toEqual(['/api/session'])
  expect(keptLock()).toBeUndefined()
})

test('hears that it was revoked', async () => {
  answer = () => Response.json({ code: 'device-revoked', title: 'Revoked' }, { status: 401 })
  await locked()
  expect(told).toEqual(['revoked'])
})
