import { HttpResponse, respond } from '@tsws/http'
import type { Handler } from '@tsws/http'
import { connectRaw, listenOnFreePort, localPath } from '@tsws/testing'
import { duplexPair } from 'node:stream'
import net from 'node:net'
import { describe, expect, test } from 'vitest'
import { createServer } from '../src/index.ts'
import type { ResponseSummary } from '../src/index.ts'
import { aMoment, start, until } from './start.ts'

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
const path: Handler = (request) => respond.text(request.pathname)

describe('pipelined requests', () => {
  test('are answered in order, in one write', async () => {
    const [client, side] = duplexPair()
    const writes: string[] = []
    client.on('data', (bytes: Buffer) => writes.push(bytes.toString('latin1')))
    createServer(path).serve(side)
    client.write(Array.from({ length: 20 }, (_, index) => get(`/${index}`)).join(''))
    await aMoment()
    expect(writes).toHaveLength(1)
    expect(writes[0]?.match(/\/\d+(?=HTTP|$)/g)).toEqual(
      Array.from({ length: 20 }, (_, index) => `/${index}`),
    )
    client.destroy()
  })

  test('wait for a slow one before them', async () => {
    const order: string[] = []
    const server = createServer(async (request) => {
      order.push(`start ${request.pathname}`)
      if (request.pathname === '/slow') await aMoment()
      order.push(`end ${request.pathname}`)
      return respond.text(request.pathname)
    })
    const { text } = await server.inject(get('/slow') + get('/fast'))
    expect(order).toEqual(['start /slow', 'end /slow', 'start /fast', 'end /fast'])
    expect(text.indexOf('/slow')).toBeLessThan(text.indexOf('/fast'))
  })

  test('after Connection: close are not looked at', async () => {
    let count = 0
    const server = createServer(() => {
      count++
      return respond.text('x')
    })
    await server.inject(get('/') + get('/', 'Connection: close\r\n') + get('/'))
    expect(count).toBe(2)
  })

  test('give other connections their turn after maxAnswersInRow', async () => {
    let answers = 0
    let atOthersTurn = 0
    const server = createServer(
      () => {
        if (answers === 0) setImmediate(() => (atOthersTurn = answers))
        answers++
        return respond.text('x')
      },
      { maxAnswersInRow: 10 },
    )
    const [client, side] = duplexPair()
    client.resume()
    server.serve(side)
    client.write(get('/').repeat(25))
    await until(() => answers === 25, 'all answers')
    expect(atOthersTurn).toBe(10)
    client.destroy()
  })

  test('of a client that does not read are not answered without end', async () => {
    let answers = 0
    await using started = await start(() => {
      answers++
      return respond.text('x'.repeat(50_000))
    })
    const client = await started.connect()
    client.socket.pause()
    client.write(get('/').repeat(2000))
    await aMoment(300)
    const stopped = answers
    expect(stopped).toBeLessThan(2000)
    await aMoment(100)
    expect(answers).toBe(stopped)
    client.socket.resume()
    await until(() => answers === 2000, 'the rest of the answers')
  })
})

