import { HttpResponse, respond } from '@tsws/http'
import { duplexPair } from 'node:stream'
import { expect, test } from 'vitest'
import type { Clock } from '../src/clock.ts'
import { createServer } from '../src/index.ts'
import { aMoment, ManualClock, start, until } from './start.ts'

const FOR_EVER = new Promise<HttpResponse>(() => {})
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

test('a connection that is idle when the server closes gets its next request answered, which says close', async () => {
  await using started = await start(() => respond.text('x'))
  const client = await started.connect()
  client.write(GET)
  expect((await client.readResponse()).get('connection')).toBeNull()
  const closing = started.server.close({ grace: 5000 })
  await aMoment()
  expect(client.state).toBe('open')
  client.write(GET)
  const last = await client.readResponse()
  expect([last.status, last.get('connection')]).toEqual([200, 'close'])
  expect(await client.closed()).toBe('ended')
  client.end()
  expect(await closing).toEqual({ finished: 1, cut: 0 })
})

test('a connection is ended when it was silent for idleGrace, and not before', async () => {
  const clock = new ManualClock()
  await using started = await start(() => respond.text('x'), { clock })
  const client = await started.connect()
  client.write(GET)
  await client.readResponse()
  clock.turn(500)
  const closing = started.server.close({ grace: 60_000, idleGrace: 2000 })
  clock.turn(1900)
  await aMoment()
  expect(client.state).toBe('open')
  clock.turn(100)
  expect(await client.closed()).toBe('ended')
  client.end()
  expect(await closing).toEqual({ finished: 1, cut: 0 })
})

test('who closes without a limit waits for as long as it takes, and each answer says close', async () => {
  const clock = new ManualClock()
  await using started = await start(() => respond.text('x'), { clock, keepAliveTimeout: 5000 })
  const idle = await started.connect()
  const active = await started.connect()
  for (const client of [idle, active]) {
    client.write(GET)
    await client.readResponse()
  }
  clock.turn(500)
  const closing = started.server.close({ grace: Infinity, idleGrace: Infinity })
  clock.turn(4400) // as long as without an end
  active.write(GET)
  const last = await active.readResponse()
  expect([last.get('connection'), await active.closed(), idle.state]).toEqual(['close', 'ended', 'open'])
  active.end()
  clock.turn(600)
  expect(await idle.closed()).toBe('ended')
  idle.end()
  expect(await closing).toEqual({ finished: 2, cut: 0 })
})

