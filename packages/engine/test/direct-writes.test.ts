import { FileBody, HttpResponse } from '@tsws/http'
import type { HttpRequest } from '@tsws/http'
import { ResponseParser } from '@tsws/parser'
import { localPath } from '@tsws/testing'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls, TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { start, startTls, until } from './start.ts'

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Bytes that no other name has, so that one answer's bytes in another's place are seen. */
function contentOf(name: string, length: number): Buffer {
  const block = createHash('sha512').update(name).digest()
  return Buffer.alloc(length, block)
}

const file = { path: process.execPath, bytes: 3 * 1024 * 1024 }

/** `/KIND/LENGTH/WHEN/NAME`: a body of that kind and length, at once (0) or later. */
async function answerLater(request: HttpRequest): Promise<HttpResponse> {
  const when = request.pathname.split('/')[3]
  if (when === '1') await new Promise((resolve) => setImmediate(resolve))
  else await sleep(Number(when))
  return answerNow(request)
}

async function answerNow(request: HttpRequest): Promise<HttpResponse> {
  const [, kind, size] = request.pathname.split('/')
  const length = Number(size)
  if (kind === 'file') return new HttpResponse(new FileBody(await open(file.path), 0, length))
  return withBytes(request.pathname, kind ?? '', length)
}

function withBytes(name: string, kind: string, length: number): HttpResponse {
  const bytes = contentOf(name, length)
  if (kind === 'text') return new HttpResponse(bytes.toString('latin1').replace(/[^\x20-\x7e]/g, '.'))
  return new HttpResponse(kind === 'stream' ? pieces(bytes) : bytes)
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const length = 1 + ((at * 7919) % 40_000)
    yield bytes.subarray(at, at + length)
    at += length
    if (at % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
}

function answer(request: HttpRequest): HttpResponse | Promise<HttpResponse> {
  const [, kind, size, when] = request.pathname.split('/')
  if (kind === 'file' || when !== '0') return when === '0' ? answerNow(request) : answerLater(request)
  return withBytes(request.pathname, kind ?? '', Number(size))
}

/** Paths of all kinds: mostly small, now and then larger than any buffer on the way. */
function somePaths(count: number, random: () => number, name: string): string[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = ['text', 'text', 'bytes', 'bytes', 'stream', 'file'][Math.floor(random() * 6)] as string
    const scale = [200, 3000, 20_000, 20_000, 70_000, 2_000_000][Math.floor(random() * 6)] as number
    const when = random() < 0.7 ? 0 : Math.floor(random() * 4)
    return `/${kind}/${1 + Math.floor(random() * scale)}/${when}/${name}-${index}`
  })
}

async function expectedBody(path: string): Promise<Buffer> {
  const [, kind, size] = path.split('/')
  const length = Number(size)
  if (kind === 'file') {
    const handle = await open(file.path)
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, 0)
    await handle.close()
    return buffer
  }
  const bytes = contentOf(path, length)
  return kind === 'text' ? Buffer.from(bytes.toString('latin1').replace(/[^\x20-\x7e]/g, '.')) : bytes
}

/** A TLS client that trusts everybody, and may end its side and read on. */
function openTls(port: number): TLSSocket {
  const options = { port, host: '127.0.0.1', allowHalfOpen: true, rejectUnauthorized: false }
  return connectTls(options)
}

