import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from '@tsws/engine'
import { HttpResponse } from '@tsws/http'
import { expect, onTestFinished, test } from 'vitest'
import { createTlsListener } from '../src/index.ts'
import { pair } from './start-tls.ts'

const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0

/** What openssl, which tells every message, got after a request of HTTP/1.0: its answer ends where the connection does. */
async function messages(path: string, version: string): Promise<string> {
  const server = createServer(({ pathname }) => new HttpResponse(body(pathname)))
  const listener = createTlsListener(pair)
  server.addListener(listener)
  listener.server.listen(0, '127.0.0.1')
  await once(listener.server, 'listening')
  onTestFinished(() => void server.close({ grace: 0 }))
  const { port } = listener.server.address() as AddressInfo
  const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-quiet', '-msg', version])
  let text = ''
  client.stdout.on('data', (bytes) => (text += bytes))
  client.stderr.on('data', (bytes) => (text += bytes))
  client.stdin.on('error', () => {})
  client.stdin.write(`GET ${path} HTTP/1.0\r\n\r\n`)
  await once(client, 'close')
  return text
}

async function* body(path: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from('the first half')
  await new Promise((resolve) => setTimeout(resolve, 50))
  if (path === '/fails') throw new Error('the disk is gone')
  yield Buffer.from('the second half')
}

// RFC 8446 §6.1: without it a client knows that somebody cut the connection, and that it has not got everything.
const CLOSE_NOTIFY = /<<< .*Alert.* close_notify/

test.runIf(HAS_OPENSSL).each(['-tls1_2', '-tls1_3'])(
  'the end of an answer is told by close_notify (%s)',
  async (version) => {
    const text = await messages('/whole', version)
    expect(text).toContain('the second half')
    expect(text).toMatch(CLOSE_NOTIFY)
  },
)

test.runIf(HAS_OPENSSL).each(['-tls1_2', '-tls1_3'])(
  'an answer that breaks off has no close_notify (%s)',
  async (version) => {
    const text = await messages('/fails', version)
    expect(text).toContain('the first half')
    expect(text).not.toContain('the second half')
    expect(text).not.toMatch(CLOSE_NOTIFY)
  },
)
