// What the environment configures, and the sentence that a wrong setting gets.
import { expect, test } from 'vitest'
import { readConfig } from '../../../sync-server/config.ts'

test('without settings the server is for this machine alone', () => {
  expect(readConfig({})).toEqual({
    port: 8080,
    host: '127.0.0.1',
    dataDir: './data',
    publicUrl: undefined,
    logLevel: 'info',
    smtpUrl: undefined,
    mailFrom: undefined,
    proxies: [],
    privateHosts: new Set(),
    openDocs: false,
  })
  expect(readConfig({ PORT: '', HOST: '', DATA_DIR: '', PUBLIC_URL: '' })).toEqual(readConfig({}))
})

test('the public address is kept as an origin', () => {
  expect(readConfig({ PUBLIC_URL: 'https://console.example/some/path' }).publicUrl).toBe('https://console.example')
})

test('who sends mails must be named with the server that sends them', () => {
  expect(() => readConfig({ SMTP_URL: 'smtp://mail.example' })).toThrow('MAIL_FROM')
})

test.each([
  ['PORT', 'eighty'],
  ['PORT', '70000'],
  ['PORT', '-1'],
  ['LOG_LEVEL', 'loud'],
  ['PUBLIC_URL', 'console.example'],
  ['PUBLIC_URL', 'ftp://console.example'],
  ['SMTP_URL', 'http://mail.example'],
  ['SMTP_URL', 'mail.example'],
  ['MAIL_FROM', 'nobody'],
  ['TRUSTED_PROXIES', 'proxy'],
  ['ALLOWED_PRIVATE_HOSTS', 'https://idp.corp'],
])('%s=%s is refused by its name', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(name)
})