describe('a connection', () => {
  test('serves any stream: TCP, a Unix socket or a Windows pipe, memory', async () => {
    const server = createServer(path)
    const file = localPath(`tsws-${process.pid}`)
    expect(await server.listen({ path: file })).toEqual({ path: file })
    const socket = net.connect(file)
    socket.write(get('/unix', 'Connection: close\r\n'))
    let text = ''
    for await (const bytes of socket) text += bytes
    expect(text.endsWith('/unix')).toBe(true)
    await server.close()
  })

  test('that half-closes after its request gets its answer', async () => {
    await using started = await start(async (request) => {
      await aMoment()
      return respond.text(request.pathname)
    })
    const client = await started.connect()
    client.write(get('/half'))
    client.end()
    expect((await client.readResponse()).text()).toBe('/half')
    expect(await client.closed()).toBe('ended')
  })

  test.each(['serve', 'addListener'] as const)(
    'that half-closes gets its answer also from a listener as Node makes them, by %s (RFC 9112 §9.6)',
    async (method) => {
      const server = createServer(async () => {
        await aMoment()
        return respond.text('late')
      })
      const listener = net.createServer()
      if (method === 'addListener')
        server.addListener({ server: listener, event: 'connection', encrypted: false })
      else listener.on('connection', (socket) => server.serve(socket))
      const { port, close } = await listenOnFreePort(listener)
      const client = await connectRaw(port)
      client.write(get('/'))
      client.end()
      expect((await client.readResponse()).text()).toBe('late')
      client.destroy()
      await server.close({ grace: 0 })
      await close().catch(() => {}) // a listener that was added is closed with the server
    },
  )

  test.each([
    ['nothing', ''],
    ['an empty line', '\r\n'],
  ])('that ends after %s is closed without a word', async (_name, bytes) => {
    const server = createServer(path)
    expect((await server.inject(bytes)).text).toBe('')
  })

  test('that ends in the middle of a head is answered 400', async () => {
    const server = createServer(path)
    expect((await server.inject('GET / HT')).text).toMatch(/^HTTP\/1.1 400 /)
  })

  test('that sends no HTTP gets one 400 and the end, and the server lives', async () => {
    const summaries: ResponseSummary[] = []
    const server = createServer(path, { observer: { onResponse: (summary) => summaries.push(summary) } })
    const { text } = await server.inject('this is not http\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(text.match(/HTTP\/1.1 /g)).toHaveLength(1)
    expect(text).toMatch(/^HTTP\/1.1 400 [^]*Connection: close/)
    expect(summaries.map(({ status, request }) => [status, request])).toEqual([[400, null]])
    expect((await server.inject(get('/'))).text).toMatch(/^HTTP\/1.1 200/)
  })

  test('whose bad request is still being sent gets to read why', async () => {
    await using started = await start(path)
    const client = await started.connect()
    client.write(`GET /${'a'.repeat(100_000)}`)
    await aMoment()
    for (let index = 0; index < 20; index++) client.write('a'.repeat(100_000))
    expect((await client.readResponse()).status).toBe(414)
  })

  test('that resets in any state leaves nothing behind', async () => {
    const aborted: number[] = []
    await using started = await start(
      async (request) => {
        await request.bytes()
        await aMoment(20)
        return new HttpResponse(
          (async function* () {
            for (;;) {
              yield Buffer.alloc(50_000)
              await aMoment(1)
            }
          })(),
        )
      },
      { observer: { onResponse: ({ status, outcome }) => outcome === 'aborted' && aborted.push(status) } },
    )
    const states = ['', 'GET / H', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc', get('/')]
    for (const bytes of states) {
      for (const wait of [0, 10, 60]) {
        const client = await started.connect()
        if (bytes !== '') client.write(bytes)
        await aMoment(wait)
        client.reset()
      }
    }
    await until(() => started.server.connections.length === 0, 'all connections to be gone')
    expect(aborted.length).toBeGreaterThan(0)
    expect(aborted.every((status) => status === 499 || status === 200)).toBe(true)
  })

  test('can be looked at', async () => {
    await using started = await start(path)
    const client = await started.connect()
    client.write(get('/'))
    await client.readResponse()
    client.write('GET /part')
    await until(() => started.server.connections[0]?.reading === 'head', 'part of a head')
    expect(started.server.connections).toMatchObject([
      { remoteAddress: '127.0.0.1', encrypted: false, reading: 'head', writing: 'idle', requests: 1 },
    ])
  })

  test('is closed after maxRequestsPerConnection, and says so', async () => {
    const server = createServer(path, { maxRequestsPerConnection: 2 })
    const { text } = await server.inject(get('/').repeat(3))
    expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(2)
    expect(text.match(/Connection: close/g)).toHaveLength(1)
  })
})

describe('a cap', () => {
  test.each([
    ['maxConnections', { maxConnections: 2 }],
    ['maxConnectionsPerAddress', { maxConnectionsPerAddress: 2 }],
  ])('on connections (%s) is a 503 that says close, and opens again', async (_name, options) => {
    await using started = await start(path, options)
    const first = await started.connect()
    await started.connect()
    const third = await started.connect()
    third.write(get('/'))
    const refused = await third.readResponse()
    expect([refused.status, refused.get('connection')]).toEqual([503, 'close'])
    first.destroy()
    await until(() => started.server.connections.length === 1, 'the first to be gone')
    const fourth = await started.connect()
    fourth.write(get('/again'))
    expect((await fourth.readResponse()).text()).toBe('/again')
  })

  test('per address counts a client of IPv4 as one, whichever listener it comes by (RFC 4291 §2.5.5.2)', async () => {
    await using started = await start(path, { maxConnectionsPerAddress: 1 })
    const both = await started.server.listen({ host: '::', port: 0 })
    await started.connect()
    const mapped = await connectRaw('port' in both ? both.port : 0)
    expect((await mapped.readResponse()).status).toBe(503)
    mapped.destroy()
  })

  test('answers so many refusals at once and no more: the rest is closed unread', async () => {
    await using started = await start(path, { maxConnections: 1 })
    await started.connect()
    const refused = await Promise.all(Array.from({ length: 150 }, () => started.connect()))
    await Promise.all(refused.map((client) => client.closed()))
    expect(refused.filter((client) => client.received.length > 0)).toHaveLength(100)
    for (const client of refused) client.destroy()
    await aMoment()
    const another = await started.connect()
    expect((await another.readResponse()).status).toBe(503)
  })

  test('with overload: refuse closes unread', async () => {
    await using started = await start(path, { maxConnections: 1, overload: 'refuse' })
    await started.connect()
    const second = await started.connect()
    await second.closed()
    expect(second.received).toHaveLength(0)
  })
})

describe('an upgrade', () => {
  test('hands over the socket with what came after the head', async () => {
    await using started = await start(path, {
      upgrade: (request, socket, rest) => {
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.get('upgrade')}\r\n\r\n`,
        )
        socket.write(`rest:${Buffer.from(rest).toString()};`)
        socket.on('data', (bytes: Buffer) => socket.write(bytes.toString().toUpperCase()))
      },
    })
    const client = await started.connect()
    client.write(`${get('/', 'Connection: Upgrade\r\nUpgrade: shout\r\n')}early`)
    await until(() => client.received.toString().includes('rest:early;'), 'the rest')
    client.write('hello')
    await until(() => client.received.toString().endsWith('HELLO'), 'the echo')
  })

  test('nobody provides is ignored, and CONNECT is refused with the end', async () => {
    const server = createServer(path)
    expect((await server.inject(get('/', 'Connection: Upgrade\r\nUpgrade: foo/1\r\n'))).text).toMatch(
      /^HTTP\/1.1 200/,
    )
    const { text } = await server.inject(`CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n${get('/')}`)
    expect(text).toMatch(/^HTTP\/1.1 501 [^]*Connection: close/)
    expect(text.match(/HTTP\/1.1 /g)).toHaveLength(1)
  })
})

test('an option that is unknown or out of range is named, with what it must be', () => {
  expect(() => createServer(path, { keepalive: 1 } as object)).toThrow(
    /engine option keepalive is unknown; known are/,
  )
  expect(() => createServer(path, { headTimeout: 0 })).toThrow(
    'engine option headTimeout must be a number of at least 1, got 0',
  )
  expect(() => createServer(null as unknown as Handler)).toThrow('the handler must be a function, got object')
})

test('the answer to bytes that are no request names the rule and the place, and gives none of the bytes back', async () => {
  const { response } = await createServer(path).inject(
    'GET /<script>alert(1)</script> HTTP/1.1\r\nHost: a\r\n\r\n',
  )
  expect(response.status).toBe(400)
  expect(response.text()).toMatch(/request-target .* \(RFC 9112 §3\.2\), at byte 5\n$/)
  expect(response.text()).not.toContain('script')
})
