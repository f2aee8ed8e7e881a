import { HttpResponse, respond } from '@tsws/http'
import { Duplex } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createServer } from '../src/index.ts'
import { aMoment, ManualClock, start, startTimed, until } from './start.ts'
import type { Handler } from '@tsws/http'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

describe('with a clock that the test turns', () => {
  test('a head has headTimeout from its first byte, however it dribbles', async () => {
    await using started = await startTimed(() => respond.text('x'), { headTimeout: 20_000 })
    const client = await started.connect()
    for (const byte of 'GET / HT') {
      client.write(byte)
      await aMoment(10)
      started.clock.turn(2400)
    }
    expect(client.received).toHaveLength(0)
    started.clock.turn(2400)
    expect((await client.readResponse()).status).toBe(408)
    await client.closed()
  })

  test('silence ends a connection after keepAliveTimeout, with no answer', async () => {
    await using started = await startTimed(() => respond.text('x'), { keepAliveTimeout: 75_000 })
    const client = await started.connect()
    client.write(GET)
    await client.readResponse()
    started.clock.turn(74_000)
    await aMoment()
    expect(client.state).toBe('open')
    started.clock.turn(1500)
    expect(await client.closed()).toBe('ended')
  })

  test('a body that has yielded what it declared and does not end is given up after writeTimeout', async () => {
    let closed = false
    async function* neverEnds(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from('whole')
        await new Promise(() => {})
      } finally {
        closed = true
      }
    }
    const source = neverEnds()
    const body = {
      [Symbol.asyncIterator]: () => ({
        next: () => source.next(),
        return: async () => {
          closed = true
          return { done: true as const, value: undefined }
        },
      }),
    }
    await using started = await startTimed(
      () => new HttpResponse(body, { headers: { 'Content-Length': 5 } }),
      { writeTimeout: 30_000 },
    )
    const client = await started.connect()
    client.write(GET)
    expect((await client.readResponse()).text()).toBe('whole')
    started.clock.turn(29_000)
    await aMoment()
    expect([client.state, closed]).toEqual(['open', false])
    started.clock.turn(1500)
    await client.closed()
    await until(() => closed, 'the body to be closed')
  })

  test('a body that ended in time leaves no deadline behind', async () => {
    async function* ends(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('whole')
    }
    await using started = await startTimed(
      () => new HttpResponse(ends(), { headers: { 'Content-Length': 5 } }),
      { writeTimeout: 1000, keepAliveTimeout: 75_000 },
    )
    const client = await started.connect()
    client.write(GET)
    await client.readResponse()
    await aMoment()
    started.clock.turn(5000)
    await aMoment()
    expect(client.state).toBe('open')
  })

  test('a body slower than minBodyRate is 408, one that keeps up is not', async () => {
    const handler: Handler = async (request) => respond.text(String((await request.bytes()).length))
    await using started = await startTimed(handler, { bodyTimeout: 10_000, minBodyRate: 500 })
    const slow = await started.connect()
    const steady = await started.connect()
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n'
    slow.write(head)
    steady.write(head)
    await aMoment()
    for (let second = 0; second < 20; second++) {
      slow.write('x')
      steady.write('x'.repeat(1000))
      await aMoment(5)
      started.clock.turn(1000)
    }
    expect((await slow.readResponse()).status).toBe(408)
    expect((await steady.readResponse()).text()).toBe('20000')
  })

  test('time in which the handler holds the client back does not count', async () => {
    let goOn = (): void => {}
    const handler: Handler = async (request) => {
      let size = 0
      for await (const piece of request.body ?? []) {
        size += piece.length
        if (size === 1)
          await new Promise<void>((resolve) => {
            goOn = resolve
          })
      }
      return respond.text(String(size))
    }
    await using started = await startTimed(handler, { bodyTimeout: 1000, minBodyRate: 500 })
    const client = await started.connect()
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx')
    await aMoment()
    started.clock.turn(60_000)
    goOn()
    await aMoment()
    client.write('y')
    expect((await client.readResponse()).text()).toBe('2')
  })

  test('a handler has handlerTimeout, its signal aborts, and its late answer goes nowhere', async () => {
    let closed = false
    let late = (_: HttpResponse): void => {}
    let aborted = false
    const body = {
      async *[Symbol.asyncIterator]() {
        yield new Uint8Array(1)
      },
    }
    body[Symbol.asyncIterator] = () =>
      ({
        next: async () => ({ done: true, value: undefined }),
        return: async () => {
          closed = true
          return { done: true, value: undefined }
        },
      }) as never
    const handler: Handler = (request) => {
      if (request.pathname === '/next') return respond.text('next')
      request.signal.addEventListener('abort', () => {
        aborted = true
      })
      return new Promise((resolve) => {
        late = resolve
      })
    }
    await using started = await startTimed(handler, { handlerTimeout: 5000 })
    const client = await started.connect()
    client.write(GET)
    await aMoment()
    started.clock.turn(5000)
    expect((await client.readResponse()).status).toBe(503)
    expect(aborted).toBe(true)
    late(new HttpResponse(body))
    await until(() => closed, 'the late body to be closed')
    client.write('GET /next HTTP/1.1\r\nHost: a\r\n\r\n')
    expect((await client.readResponse()).text()).toBe('next')
  })

  test('a reader that stops is cut after writeTimeout, one that reads slowly is not', async () => {
    const size = 40_000_000
    await using started = await startTimed(() => new HttpResponse(Buffer.alloc(size)), {
      writeTimeout: 30_000,
    })
    const stalled = await started.connect()
    const slow = await started.connect()
    stalled.socket.pause()
    slow.socket.pause()
    stalled.write(GET)
    slow.write(GET)
    await aMoment(100)
    for (let turn = 0; turn < 4; turn++) {
      const before = slow.socket.bytesRead
      slow.socket.resume()
      await until(() => slow.socket.bytesRead > before + 1_000_000, 'a little progress')
      slow.socket.pause()
      await aMoment(20)
      started.clock.turn(15_000)
    }
    await until(() => started.server.connections.length === 1, 'the stalled reader to be cut')
    const before = slow.socket.bytesRead
    slow.socket.resume()
    await until(() => slow.socket.bytesRead > before + 1_000_000, 'more for the slow one')
  })

  test('a reader that stops at the very end is cut too: what was still to be said then has its deadline', async () => {
    const clock = new ManualClock()
    const server = createServer(() => respond.text('x'), { clock, writeTimeout: 30_000 })
    const stream = new Duplex({
      read() {},
      write: (_bytes, _encoding, done) => done(),
      final() {}, // the farewell of TLS that nobody takes
    })
    server.serve(stream)
    stream.push('GET / HTTP/1.0\r\n\r\n')
    await until(() => stream.writableEnded, 'the answer')
    stream.emit('drain') // the answer itself was taken
    clock.turn(30_000)
    clock.turn(30_000)
    await until(() => server.connections.length === 0, 'the reader to be cut')
  })

  test('a long stream is not idle: no deadline runs while it waits for its own next event', async () => {
    let next = (): void => {}
    async function* events(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('data: 1\n\n')
      await new Promise<void>((resolve) => {
        next = resolve
      })
      yield Buffer.from('data: 2\n\n')
    }
    await using started = await startTimed(() => respond.stream(events()), {
      keepAliveTimeout: 1000,
      writeTimeout: 1000,
      handlerTimeout: 1000,
    })
    const client = await started.connect()
    client.write(GET)
    await client.receivedBytes(100)
    started.clock.turn(3_600_000)
    await aMoment()
    next()
    expect((await client.readResponse()).text()).toBe('data: 1\n\ndata: 2\n\n')
  })

  test('a body that has given all it declared and does not end is cut after writeTimeout', async () => {
    const outcomes: string[] = []
    let stopped = false
    const source: AsyncIterator<Uint8Array> = {
      next: () =>
        given++ === 0 ? Promise.resolve({ value: Buffer.from('all'), done: false }) : new Promise(() => {}),
      return: async () => {
        stopped = true
        return { value: undefined, done: true }
      },
    }
    let given = 0
    const body = { [Symbol.asyncIterator]: () => source }
    await using started = await startTimed(
      () => new HttpResponse(body, { headers: { 'Content-Length': 3 } }),
      {
        writeTimeout: 30_000,
        observer: { onResponse: ({ outcome, bodyBytes }) => outcomes.push(`${outcome} ${bodyBytes}`) },
      },
    )
    const client = await started.connect()
    client.write(GET)
    expect((await client.readResponse()).text()).toBe('all')
    started.clock.turn(29_000)
    await aMoment()
    expect(client.state).toBe('open')
    started.clock.turn(1000)
    await until(() => started.server.connections.length === 0, 'the connection to be cut')
    expect(stopped).toBe(true)
    expect(outcomes).toEqual(['aborted 3'])
  })

  test('a client that does not close after the last answer is cut after lingerTimeout', async () => {
    await using started = await startTimed(() => respond.text('x'), {
      lingerTimeout: 5000,
      maxRequestsPerConnection: 1,
    })
    const client = await started.connect()
    client.write(GET)
    await client.closed()
    expect(started.server.connections).toHaveLength(1)
    started.clock.turn(5000)
    await until(() => started.server.connections.length === 0, 'the connection to be cut')
  })
})

