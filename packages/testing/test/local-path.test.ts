import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localPath } from '../src/local-path.ts'

test.each([
  ['linux', join('/tmp', 'a.sock')],
  ['darwin', join('/tmp', 'a.sock')],
  ['win32', String.raw`\\.\pipe\a`],
])('on %s it is %s', (platform, expected) => {
  expect(localPath('a', platform, '/tmp')).toBe(expected)
})

test('a server listens there', async () => {
  const path = localPath(`tsws-test-${process.pid}`)
  const server = createServer((socket) => socket.end('here')).listen(path)
  await once(server, 'listening')
  const [bytes] = (await once(connect(path), 'data')) as [Buffer]
  expect(bytes.toString()).toBe('here')
  server.close()
})
