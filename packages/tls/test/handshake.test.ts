import { once } from 'node:events'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { sendRaw } from '@tsws/testing'
import { expect, test } from 'vitest'
import { connect, readAll, REQUEST, start } from './start-tls.ts'

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

test('a connection whose handshake is over may stay longer than the handshake time', async () => {
  const { port, listener } = await start({ handshakeTimeout: 50 })
  const socket = await connect(port)
  await sleep(150)
  expect(listener.pendingHandshakes).toBe(0)
  socket.write(REQUEST)
  expect(await readAll(socket)).toContain('200 OK')
})

test('of more handshakes than the limit the oldest is cut, so clients that say nothing lock nobody out', async () => {
  const { port, listener } = await start({ maxPendingHandshakes: 2 })
  const silent = async (): Promise<net.Socket> => {
    const before = listener.pendingHandshakes
    const socket = net.connect({ port, host: '127.0.0.1' }).on('error', () => {})
    await expect.poll(() => listener.pendingHandshakes).toBe(before + 1)
    return socket
  }
  const oldest = await silent()
  const other = await silent()
  const cut = once(oldest.resume(), 'close')
  expect((await sendRaw(port, REQUEST, { tls: true })).toString()).toContain('200 OK')
  await cut
  expect(other.destroyed).toBe(false)
  expect(listener.pendingHandshakes).toBe(1)
  other.destroy()
  await expect.poll(() => listener.pendingHandshakes).toBe(0)
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
