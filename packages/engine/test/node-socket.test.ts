import { respond } from '@tsws/http'
import { createServer as createNetServer, Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { Duplex, duplexPair } from 'node:stream'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { canReadDirectly, canWriteDirectly, readAsStream, readDirectly } from '../src/node-socket.ts'
import { keepBytes } from '../src/read-arena.ts'
import { createServer } from '../src/index.ts'
import { start, until } from './start.ts'

/** Both ends of a TCP connection. */
async function pair(): Promise<{ client: Socket; server: Socket; close(): void }> {
  const listener = createNetServer({ allowHalfOpen: true })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const accepted = once(listener, 'connection')
  const client = new Socket({ allowHalfOpen: true }).connect(
    (listener.address() as AddressInfo).port,
    '127.0.0.1',
  )
  const [server] = (await accepted) as [Socket]
  return {
    client,
    server,
    close: () => {
      client.destroy()
      server.destroy()
      listener.close()
    },
  }
}

test('sockets are read directly by every Node that is supported, and written by those of 26 and later', async () => {
  const { server, close } = await pair()
  const [major] = process.versions.node.split('.')
  expect([canReadDirectly(server), canWriteDirectly(server)]).toEqual([true, Number(major) >= 26])
  close()
})

test('sockets whose insides are others are left alone, and no probe ends the start', async () => {
  class OtherSocket extends Socket {
    override _write(): void {
      throw new TypeError('socket.@write is not a function')
    }
  }
  vi.resetModules()
  vi.doMock('node:net', async (original) => ({ ...(await original<object>()), Socket: OtherSocket }))
  onTestFinished(() => void vi.doUnmock('node:net'))
  const probed = await import('../src/node-socket.ts')
  const socket = new OtherSocket()
  expect([probed.canReadDirectly(socket), probed.canWriteDirectly(socket)]).toEqual([false, false])
})

describe('a stream is left to its stream layer', () => {
  test('when it is no socket', () => {
    const [, memory] = duplexPair()
    expect([canReadDirectly(memory), canWriteDirectly(memory)]).toEqual([false, false])
  })

  test('when somebody reads it already', async () => {
    const { server, close } = await pair()
    server.on('data', () => {})
    expect(canReadDirectly(server)).toBe(false)
    close()
  })

  test('when bytes wait in it', async () => {
    const { server, close } = await pair()
    server.unshift(Buffer.from('GET '))
    expect(canReadDirectly(server)).toBe(false)
    close()
  })

  test('when its write was replaced', async () => {
    const { server, close } = await pair()
    server.write = Duplex.prototype.write.bind(server) as never
    expect(canWriteDirectly(server)).toBe(false)
    close()
  })

  test('when it is destroyed', async () => {
    const { server, close } = await pair()
    server.destroy()
    expect([canReadDirectly(server), canWriteDirectly(server)]).toEqual([false, false])
    close()
  })
})

test('a watcher of data events and of write sees everything with directSockets: false', async () => {
  const seen: string[] = []
  const server = createServer(() => respond.text('hello'), { directSockets: false })
  const listener = createNetServer((socket) => {
    const { write } = socket
    socket.write = function (this: Socket, ...given: unknown[]) {
      seen.push(String(given[0]).slice(0, 8))
      return (write as (...all: unknown[]) => boolean).apply(this, given)
    } as never
    server.serve(socket)
    socket.on('data', (bytes: Buffer) => seen.push(bytes.toString().slice(0, 5)))
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const client = new Socket().connect((listener.address() as AddressInfo).port, '127.0.0.1')
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(client, 'data')
  expect(seen).toEqual(['HTTP/1.1', 'GET /'])
  client.destroy()
  listener.close()
})

test('a socket that was accepted paused is read', async () => {
  const server = createServer(() => respond.text('hello'))
  const listener = createNetServer({ pauseOnConnect: true }, (socket) => {
    ;(socket as { readableFlowing: boolean | null }).readableFlowing = null // as a transfer leaves it
    server.serve(socket)
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const client = new Socket().connect((listener.address() as AddressInfo).port, '127.0.0.1')
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const [answer] = (await once(client, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK[^]*hello$/)
  client.destroy()
  listener.close()
})

describe('a socket that was read directly and is given back', () => {
  test('is a stream again: nothing is lost, and what is not read holds the sender back', async () => {
    const { client, server, close } = await pair()
    let direct = 0
    if (!canReadDirectly(server)) throw new Error('it cannot be read directly')
    readDirectly(server, (length) => {
      direct += length
      return true
    })
    client.write('before')
    await until(() => direct === 6, 'the first bytes')
    readAsStream(server)
    const sent = 8 * 1024 * 1024
    client.write(Buffer.alloc(sent, 'x'))
    await until(() => server.readableLength > 0, 'bytes in the stream')
    // One byte at a time: each look at the stream must not read another 64 KiB.
    for (let reads = 0; reads < 200; reads++) {
      expect(server.read(1)).toHaveLength(1)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(server.readableLength).toBeLessThan(4 * server.readableHighWaterMark)
    let got = 200
    server.on('data', (bytes: Buffer) => (got += bytes.length))
    await until(() => got === sent, 'all bytes')
    client.end()
    await once(server, 'end')
    close()
  })
})

test('bytes that are kept stay as they were when the next read comes', () => {
  const buffer = Buffer.alloc(64 * 1024)
  const kept: { bytes: Buffer; fill: number }[] = []
  for (let fill = 1; fill < 250; fill++) {
    const length = (fill * 397) % 5000
    buffer.fill(fill, 0, length)
    kept.push({ bytes: keepBytes(buffer, length), fill })
  }
  for (const { bytes, fill } of kept) {
    expect(bytes).toHaveLength((fill * 397) % 5000)
    expect(bytes.every((byte) => byte === fill)).toBe(true)
  }
})

test('bytes that are kept are those of the buffer that is given, whichever came before', () => {
  const kept = ['one', 'two', 'one'].map((text) => keepBytes(Buffer.from(text), 3))
  expect(kept.map(String)).toEqual(['one', 'two', 'one'])
})

test('a request that is looked at after its answer has its own fields, whatever came since', async () => {
  const seen: (string | null)[] = []
  await using server = await start((request) => {
    setTimeout(() => seen.push(request.headers.get('x-number')), 50)
    return respond.text('hello')
  })
  const clients = await Promise.all(Array.from({ length: 20 }, () => server.connect()))
  for (const [number, client] of clients.entries())
    client.write(`GET / HTTP/1.1\r\nHost: a\r\nX-Number: ${number}\r\n\r\n`)
  await until(() => seen.length === clients.length, 'all requests to be looked at')
  expect(seen.map(Number).toSorted((a, b) => a - b)).toEqual(clients.map((_, number) => number))
})
