import { once } from 'node:events'
import tls from 'node:tls'
import { sendRaw } from '@tsws/testing'
import { expect, test } from 'vitest'
import { createTlsListener } from '../src/index.ts'
import type { TlsOptions } from '../src/index.ts'
import { connect, pair, readAll, REQUEST, start } from './start-tls.ts'

test('a request over TLS is answered, and the handler knows that it is encrypted', async () => {
  const { port } = await start()
  const answer = (await sendRaw(port, REQUEST, { tls: true })).toString()
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(answer).toMatch(/https:\/\/localhost\/a true 127\.0\.0\.1$/)
})

test('fifty connections at once are all served', async () => {
  const { port, listener } = await start()
  const answers = await Promise.all(Array.from({ length: 50 }, () => sendRaw(port, REQUEST, { tls: true })))
  expect(answers.filter((answer) => answer.includes('200 OK'))).toHaveLength(50)
  expect(listener.pendingHandshakes).toBe(0)
})

test('a client that closes its side after its request still gets the answer', async () => {
  const { port } = await start()
  const socket = await connect(port)
  socket.allowHalfOpen = true
  socket.end('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n')
  expect(await readAll(socket)).toContain('https://localhost/slow')
})

test('TLS 1.3 and 1.2 are spoken, 1.1 is not', async () => {
  const { port } = await start()
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    const socket = await connect(port, { minVersion: version, maxVersion: version })
    expect(socket.getProtocol()).toBe(version)
    socket.destroy()
  }
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  await expect(connect(port, old)).rejects.toThrow(/protocol version|alert/i)
})

test("with minVersion 'TLSv1.3' a client of 1.2 is refused", async () => {
  const { port } = await start({ minVersion: 'TLSv1.3' })
  await expect(connect(port, { maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol version|alert/i)
})

test('in TLS 1.2 only ciphers with forward secrecy and authenticated encryption are agreed on', async () => {
  const { port } = await start()
  const good = await connect(port, { maxVersion: 'TLSv1.2' })
  expect(good.getCipher().name).toMatch(/^ECDHE-ECDSA-(AES\d+-GCM|CHACHA20)/)
  good.destroy()
  const weak = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384' } as const
  await expect(connect(port, weak)).rejects.toThrow(/handshake failure|alert/i)
})

const HYBRID = Number.parseFloat(process.versions.openssl) >= 3.5 ? ['X25519MLKEM768'] : []

test.each([...HYBRID, 'X25519', 'prime256v1', 'secp384r1'])('keys are exchanged over %s', async (group) => {
  const { port } = await start()
  const socket = await connect(port, { ecdhCurve: group })
  expect(socket.authorizationError).toBeTruthy() // by itself, and nothing else is wrong
  socket.destroy()
})

test('keys are not exchanged over finite fields, which cost a server far more than its client', async () => {
  const { port } = await start()
  for (const group of ['ffdhe2048', 'ffdhe3072'])
    await expect(connect(port, { ecdhCurve: group, minVersion: 'TLSv1.3' })).rejects.toThrow(
      /handshake failure|alert/i,
    )
})

test('http/1.1 is agreed on by ALPN, also with a client that would like h2', async () => {
  const { port } = await start()
  const socket = await connect(port, { ALPNProtocols: ['h2', 'http/1.1'] })
  expect(socket.alpnProtocol).toBe('http/1.1')
  socket.destroy()
})

test('http/1.0 is agreed on with a client that offers nothing else', async () => {
  const { port } = await start()
  const socket = await connect(port, { ALPNProtocols: ['http/1.0'] })
  expect(socket.alpnProtocol).toBe('http/1.0')
  socket.write('GET /a HTTP/1.0\r\n\r\n')
  expect(await readAll(socket)).toContain('200 OK')
})

test('a client without ALPN is served', async () => {
  const { port } = await start()
  const socket = await connect(port, { ALPNProtocols: [] })
  expect(socket.alpnProtocol).toBe(false)
  socket.write(REQUEST)
  expect(await readAll(socket)).toContain('200 OK')
})

test('a client that speaks only h2 is refused in the handshake', async () => {
  const errors: string[] = []
  const { port } = await start({
    onHandshakeError: (error) => errors.push((error as NodeJS.ErrnoException).code ?? ''),
  })
  await expect(connect(port, { ALPNProtocols: ['h2'] })).rejects.toThrow(/no application protocol/i)
  await expect.poll(() => errors.length).toBe(1)
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)('a session of %s is resumed by its ticket', async (version) => {
  const { port } = await start()
  const only = { servername: 'localhost', minVersion: version, maxVersion: version }
  const first = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...only })
  const [session] = (await once(first, 'session')) as [Buffer]
  first.destroy()
  const second = await connect(port, { ...only, session })
  expect(second.isSessionReused()).toBe(true)
  second.destroy()
})

test('a client cannot renegotiate', async () => {
  const { port } = await start()
  const socket = await connect(port, { maxVersion: 'TLSv1.2' })
  const outcome = await new Promise<string>((resolve) => {
    socket.on('error', (error) => resolve(error.message))
    socket.renegotiate({}, (error) => resolve(error === null ? 'renegotiated' : error.message))
  })
  expect(outcome).toMatch(/no renegotiation/i)
  socket.destroy()
})

test.each([
  [{ minVersion: 'TLSv1' }, /minVersion must be 'TLSv1.2' or 'TLSv1.3', got "TLSv1"/],
  [{ handshakeTimeout: 0 }, /handshakeTimeout must be a whole number of milliseconds from 1/],
  [{ maxPendingHandshakes: 1.5 }, /maxPendingHandshakes must be a whole number of connections/],
  [{ ciphers: 'ALL' }, /no option "ciphers"; there are cert, key/],
  [{ sni: { 'a:443': pair } }, /sni holds "a:443", which is no server name/],
  [{ sni: { '*': pair } }, /sni holds "\*"/],
])('%o is refused with the reason', (options, message) => {
  const make = () => createTlsListener({ ...pair, ...options } as TlsOptions)
  expect(make).toThrow(TypeError)
  expect(make).toThrow(message)
})