test('a second close shortens the times of the first, counted from now', async () => {
  const clock = new ManualClock()
  await using started = await start(({ pathname }) => (pathname === '/' ? respond.text('x') : FOR_EVER), {
    clock,
  })
  const idle = await started.connect()
  idle.write(GET)
  await idle.readResponse()
  const waiting = await started.connect()
  waiting.write('GET /hang HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(() => started.server.stats.inFlight === 1, 'the request')
  const first = started.server.close({ grace: Infinity, idleGrace: Infinity })
  clock.turn(1000)
  const second = started.server.close({ grace: 300, idleGrace: 100 })
  clock.turn(100)
  expect(await idle.closed()).toBe('ended')
  idle.end()
  await waiting.closed()
  expect(await second).toEqual({ finished: 1, cut: 1 })
  expect(await first).toEqual({ finished: 1, cut: 1 })
})

test('a second close with longer times lengthens nothing', async () => {
  await using started = await start(() => FOR_EVER)
  const client = await started.connect()
  client.write(GET)
  await until(() => started.server.stats.inFlight === 1, 'the request')
  const closing = started.server.close({ grace: 50 })
  void started.server.close({ grace: 600_000 })
  expect(await closing).toEqual({ finished: 0, cut: 1 })
})

test('in real time, a silent connection has at least idleGrace, and ends', async () => {
  await using started = await start(() => respond.text('x'))
  const client = await started.connect()
  const from = performance.now()
  const closing = started.server.close({ idleGrace: 150 })
  expect(await client.closed()).toBe('ended')
  expect(performance.now() - from).toBeGreaterThanOrEqual(149)
  client.end()
  expect(await closing).toEqual({ finished: 1, cut: 0 })
})

test('while the server drains its deadlines are looked at often, and afterwards not at all', async () => {
  const running = new Set<number>()
  const clock: Clock = {
    now: () => performance.now(),
    every(period, callback) {
      running.add(period)
      const timer = setInterval(callback, period)
      return () => {
        running.delete(period)
        clearInterval(timer)
      }
    },
  }
  await using started = await start(() => respond.text('x'), { clock })
  const client = await started.connect()
  await until(() => started.server.connections.length === 1, 'the connection')
  expect([...running]).toEqual([500])
  const closing = started.server.close({ idleGrace: 100 })
  expect([...running]).toEqual([500, 50])
  await client.closed()
  client.end()
  await closing
  expect([...running]).toEqual([])
})

test('a client that does not close its side is waited for a moment after the end of ours, and no longer', async () => {
  const clock = new ManualClock()
  await using started = await start(() => respond.text('x'), { clock, lingerTimeout: 60_000 })
  const client = await started.connect()
  const closing = started.server.close({ grace: 60_000, idleGrace: 1000 })
  clock.turn(1000)
  expect(await client.closed()).toBe('ended')
  await aMoment()
  expect(started.server.connections).toHaveLength(1)
  clock.turn(1000)
  expect(await closing).toEqual({ finished: 1, cut: 0 })
})

test('a request that meets our FIN takes the last answer from nobody: it is read whole, and then the end', async () => {
  const body = 'x'.repeat(100_000)
  await using started = await start(() => respond.text(body))
  const client = await started.connect()
  client.socket.pause()
  client.write(GET)
  await until(() => started.server.connections[0]?.writing === 'idle', 'the answer to be out')
  const closing = started.server.close({ idleGrace: 60 })
  await until(() => started.server.connections[0]?.writing === 'closing', 'the end of our side')
  client.write(GET)
  await aMoment()
  client.write(GET)
  await aMoment()
  client.socket.resume()
  expect((await client.readResponse()).text()).toBe(body)
  expect(await client.closed()).toBe('ended')
  client.end()
  expect((await closing).cut).toBe(0)
})

test.each([
  ['grace: 0', { grace: 0 }],
  ['idleGrace: 0', { grace: 60_000, idleGrace: 0 }],
])('%s ends idle connections at once, with no clock that has to go on', async (_name, options) => {
  const clock = new ManualClock()
  await using started = await start(() => respond.text('x'), { clock })
  const client = await started.connect()
  client.write(GET)
  await client.readResponse()
  const closing = started.server.close(options)
  expect(await client.closed()).toBe('ended')
  client.end()
  expect(await closing).toEqual({ finished: 1, cut: 0 })
})

test('idleGrace leaves room for its end within the grace', async () => {
  await using started = await start(() => respond.text('x'))
  const client = await started.connect()
  const closing = started.server.close({ grace: 200, idleGrace: 60_000 })
  expect(await client.closed()).toBe('ended')
  expect(await closing).toEqual({ finished: 1, cut: 0 })
})

test('an answer that promised to keep the connection before the server closed keeps it for one more request', async () => {
  let goOn = (): void => {}
  const gate = new Promise<void>((resolve) => {
    goOn = resolve
  })
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('one ')
    await gate
    yield Buffer.from('two')
  }
  await using started = await start((request) =>
    request.pathname === '/s' ? new HttpResponse(pieces()) : respond.text('next'),
  )
  const client = await started.connect()
  client.write('GET /s HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.receivedBytes(90)
  const closing = started.server.close({ grace: 5000 })
  goOn()
  const first = await client.readResponse()
  expect([first.text(), first.get('connection')]).toEqual(['one two', null])
  await aMoment()
  client.write(GET)
  const second = await client.readResponse()
  expect([second.text(), second.get('connection')]).toEqual(['next', 'close'])
  client.end()
  expect((await closing).cut).toBe(0)
})

test('an answer that is still being taken is not silence: the request after it is served', async () => {
  const clock = new ManualClock()
  await using started = await start(
    (request) => new HttpResponse(Buffer.alloc(request.pathname === '/big' ? 20_000_000 : 1)),
    { clock },
  )
  const client = await started.connect()
  client.socket.pause()
  client.write('GET /big HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(() => started.server.connections[0]?.writing === 'full', 'a client that is slow')
  const closing = started.server.close({ grace: 60_000, idleGrace: 1000 })
  clock.turn(5000)
  client.socket.resume()
  expect((await client.readResponse()).body).toHaveLength(20_000_000)
  client.write(GET)
  expect((await client.readResponse()).get('connection')).toBe('close')
  client.end()
  expect((await closing).cut).toBe(0)
})

test('a stream that comes while the server drains gets one answer, which says close, and after it none does', async () => {
  await using started = await start(() => respond.text('x'))
  const idle = await started.connect()
  await until(() => started.server.connections.length === 1, 'the connection')
  const closing = started.server.close({ grace: 5000 })
  const [late, lateSide] = duplexPair()
  let text = ''
  late.on('data', (bytes: Buffer) => (text += bytes.toString()))
  started.server.serve(lateSide)
  late.write(GET)
  await until(() => text.endsWith('\r\n\r\nx'), 'the answer')
  expect(text).toMatch(/^HTTP\/1.1 200 OK[^]*Connection: close/)
  late.end()
  idle.end()
  expect((await closing).cut).toBe(0)
  const [tooLate, tooLateSide] = duplexPair()
  let refusal = ''
  tooLate.on('data', (bytes: Buffer) => (refusal += bytes.toString()))
  started.server.serve(tooLateSide)
  await until(() => /^HTTP\/1.1 503 /.test(refusal), 'the refusal')
  expect(started.server.connections).toHaveLength(0)
})

test('a rolling restart under keep-alive clients fails no request', async () => {
  await using old = await start(async (request) => {
    if (request.pathname === '/slow') await aMoment(20)
    return respond.text('x')
  })
  let closing: Promise<{ cut: number }> | null = null
  let answers = 0
  let afterClose = 0
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, async (_, number) => {
      const client = await old.connect()
      for (;;) {
        client.write(`GET /${number % 3 === 0 ? 'slow' : 'fast'} HTTP/1.1\r\nHost: a\r\n\r\n`)
        const response = await client.readResponse() // throws for a request without an answer
        if (response.status !== 200) return response.status
        if (closing !== null) afterClose++
        if (++answers === 2000) closing = old.server.close({ grace: 5000 })
        if (response.get('connection') === 'close') break
        if (number % 4 === 0) await aMoment(number * 2) // some think before they ask on
      }
      client.end()
      return 'let go'
    }),
  )
  expect(new Set(outcomes)).toEqual(new Set(['let go']))
  expect(afterClose).toBeGreaterThan(0)
  expect((await (closing as unknown as Promise<{ cut: number }>)).cut).toBe(0)
})

test.each([
  ['idleGrace', { idleGrace: -1 }],
  ['idleGrace', { idleGrace: NaN }],
  ['grace', { grace: -1 }],
])('a wrong %s is a TypeError that names it', async (name, options) => {
  const server = createServer(() => respond.text('x'))
  expect(() => server.close(options)).toThrow(`close: ${name} must be a number of milliseconds`)
})
