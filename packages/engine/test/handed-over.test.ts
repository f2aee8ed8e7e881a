import { respond } from '@tsws/http'
import type { HttpResponse } from '@tsws/http'
import { testCertificate } from '@tsws/testing'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { PassThrough, Writable } from 'node:stream'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls, TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import type { EngineOptions } from '../src/index.ts'
import { start, until } from './start.ts'
import type { Started } from './start.ts'

const CONNECT = 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'
/** Bytes of a transfer that is to meet back-pressure. */
const MUCH = 16 * 1024 * 1024
/** Bytes that may wait in a stream nobody reads: its own limit and one read. */
const HELD = 192 * 1024

interface Tunnel {
  server: Started
  client: Socket
  socket: Duplex
  rest: Uint8Array
}

/** A stream that its server gave away, with some bytes of the new protocol in the packet of the request. */
async function tunnel(early = '', options: EngineOptions = {}): Promise<Tunnel> {
  const taken = Promise.withResolvers<{ socket: Duplex; rest: Uint8Array }>()
  const server = await start(() => respond.text('no'), {
    ...options,
    connect: (_request, socket, rest) => taken.resolve({ socket, rest }),
  })
  const client = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
  client.on('error', () => {})
  client.write(CONNECT + early)
  return { server, client, ...(await taken.promise) }
}

/** What comes until the end. */
async function readAll(stream: Duplex): Promise<Buffer> {
  const pieces: Buffer[] = []
  stream.on('data', (bytes: Buffer) => pieces.push(bytes))
  await once(stream, 'end')
  return Buffer.concat(pieces)
}

/** Numbered, so that what is lost, doubled or out of order is seen. */
function numbered(bytes: number): Buffer {
  const words = new Uint32Array(bytes / 4)
  for (let index = 0; index < words.length; index++) words[index] = index
  return Buffer.from(words.buffer)
}

