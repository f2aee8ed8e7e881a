import { writeFile } from 'node:fs/promises'
import { hashPassword } from '@tsws/security'
import { runCommand, tempSite } from '@tsws/testing'
import type { TempSite } from '@tsws/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandLine, startTsws } from './tsws.ts'
import type { Tsws } from './tsws.ts'

let site: TempSite
beforeAll(async () => void (site = await tempSite({ 'index.html': 'home', users: 'ada:lovelace' })))
afterAll(() => site.remove())

async function status({ ready }: Tsws, pair?: string, path = ''): Promise<number> {
  const headers: Record<string, string> = { Connection: 'close' }
  if (pair !== undefined) headers['Authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`
  return (await fetch(ready.url + path, { headers })).status
}

async function withUsers(text: string): Promise<string> {
  const path = site.path('../users')
  await writeFile(path, text)
  return path
}

test('a file of users lets in who is in it, by password or hash, and health stays open', async () => {
  const file = await withUsers(`# who may\n\nada:love:lace\nbob:${await hashPassword('builder')}\r\n`)
  await using tsws = await startTsws([site.root, '--auth-file', file, '--log', 'off'])
  expect(await status(tsws)).toBe(401)
  expect(await status(tsws, 'ada:love:lace')).toBe(200)
  expect(await status(tsws, 'bob:builder')).toBe(200)
  expect(await status(tsws, 'bob:lovelace')).toBe(401)
  expect(await status(tsws, undefined, 'health')).toBe(200)
})

test('the environment and the configuration file have users too', async () => {
  const config = site.path('../auth.toml')
  await writeFile(config, '[auth]\nrealm = "Here"\nusers = { eve = "adam" }\n')
  await using fromFile = await startTsws([site.root, '--config', config, '--log', 'off'])
  const challenged = await fetch(fromFile.ready.url)
  expect(challenged.headers.get('www-authenticate')).toBe('Basic realm="Here", charset="UTF-8"')
  expect(await status(fromFile, 'eve:adam')).toBe(200)
  const env = { TSWS_AUTH: 'ada:lovelace' }
  await using fromEnvironment = await startTsws([site.root, '--log', 'off'], { env })
  expect(await status(fromEnvironment, 'ada:lovelace')).toBe(200)
  expect(await status(fromEnvironment)).toBe(401)
})

test('threads count wrong passwords of a client together', async () => {
  const file = await withUsers('ada:lovelace\n')
  const threads = ['--threads', '2', '--thread-strategy', 'reusePort']
  await using tsws = await startTsws([site.root, '--auth-file', file, '--log', 'off', ...threads])
  const answers: number[] = []
  for (let at = 0; at < 14; at++) answers.push(await status(tsws, `ada:${at}`))
  expect(answers.filter((answer) => answer === 401)).toHaveLength(10)
  expect(await status(tsws, 'ada:lovelace')).toBe(429)
})

describe('the start ends with a line that names no password', () => {
  test.each([
    ['a line without a colon', 'ada:lovelace\nsecret\n', /--auth-file .*users: line 2 must be name:password/],
    ['a line without a password', 'ada:\n', /line 1 must be name:password/],
    ['a name twice', 'ada:secret\nada:secret\n', /line 2: ada is there already/],
    ['nobody', '# nobody\n', /there is nobody who could be let in/],
    ['a hash of another kind', 'ada:$2b$10$secret\n', /the password of ada cannot be used: it is no hash/],
  ])('for a file with %s', async (_, text, message) => {
    const file = await withUsers(text)
    const { code, stderr } = await runCommand(commandLine(site.root, '--port', '0', '--auth-file', file))
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain('secret')
    expect(stderr.trim()).not.toContain('\n')
    expect(code).toBe(2)
  })

  test('for a file that is served, or not there', async () => {
    const run = async (file: string): Promise<string> =>
      (await runCommand(commandLine(site.root, '--port', '0', '--auth-file', file))).stderr
    expect(await run(site.path('users'))).toContain('it lies in the folder that is served')
    expect(await run(site.path('../none'))).toContain('there is no such file')
  })

  test('for a variable without a name', async () => {
    const options = { env: { TSWS_AUTH: 'secret' } }
    const { code, stderr } = await runCommand(commandLine(site.root, '--port', '0'), options)
    expect(stderr).toMatch(/TSWS_AUTH.*must be name:password/)
    expect(stderr).not.toContain('secret')
    expect(code).toBe(2)
  })
})
