import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { createServer } from '@tsws/engine'
import type { HttpServer } from '@tsws/engine'
import { respond } from '@tsws/http'
import { sendRaw, testCertificate } from '@tsws/testing'
import { afterAll, afterEach, expect, test } from 'vitest'
import { createTlsListener } from '../src/index.ts'
import type { TlsListener, TlsOptions } from '../src/index.ts'

const pair = testCertificate()
const folder = await mkdtemp(join(tmpdir(), 'tsws-tls-'))
afterAll(() => rm(folder, { recursive: true }))

const running: HttpServer[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.close({ grace: 100 })
})

interface Started {
  port: number
  listener: TlsListener
  server: HttpServer
}

async function start(options: Partial<TlsOptions> = {}): Promise<Started> {
  const server = createServer(async (request) => {
    if (request.pathname === '/slow') await sleep(50)
    return respond.text(`${request.url} ${request.connection.encrypted} ${request.connection.remoteAddress}`)
  })
  const listener = createTlsListener({ ...pair, ...options })
  listener.server.listen(0, '127.0.0.1')
  await once(listener.server, 'listening')
  server.addListener(listener)
  running.push(server)
  return { port: (listener.server.address() as AddressInfo).port, listener, server }
}

const REQUEST = 'GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

/** Connects by TLS; the client checks nothing but what the test asks for. */
async function connect(port: number, options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> {
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    servername: 'localhost',
    ...options,
  })
  await once(socket, 'secureConnect')
  return socket
}

/** The DNS names of the certificate that the server shows. */
async function shownNames(port: number, servername: string): Promise<string | undefined> {
  const socket = await connect(port, { servername })
  const { subjectaltname } = socket.getPeerCertificate()
  socket.destroy()
  return subjectaltname
}

/** All bytes until the other side closes. */
async function readAll(socket: net.Socket): Promise<string> {
  let text = ''
  for await (const bytes of socket) text += bytes
  return text
}

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