/** Asks for all paths at once and reads in fits and starts; each body has to be right to its last byte. */
async function readSlowly(socket: Socket, paths: string[], random: () => number): Promise<void> {
  await once(socket, socket instanceof TLSSocket ? 'secureConnect' : 'connect')
  for (const [index, path] of paths.entries()) {
    const last = index === paths.length - 1
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n${last ? 'Connection: close\r\n' : ''}\r\n`)
    if (random() < 0.1) await sleep(random() * 3)
  }
  const parser = new ResponseParser()
  for (const _path of paths) parser.expectResponseTo('GET')
  const bodies: Buffer[][] = []
  socket.pause()
  await sleep(30 + random() * 100) // the window is full
  socket.on('data', (bytes: Buffer) => {
    parser.push(bytes)
    for (let event = parser.next(); event !== 'need-more'; event = parser.next()) {
      if (event === 'head') bodies.push([])
      else if (event === 'data') bodies.at(-1)?.push(Buffer.from(parser.data))
    }
    if (random() < 0.2) {
      socket.pause()
      setTimeout(() => socket.resume(), random() * 8)
    }
  })
  socket.resume()
  await once(socket, 'end')
  parser.finish()
  socket.destroy()
  expect(bodies).toHaveLength(paths.length)
  for (const [index, path] of paths.entries()) {
    const same = Buffer.concat(bodies[index] ?? []).equals(await expectedBody(path))
    expect(same, `the body of ${path}, answer ${index}`).toBe(true)
  }
}

describe('many clients that read slowly get every byte of every answer in its order, and then the end', () => {
  const seeds = Number(process.env['TSWS_FUZZ_SEEDS'] ?? 2)
  const first = Number(process.env['TSWS_FUZZ_FIRST'] ?? 1)
  test.each(Array.from({ length: seeds }, (_, index) => first + index))(
    'seed %i',
    { timeout: 60_000 },
    async (seed) => {
      await using plain = await start(answer)
      await using encrypted = await startTls(answer)
      const path = localPath(`tsws-${process.pid}-${seed}`)
      await plain.server.listen({ path })
      const doors = [
        () => connect({ path, allowHalfOpen: true }),
        () => connect({ port: plain.port, host: '127.0.0.1', allowHalfOpen: true }),
        () => openTls(encrypted.port),
      ]
      const random = randomFrom(seed)
      await Promise.all(
        Array.from({ length: 9 }, (_, client) =>
          readSlowly(
            (doors[client % doors.length] as () => Socket)(),
            somePaths(30, random, `${seed}-${client}`),
            randomFrom(seed * 100 + client),
          ),
        ),
      )
      for (const { server } of [plain, encrypted])
        await until(() => server.connections.length === 0, 'all connections to end')
    },
  )
})

/** Asks so often that the kernel is full of answers of `size` bytes; nothing of them is read. */
async function fillKernel(port: number, size: number, count: number, tls = false): Promise<Socket> {
  const socket = tls ? openTls(port) : connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  await once(socket, tls ? 'secureConnect' : 'connect')
  socket.pause()
  socket.write(`GET /bytes/${size}/0/x HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(count))
  return socket
}

describe.each([
  ['TCP', start, false],
  ['TLS', startTls, true],
] as const)('small answers that the kernel does not take, over %s', (_name, start, tls) => {
  test('are counted as held, and their sender waits', async () => {
    await using server = await start(answer)
    const socket = await fillKernel(server.port, 15_000, 1000, tls)
    await until(() => server.server.connections[0]?.writing === 'full', 'a full connection')
    expect(server.server.connections[0]?.bytesHeld).toBeGreaterThan(0)
    socket.destroy()
    await until(() => server.server.connections.length === 0, 'the connection to go')
  })

  test.each([
    // Under TLS `resetAndDestroy` of the client does not reset.
    ['a reset', (socket: Socket) => (tls ? socket.destroy() : socket.resetAndDestroy())],
    ['an end of both sides', (socket: Socket) => socket.destroy()],
  ])('are given up at %s, and the connection goes once', async (_name, leave) => {
    let closed = 0
    await using server = await start(answer, { observer: { onConnectionClose: () => void closed++ } })
    const socket = await fillKernel(server.port, 15_000, 1000, tls)
    await until(() => server.server.connections[0]?.writing === 'full', 'a full connection')
    leave(socket)
    await until(() => server.server.connections.length === 0, 'the connection to go')
    await sleep(20)
    expect(closed).toBe(1)
  })

  test('are cut when the client takes nothing for writeTimeout', async () => {
    await using server = await start(answer, { writeTimeout: 300 })
    const socket = await fillKernel(server.port, 15_000, 1000, tls)
    await until(() => server.server.connections[0]?.writing === 'full', 'a full connection')
    await until(() => server.server.connections.length === 0, 'the cut')
    socket.destroy()
  })
})

