import { respond } from '@tsws/http'
import type { Handler } from '@tsws/http'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, test } from 'vitest'
import { createServer } from '../src/index.ts'
import type { ResponseSummary } from '../src/index.ts'
import { aMoment, ManualClock, start, until } from './start.ts'

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`

const post = (length: number, body: string): string =>
  `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${body}`

describe("the server's own count", () => {
  test('has each connection, byte and request under way, of open connections and closed ones', async () => {
    let answer = (): void => {}
    const held = new Promise<void>((resolve) => (answer = resolve))
    await using started = await start(
      (request) => (request.pathname === '/held' ? held.then(() => respond.text('late')) : respond.text('x')),
      { maxConnections: 1 },
    )
    const client = await started.connect()
    const first = get('/')
    client.write(first)
    await until(() => client.received.toString().endsWith('x'), 'the answer')
    const sent = client.received.length
    const open = { opened: 1, open: 1, refused: 0, inFlight: 0, upgraded: 0 }
    expect(started.server.stats).toEqual({ ...open, bytesRead: first.length, bytesWritten: sent })
    const second = get('/held', 'Connection: close\r\n')
    client.write(second)
    await until(() => started.server.stats.inFlight === 1, 'the request under way')
    const refused = await started.connect()
    await until(() => started.server.stats.refused === 1, 'the refusal')
    refused.destroy()
    answer()
    await client.closed()
    await until(() => started.server.stats.open === 0, 'the end')
    expect(started.server.stats).toEqual({
      ...open,
      open: 0,
      refused: 1,
      bytesRead: first.length + second.length,
      bytesWritten: client.received.length,
    })
  })
})

describe('an observer', () => {
  test('sees each connection, request and answer once, in order', async () => {
    const seen: string[] = []
    const server = createServer((request) => respond.text(request.pathname), {
      observer: {
        onConnection: () => seen.push('open'),
        onRequest: (request) => seen.push(`request ${request.pathname}`),
        onResponse: (summary) =>
          seen.push(`response ${summary.status} ${summary.bodyBytes} ${summary.outcome}`),
        onConnectionClose: () => seen.push('close'),
        onError: () => seen.push('error'),
      },
    })
    await server.inject(get('/one') + get('/three', 'Connection: close\r\n'))
    await until(() => seen.includes('close'), 'the close')
    expect(seen).toEqual([
      'open',
      'request /one',
      'response 200 4 complete',
      'request /three',
      'response 200 6 complete',
      'close',
    ])
  })

  test.each([
    ['GET /chat', 'Upgrade: other\r\nConnection: Upgrade\r\n', 101],
    ['CONNECT a:1', '', 200],
  ])('sees %s end when the protocol that took over has', async (line, fields, status) => {
    const summaries: ResponseSummary[] = []
    const take = (_: unknown, socket: NodeJS.WritableStream): void => void socket.write('yours')
    await using started = await start(() => respond.text('x'), {
      upgrade: take,
      connect: take,
      observer: { onResponse: (summary) => summaries.push(summary) },
    })
    const client = await started.connect()
    client.write(`${line} HTTP/1.1\r\nHost: a:1\r\n${fields}\r\n`)
    await until(() => client.received.toString() === 'yours', 'the taker')
    await aMoment(20)
    expect(summaries).toEqual([])
    client.reset()
    await until(() => summaries.length === 1, 'the end')
    expect(summaries[0]).toMatchObject({ status, bodyBytes: 0, outcome: 'complete' })
    expect(summaries[0]?.durationMs).toBeGreaterThan(15)
  })

  test('sees a taker that throws as aborted', async () => {
    const outcomes: string[] = []
    await using started = await start(() => respond.text('x'), {
      upgrade: () => {
        throw new Error('no')
      },
      observer: { onResponse: ({ outcome }) => outcomes.push(outcome) },
    })
    const client = await started.connect()
    client.write(get('/', 'Upgrade: other\r\nConnection: Upgrade\r\n'))
    await client.closed()
    await until(() => outcomes.length === 1, 'the end')
    expect(outcomes).toEqual(['aborted'])
  })

  test('that throws breaks nothing and is warned of', async () => {
    const warnings: string[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', onWarning)
    const server = createServer(() => respond.text('x'), {
      observer: {
        onResponse() {
          throw new Error('disk full')
        },
      },
    })
    expect((await server.inject(get('/'))).text).toMatch(/^HTTP\/1.1 200/)
    await aMoment()
    process.off('warning', onWarning)
    expect(warnings).toEqual(['an observer failed: disk full'])
  })

  test('learns how long an answer took and that a client left', async () => {
    const summaries: ResponseSummary[] = []
    await using started = await start(
      async (request) => {
        await aMoment(request.pathname === '/slow' ? 60_000 : 25)
        return respond.text('x')
      },
      { observer: { onResponse: (summary) => summaries.push(summary) } },
    )
    const client = await started.connect()
    client.write(get('/'))
    await client.readResponse()
    client.write(get('/slow'))
    await until(() => started.server.connections[0]?.requests === 2, 'the second request')
    client.reset()
    await until(() => summaries.length === 2, 'both answers')
    expect(summaries[0]?.durationMs).toBeGreaterThan(20)
    expect(summaries[1]).toMatchObject({ status: 499, bodyBytes: 0, outcome: 'aborted' })
    expect(summaries[1]?.connection.remoteAddress).toBe('127.0.0.1')
  })
})

test('diagnostics channels tell of requests, answers, failures and connections', async () => {
  const seen: string[] = []
  const channels = [
    'tsws.connection.open',
    'tsws.request.start',
    'tsws.request.error',
    'tsws.response.finish',
    'tsws.connection.close',
  ]
  const listeners = channels.map((name) => {
    const listener = (): void => void seen.push(name)
    subscribe(name, listener)
    return { name, listener }
  })
  const server = createServer(() => {
    throw new Error('x')
  })
  await server.inject(get('/'))
  await until(() => seen.length >= 5, 'all events')
  for (const { name, listener } of listeners) unsubscribe(name, listener)
  expect(seen).toEqual(channels)
})

test('bodies that are being gathered count as in flight: beyond maxBytesInFlight they are 503, and memory is free again', async () => {
  const clock = new ManualClock()
  await using started = await start(async (request) => respond.text(String((await request.bytes()).length)), {
    maxBytesInFlight: 1_000_000,
    clock,
  })
  const uploads = await Promise.all([0, 1, 2].map(() => started.connect()))
  for (const upload of uploads) upload.write(post(500_000, 'x'.repeat(400_000)))
  const held = (): number => started.server.connections.reduce((sum, { bytesHeld }) => sum + bytesHeld, 0)
  await until(() => held() === 1_200_000, 'all that was sent')
  clock.turn(500)
  for (const upload of uploads) upload.write('x'.repeat(1000))
  for (const upload of uploads) {
    const refused = await upload.readResponse()
    expect([refused.status, refused.get('connection')]).toEqual([503, 'close'])
  }
  expect(held()).toBeLessThan(1_000_000)
  clock.turn(500)
  const next = await started.connect()
  next.write(post(500_000, 'x'.repeat(500_000)))
  expect((await next.readResponse()).text()).toBe('500000')
})

test('a body that a handler takes piece by piece is not in memory, however long it is', async () => {
  const clock = new ManualClock()
  const handler: Handler = async (request) => {
    let length = 0
    for await (const piece of request.body ?? []) {
      length += piece.length
      clock.turn(500)
    }
    return respond.text(String(length))
  }
  await using started = await start(handler, { maxBytesInFlight: 1_000_000, clock })
  const upload = await started.connect()
  upload.write(post(5_000_000, 'x'.repeat(5_000_000)))
  expect((await upload.readResponse()).text()).toBe('5000000')
})

test('with more in flight than maxBytesInFlight new requests are 503 until it is less again', async () => {
  const clock = new ManualClock()
  await using started = await start(
    (request) => respond.text(request.pathname === '/big' ? 'x'.repeat(20_000_000) : 'small'),
    { maxBytesInFlight: 1_000_000, clock },
  )
  const big = await started.connect()
  big.socket.pause()
  big.write(get('/big'))
  await aMoment(50)
  clock.turn(500)
  const small = await started.connect()
  small.write(get('/'))
  const refused = await small.readResponse()
  expect([refused.status, refused.get('retry-after')]).toEqual([503, '1'])
  big.destroy()
  await until(() => started.server.connections.length === 1, 'the big one to be gone')
  clock.turn(500)
  small.write(get('/'))
  expect((await small.readResponse()).text()).toBe('small')
})