test('a client hello that comes a byte at a time is understood', async () => {
  const { port } = await start()
  const proxy = net.createServer((client) => {
    const upstream = net.connect({ port, host: '127.0.0.1', noDelay: true })
    upstream.pipe(client)
    client.once('data', async (bytes: Buffer) => {
      client.pause()
      for (let at = 0; at < 40; at++) {
        upstream.write(bytes.subarray(at, at + 1))
        await sleep(1)
      }
      upstream.write(bytes.subarray(40))
      client.pipe(upstream)
    })
    client.on('error', () => {})
    upstream.on('error', () => {})
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const answer = await sendRaw((proxy.address() as AddressInfo).port, REQUEST, { tls: true })
  expect(answer.toString()).toContain('200 OK')
  proxy.close()
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

test('http/1.1 is agreed on by ALPN, also with a client that would like h2', async () => {
  const { port } = await start()
  const socket = await connect(port, { ALPNProtocols: ['h2', 'http/1.1'] })
  expect(socket.alpnProtocol).toBe('http/1.1')
  socket.destroy()
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

test('plain HTTP on the TLS port is told what is wrong', async () => {
  const { port } = await start()
  const answer = (await sendRaw(port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')).toString()
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  expect(answer).toContain('Connection: close\r\n')
  const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
  expect(body).toBe('This port speaks HTTPS: use https:// instead of http://\n')
  expect(answer).toContain(`Content-Length: ${body.length}\r\n`)
})

test('plain HTTP with a large body is told too, and the connection ends soon', async () => {
  const { port } = await start()
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n${'x'.repeat(1_000_000)}`)
  expect(await readAll(socket)).toContain('This port speaks HTTPS')
})

test('bytes that are neither TLS nor HTTP end the connection and are reported', async () => {
  const errors: (string | null)[] = []
  const { port } = await start({ onHandshakeError: (_error, remoteAddress) => errors.push(remoteAddress) })
  for (const bytes of ['\x00\x01\x02\x03\x04\x05\x06\x07', '\x16\x03\x01\x00\x05hello', '\xff'.repeat(100)]) {
    await sendRaw(port, Buffer.from(bytes, 'latin1'))
  }
  expect(errors).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1'])
  expect((await sendRaw(port, REQUEST, { tls: true })).toString()).toContain('200 OK')
})

test('resets in every state of the handshake leave the server working', async () => {
  const { port, listener } = await start()
  const hello = await new Promise<Buffer>((resolve) => {
    const catcher = net.createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (bytes: Buffer) => {
        resolve(bytes)
        socket.destroy()
        catcher.close()
      })
    })
    catcher.listen(0, '127.0.0.1', () => {
      tls.connect((catcher.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
    })
  })
  for (const length of [0, 1, 5, 100, hello.length]) {
    for (const how of ['resetAndDestroy', 'destroy', 'end'] as const) {
      const socket = net.connect({ port, host: '127.0.0.1' })
      socket.on('error', () => {})
      await once(socket, 'connect')
      if (length > 0)
        await new Promise<void>((resolve) => void socket.write(hello.subarray(0, length), () => resolve()))
      await sleep(5)
      socket[how]()
    }
  }
  expect((await sendRaw(port, REQUEST, { tls: true })).toString()).toContain('200 OK')
  await expect.poll(() => listener.pendingHandshakes).toBe(0)
})

test.each([
  ['nothing', ''],
  ['half a client hello', '\x16\x03\x01\x02\x00\x01'],
])('a client that sends %s is cut when the handshake time is over', async (_what, bytes) => {
  const { port, listener } = await start({ handshakeTimeout: 60 })
  const socket = net.connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(Buffer.from(bytes, 'latin1'))
  await expect.poll(() => listener.pendingHandshakes).toBe(1)
  const start_ = performance.now()
  socket.resume()
  await once(socket, 'close')
  expect(performance.now() - start_).toBeLessThan(1000)
  await expect.poll(() => listener.pendingHandshakes).toBe(0)
})

test('a connection whose handshake is over may stay longer than the handshake time', async () => {
  const { port, listener } = await start({ handshakeTimeout: 50 })
  const socket = await connect(port)
  await sleep(150)
  expect(listener.pendingHandshakes).toBe(0)
  socket.write(REQUEST)
  expect(await readAll(socket)).toContain('200 OK')
})

test('no more handshakes than the limit are under way', async () => {
  const { port, listener } = await start({ maxPendingHandshakes: 2 })
  const idle = [0, 1].map(() => net.connect({ port, host: '127.0.0.1' }).on('error', () => {}))
  await Promise.all(idle.map((socket) => once(socket, 'connect')))
  await expect.poll(() => listener.pendingHandshakes).toBe(2)
  await expect(connect(port)).rejects.toThrow()
  for (const socket of idle) socket.destroy()
  await expect.poll(() => listener.pendingHandshakes).toBe(0)
  expect((await sendRaw(port, REQUEST, { tls: true })).toString()).toContain('200 OK')
})

test('closing the server does not wait for handshakes', async () => {
  const { port, listener, server } = await start()
  const socket = net.connect({ port, host: '127.0.0.1' }).on('error', () => {})
  await once(socket, 'connect')
  await expect.poll(() => listener.pendingHandshakes).toBe(1)
  const closed = once(listener.server, 'close')
  await server.close()
  await closed
})

test('the certificate is chosen by server name', async () => {
  const shop = testCertificate(['shop.example'])
  const wild = testCertificate(['*.example.org'])
  const { port } = await start({ sni: { 'Shop.example': shop, '*.example.org': wild } })
  expect(await shownNames(port, 'shop.example')).toBe('DNS:shop.example')
  expect(await shownNames(port, 'SHOP.EXAMPLE')).toBe('DNS:shop.example')
  expect(await shownNames(port, 'a.example.org')).toBe('DNS:*.example.org')
  expect(await shownNames(port, 'a.b.example.org')).toContain('DNS:localhost')
  expect(await shownNames(port, 'example.org')).toContain('DNS:localhost')
  expect(await shownNames(port, 'unknown.example')).toContain('DNS:localhost')
})

test('reload shows the new certificate to new connections and keeps the open ones', async () => {
  const cert = join(folder, 'cert.pem')
  const key = join(folder, 'key.pem')
  await writeFile(cert, pair.cert)
  await writeFile(key, pair.key)
  const { port, listener } = await start({ cert, key })
  const open = await connect(port)
  const fresh = testCertificate(['fresh.example'])
  await writeFile(cert, fresh.cert)
  await writeFile(key, fresh.key)
  listener.reload()
  expect(await shownNames(port, 'localhost')).toBe('DNS:fresh.example')
  open.write(REQUEST)
  expect(await readAll(open)).toContain('200 OK')
  const weak = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' } as const
  await expect(connect(port, weak), 'the cipher list holds after a reload').rejects.toThrow()
})

test('a reload with bad files throws and changes nothing', async () => {
  const cert = join(folder, 'cert2.pem')
  const sniCert = join(folder, 'sni.pem')
  const shop = testCertificate(['shop.example'])
  await writeFile(cert, pair.cert)
  await writeFile(sniCert, shop.cert)
  const { port, listener } = await start({ cert, sni: { 'shop.example': { cert: sniCert, key: shop.key } } })
  await writeFile(sniCert, 'broken')
  expect(() => listener.reload()).toThrow(/sni\.pem\) is not PEM/)
  await writeFile(cert, testCertificate().cert)
  expect(() => listener.reload()).toThrow(/is not the private key of/)
  expect(await shownNames(port, 'localhost')).toContain('DNS:localhost')
  expect(await shownNames(port, 'shop.example')).toBe('DNS:shop.example')
})

test('warnings are at hand, and those of a reload replace them', async () => {
  const cert = join(folder, 'chain.pem')
  await writeFile(cert, pair.cert + testCertificate(['other.example']).cert)
  const listener = createTlsListener({ cert, key: pair.key })
  expect(listener.warnings).toEqual([expect.stringContaining('did not issue the one before it')])
  await writeFile(cert, pair.cert)
  listener.reload()
  expect(listener.warnings).toEqual([])
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