describe('a client that asked for the end (RFC 9112 §9.6)', () => {
  const GET_CLOSE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

  test('is not waited for when all of its request is here', async () => {
    await using started = await start(() => respond.text('x'), { lingerTimeout: 60_000 })
    const client = await started.connect()
    client.write(GET_CLOSE)
    expect((await client.readResponse()).text()).toBe('x')
    await client.closed()
    await until(() => started.server.connections.length === 0, 'the connection to be gone')
  })

  test('and sends more all the same does not lose its answer to a reset', async () => {
    await using started = await start(() => respond.text('x'), { lingerTimeout: 60_000 })
    const client = await started.connect()
    client.write(GET_CLOSE + GET)
    expect((await client.readResponse()).text()).toBe('x')
    expect(await client.closed()).toBe('ended')
    expect(started.server.connections).toHaveLength(1)
  })

  test('is waited for while a large answer is on its way', async () => {
    const large = 'x'.repeat(20_000_000)
    await using started = await start(() => respond.text(large))
    const client = await started.connect()
    client.socket.pause()
    client.write(GET_CLOSE)
    await aMoment(50)
    client.socket.resume()
    expect((await client.readResponse()).body).toHaveLength(large.length)
  })
})

describe('in real time', () => {
  test.each([
    ['headTimeout', { headTimeout: 200 }, 'GET / HT', 408],
    [
      'bodyTimeout',
      { bodyTimeout: 200, minBodyRate: 1000 },
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx',
      408,
    ],
    ['handlerTimeout', { handlerTimeout: 200 }, 'GET /hang HTTP/1.1\r\nHost: a\r\n\r\n', 503],
  ])('%s ends in an answer', async (_name, options, bytes, status) => {
    await using started = await start(async (request) => {
      if (request.pathname === '/hang') await new Promise(() => {})
      return new HttpResponse(await request.bytes())
    }, options)
    const client = await started.connect()
    client.write(bytes)
    expect((await client.readResponse()).status).toBe(status)
  })

  test.each([
    ['keepAliveTimeout', { keepAliveTimeout: 200, lingerTimeout: 200 }, ''],
    ['lingerTimeout', { lingerTimeout: 200, maxRequestsPerConnection: 1 }, GET],
  ])('%s ends the connection', async (_name, options, bytes) => {
    await using started = await start(() => respond.text('x'), options)
    const client = await started.connect()
    if (bytes !== '') client.write(bytes)
    await until(() => started.server.connections.length === 1, 'the connection')
    await until(() => started.server.connections.length === 0, 'its end')
  })

  test('writeTimeout cuts a reader that stops', async () => {
    await using started = await start(() => new HttpResponse(Buffer.alloc(30_000_000)), { writeTimeout: 200 })
    const client = await started.connect()
    client.socket.pause()
    client.write(GET)
    await until(() => started.server.connections.length === 1, 'the connection')
    await until(() => started.server.connections.length === 0, 'its end')
  })
})