test.each([
  ['TCP', start, false],
  ['TLS', startTls, true],
] as const)(
  'over %s, a tunnel that waits for answers which nobody takes is cut after writeTimeout',
  async (_name, start, tls) => {
    let taken = 0
    await using server = await start(answer, { writeTimeout: 300, connect: () => void taken++ })
    const socket = await fillKernel(server.port, 15_000, 1, tls)
    const view = () => server.server.connections[0]
    for (let asked = 1; ; asked++) {
      await until(() => view()?.requests === asked, 'an answer')
      await sleep(2)
      if (view()?.bytesHeld !== 0) break
      socket.write('GET /bytes/15000/0/x HTTP/1.1\r\nHost: a\r\n\r\n')
    }
    expect(view()?.bytesHeld).toBeLessThan(64 * 1024)
    socket.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')
    await until(() => view() === undefined, 'the cut')
    expect(taken).toBe(0)
    socket.destroy()
  },
)

describe('under TLS, where a handle takes one write at a time', () => {
  test('one connection asks again and again in small steps, and gets every answer', async () => {
    await using server = await startTls(answer)
    const client = await server.connect()
    for (let turn = 0; turn < 300; turn++) {
      const length = 1 + ((turn * 997) % 3000)
      const path = `/${turn % 2 ? 'text' : 'bytes'}/${length}/0/n-${turn}`
      client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
      const { body } = await client.readResponse()
      expect(Buffer.from(body).equals(await expectedBody(path))).toBe(true)
    }
  })

  test.each([false, true])(
    'a tunnel that is asked for in the packet of other requests writes at once, and after their answers (read slowly: %s)',
    async (slow) => {
      const size = slow ? 60_000 : 20
      await using server = await startTls(answer, {
        connect(_request, socket) {
          socket.on('error', () => {})
          socket.cork()
          socket.write('HTTP/1.1 200 OK\r\n\r\n')
          socket.write('tunnel ')
          socket.uncork()
          socket.end('end')
        },
      })
      const client = openTls(server.port)
      await once(client, 'secureConnect')
      client.pause()
      const count = slow ? 100 : 3
      const get = `GET /text/${size}/0/x HTTP/1.1\r\nHost: a\r\n\r\n`
      client.write(`${get.repeat(count)}CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n`)
      if (slow) await sleep(100)
      const pieces: Buffer[] = []
      client.on('data', (bytes: Buffer) => pieces.push(bytes)).resume()
      await once(client, 'end')
      const text = Buffer.concat(pieces).toString('latin1')
      expect(text.match(/HTTP\/1\.1 200 OK\r\nContent-Length|HTTP\/1\.1 200 OK\r\nDate/g)).toHaveLength(count)
      expect(text.endsWith('HTTP/1.1 200 OK\r\n\r\ntunnel end')).toBe(true)
      client.destroy()
    },
  )

  test('a client that goes while a tunnel waits for an answer to be taken leaves nothing behind', async () => {
    let taken = 0
    await using server = await startTls(answer, { connect: () => void taken++ })
    const client = openTls(server.port)
    client.on('error', () => {})
    await once(client, 'secureConnect')
    client.pause()
    const get = 'GET /text/60000/0/x HTTP/1.1\r\nHost: a\r\n\r\n'
    client.write(`${get.repeat(150)}CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n`)
    await sleep(100)
    client.destroy()
    await until(() => server.server.connections.length === 0, 'the connection to go')
    expect(taken).toBeLessThan(2)
  })
})