describe.each([
  ['read and written directly', {}],
  ['a stream all along', { directSockets: false }],
])('a socket that is handed over, before then %s', (_name, options) => {
  test('is read in order by async iteration, and holds back a sender that is too fast', async () => {
    const { server, client, socket, rest } = await tunnel('', options)
    await using _server = server
    expect(rest).toHaveLength(0)
    const sent = numbered(MUCH)
    client.end(sent)
    await sleep(100)
    expect(socket.readableLength).toBeLessThan(HELD)
    const received: Buffer[] = []
    for await (const piece of socket as AsyncIterable<Buffer>) {
      received.push(piece)
      if (received.length % 20 === 0) await sleep(1)
      expect(socket.readableLength).toBeLessThan(HELD)
    }
    expect(Buffer.concat(received).equals(sent)).toBe(true)
  })

  test('pipes into a slow writer and back out, byte for byte', async () => {
    const { server, client, socket } = await tunnel('', options)
    await using _server = server
    const sent = numbered(MUCH / 4)
    socket.pipe(new PassThrough({ highWaterMark: 1000 })).pipe(socket)
    const received = readAll(client)
    client.end(sent)
    expect((await received).equals(sent)).toBe(true)
  })

  test('keeps what came while it is paused, and stays paused', async () => {
    const { server, client, socket } = await tunnel('', options)
    await using _server = server
    let got = 0
    socket.on('data', (bytes: Buffer) => (got += bytes.length))
    socket.pause()
    client.write(numbered(MUCH))
    await sleep(100)
    expect(got).toBe(0)
    expect(socket.readableLength).toBeLessThan(HELD)
    socket.resume()
    await until(() => got === MUCH, 'all bytes')
    client.destroy()
  })

  test('pauses and goes on again and again without losing a byte', async () => {
    const { server, client, socket } = await tunnel('', options)
    await using _server = server
    const received: Buffer[] = []
    socket.on('data', (bytes: Buffer) => {
      received.push(bytes)
      socket.pause()
      setImmediate(() => socket.resume())
    })
    const sent = numbered(MUCH / 4)
    client.end(sent)
    await once(socket, 'end')
    expect(Buffer.concat(received).equals(sent)).toBe(true)
  })

  test('takes back what came with the request, and is read by read()', async () => {
    const { server, client, socket, rest } = await tunnel('early ', options)
    await using _server = server
    expect(Buffer.from(rest).toString()).toBe('early ')
    socket.unshift(rest)
    client.end('and late')
    let text = ''
    socket.on('readable', () => {
      for (
        let piece = socket.read(3) as Buffer | null;
        piece !== null;
        piece = socket.read() as Buffer | null
      )
        text += piece.toString()
    })
    await once(socket, 'end')
    expect(text).toBe('early and late')
  })

  test('decodes text by setEncoding, characters cut between packets too', async () => {
    const { server, client, socket } = await tunnel('', options)
    await using _server = server
    socket.setEncoding('utf8')
    let text = ''
    socket.on('data', (piece: string) => (text += piece))
    for (const byte of Buffer.from('müde€')) {
      client.write(Uint8Array.of(byte))
      await sleep(3)
    }
    client.end()
    await once(socket, 'end')
    expect(text).toBe('müde€')
  })

  test('can still be written to when the client has closed its side', async () => {
    const { server, client, socket } = await tunnel('', options)
    await using _server = server
    socket.resume()
    client.end()
    await once(socket, 'end')
    const received = readAll(client)
    socket.end(numbered(MUCH / 4))
    expect((await received).equals(numbered(MUCH / 4))).toBe(true)
  })

  test('tells of a reset, and does not end the process when nobody listens', async () => {
    const { server, client, socket } = await tunnel('', options)
    await using _server = server
    socket.resume()
    client.resetAndDestroy()
    await new Promise((resolve) => socket.on('close', resolve)) // `once` would listen for errors as well
    expect(socket.destroyed).toBe(true)
  })

  test('carries TLS, its first packet with the request or after it', async () => {
    const { server, client, socket, rest } = await tunnel('', options)
    await using _server = server
    if (rest.length > 0) socket.unshift(rest)
    const secure = new TLSSocket(socket as Socket, { isServer: true, ...testCertificate() })
    secure.pipe(secure)
    const inner = connectTls({ socket: client, rejectUnauthorized: false })
    await once(inner, 'secureConnect')
    const sent = numbered(MUCH / 8)
    const received = readAll(inner)
    inner.end(sent)
    expect((await received).equals(sent)).toBe(true)
  })

  test('has the answers before it on their way: its new owner writes behind them', async () => {
    const taken = Promise.withResolvers<Duplex>()
    await using server = await start(() => respond.text('x'.repeat(15_000)), {
      ...options,
      connect: (_request, socket) => taken.resolve(socket),
    })
    const client = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
    client.pause()
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(400) + CONNECT)
    await sleep(100)
    client.resume()
    const received = readAll(client)
    const socket = await taken.promise
    socket.end('mine')
    const text = (await received).toString('latin1')
    expect(text.split('HTTP/1.1 200 OK')).toHaveLength(401)
    expect(text.endsWith('xmine')).toBe(true)
    client.destroy()
  })

  test('is read on when its client had been held back before', async () => {
    const answer = Promise.withResolvers<HttpResponse>()
    const taken = Promise.withResolvers<{ socket: Duplex; rest: Uint8Array }>()
    await using server = await start(() => answer.promise, {
      ...options,
      connect: (_request, socket, rest) => taken.resolve({ socket, rest }),
    })
    const client = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
    client.on('error', () => {})
    const sent = numbered(MUCH / 4)
    client.write(`GET / HTTP/1.1\r\nHost: a\r\n\r\n${CONNECT}`)
    client.write(sent)
    await until(() => client.bytesWritten > 0 && client.writableLength > 0, 'a client that is held back')
    await sleep(50)
    answer.resolve(respond.text('at last'))
    const { socket, rest } = await taken.promise
    const received: Buffer[] = [Buffer.from(rest)]
    let length = rest.length
    socket.on('data', (bytes: Buffer) => {
      received.push(bytes)
      length += bytes.length
    })
    await until(() => length === sent.length, 'all bytes')
    expect(Buffer.concat(received).equals(sent)).toBe(true)
    client.destroy()
  })

  test('can be piped into something that ends badly: it is destroyed, and the server forgets it', async () => {
    const { server, client, socket } = await tunnel('', options)
    await using _server = server
    const broken = new Writable({ write: (_bytes, _encoding, done) => done(new Error('broken')) })
    broken.on('error', () => socket.destroy())
    socket.pipe(broken)
    client.write('x')
    await once(socket, 'close')
    client.destroy()
  })
})
