import { HttpHeaders, HttpResponse, respond } from '@tsws/http'
import { testCertificate } from '@tsws/testing'
import { duplexPair } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { createServer } from '../src/index.ts'
import { aMoment, ManualClock, start, startTimed, until } from './start.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
const post = (length: number): string => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`

describe('pipelined requests', () => {
  test('of a client that does not read are not answered without end by an async handler', async () => {
    let answers = 0
    await using started = await start(async () => {
      answers++
      return respond.text('x'.repeat(50_000))
    })
    const client = await started.connect()
    client.socket.pause()
    client.write(GET.repeat(2000))
    await aMoment(300)
    const stopped = answers
    expect(stopped).toBeLessThan(500)
    await aMoment(100)
    expect(answers).toBe(stopped)
    client.socket.resume()
    await until(() => answers === 2000, 'the rest of the answers')
  })

  test('of which ten thousand come in one packet hold little while their client does not read, and are all answered', async () => {
    const served: number[] = []
    await using started = await start((request) => {
      served.push(Number(request.pathname.slice(1)))
      return respond.text('x'.repeat(1000))
    })
    const client = await started.connect()
    client.socket.pause()
    client.write(Array.from({ length: 10_000 }, (_, index) => get(`/${index}`)).join(''))
    let most = 0
    for (let look = 0; look < 30; look++) {
      await aMoment(10)
      most = Math.max(most, started.server.connections[0]?.bytesHeld ?? 0)
    }
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(500_000)
    expect(served.length).toBeLessThan(10_000)
    client.socket.resume()
    await until(() => served.length === 10_000, 'all answers')
    expect(served).toEqual(Array.from({ length: 10_000 }, (_, index) => index))
  })

  test('with large answers are not all held in memory before the first is written', async () => {
    let answers = 0
    const body = 'x'.repeat(1_000_000)
    await using started = await start(() => {
      answers++
      return respond.text(body)
    })
    const client = await started.connect()
    client.socket.pause()
    client.write(GET.repeat(60))
    await aMoment(200)
    expect(answers).toBeLessThan(12)
  })

  test('that never stop coming do not pile up while others have their turn', async () => {
    const [client, side] = duplexPair()
    client.resume()
    const server = createServer(() => respond.text('x'), { maxAnswersInRow: 8 })
    server.serve(side)
    const packet = Buffer.from(GET.repeat(2000)) // 56 KB: one read
    let most = 0
    let passed = 0
    const room = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
    for (let index = 0; index < 200; index++) {
      if (client.write(packet)) passed++
      most = Math.max(most, server.connections[0]?.bytesHeld ?? 0)
      await room()
    }
    expect(passed).toBeGreaterThanOrEqual(1)
    expect(most).toBeLessThan(300_000)
    client.destroy()
  })

  test('yield after maxAnswersInRow with an async handler too', async () => {
    let answers = 0
    let atOthersTurn = 0
    const server = createServer(
      async () => {
        if (answers === 0) setImmediate(() => (atOthersTurn = answers))
        answers++
        return respond.text('x')
      },
      { maxAnswersInRow: 10 },
    )
    const [client, side] = duplexPair()
    client.resume()
    server.serve(side)
    client.write(GET.repeat(95))
    await until(() => answers === 95, 'all answers')
    expect(atOthersTurn).toBeLessThanOrEqual(20)
    client.destroy()
  })

  test('received before the server closes are answered, the last with Connection: close', async () => {
    let answers = 0
    const server = createServer(
      () => {
        if (++answers === 4) void server.close()
        return respond.text('x')
      },
      { maxAnswersInRow: 2 },
    )
    const { text } = await server.inject(GET.repeat(3) + GET.repeat(3))
    expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(4)
    expect(text.match(/Connection: close/g)).toHaveLength(1)
  })

  test('waiting for their turn when the server closes are not dropped without a word', async () => {
    let answers = 0
    const server = createServer(
      () => {
        // Two are answered in this turn, three wait for the next.
        if (++answers === 2) queueMicrotask(() => void server.close())
        return respond.text('x')
      },
      { maxAnswersInRow: 2 },
    )
    const [client, side] = duplexPair()
    let text = ''
    client.on('data', (bytes: Buffer) => (text += bytes.toString()))
    server.serve(side)
    client.write(GET.repeat(5))
    await aMoment()
    expect(answers).toBe(3)
    expect(text.match(/Connection: close/g)).toHaveLength(1)
    client.destroy()
  })
})

describe('a streamed body', () => {
  test('that is always ready gives everybody else a turn', async () => {
    let pieces = 0
    let atOthersTurn = -1
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        if (pieces++ === 0) setImmediate(() => setImmediate(() => (atOthersTurn = pieces)))
        yield Buffer.alloc(10)
        if (pieces > 200_000) return
      }
    }
    const server = createServer(() => new HttpResponse(endless()))
    const [client, side] = duplexPair()
    client.resume()
    server.serve(side)
    client.write(GET)
    await until(() => atOthersTurn >= 0, 'a turn for others')
    expect(atOthersTurn).toBeLessThan(10_000)
    client.destroy()
  })

  test('swallowing a body timeout loses no bytes: the connection ends and nothing is taken for a request', async () => {
    const served: string[] = []
    let goOn = (): void => {}
    const gate = new Promise<void>((resolve) => {
      goOn = resolve
    })
    await using started = await startTimed(
      (request) => {
        served.push(request.pathname)
        async function* body(): AsyncGenerator<Uint8Array> {
          try {
            for await (const piece of request.body ?? []) yield piece
          } catch {
            yield Buffer.from('(too slow)')
          }
          await gate
        }
        return new HttpResponse(body())
      },
      { bodyTimeout: 1000 },
    )
    const client = await started.connect()
    const smuggled = get('/smuggled')
    client.write(post(10 + smuggled.length) + 'abc')
    await aMoment()
    started.clock.turn(5000)
    await aMoment()
    client.write('defghij')
    await aMoment()
    goOn()
    await aMoment()
    client.write(`${smuggled}PADDING${get('/next')}`)
    await client.closed()
    expect(served).toEqual(['/'])
  })
})

describe('a deadline', () => {
  test('of a first request counts from the connection, however long the server was alone before', async () => {
    await using started = await startTimed(() => respond.text('x'), { keepAliveTimeout: 75_000 })
    started.clock.turn(1_000_000)
    const client = await started.connect()
    await until(() => started.server.connections.length === 1, 'the connection')
    expect(started.server.connections[0]?.ageMs).toBe(0)
    started.clock.turn(500)
    await aMoment()
    expect(client.state).toBe('open')
    client.write(GET)
    expect((await client.readResponse()).status).toBe(200)
  })

  test('of a handler holds while the answer before it is still being taken', async () => {
    await using started = await startTimed(
      async (request) => {
        if (request.pathname === '/hang') return new Promise<HttpResponse>(() => {})
        return new HttpResponse(Buffer.alloc(8_000_000))
      },
      { handlerTimeout: 5000 },
    )
    const client = await started.connect()
    client.socket.pause()
    client.write(get('/big') + get('/hang'))
    await aMoment(100)
    client.socket.resume()
    expect((await client.readResponse()).body).toHaveLength(8_000_000)
    await aMoment()
    started.clock.turn(5000)
    expect((await client.readResponse()).status).toBe(503)
  })

  test('of silence is not put off by empty lines', async () => {
    await using started = await startTimed(() => respond.text('x'), { keepAliveTimeout: 10_000 })
    const client = await started.connect()
    for (const bytes of ['\r', '\n', '\r', '\n']) {
      client.write(bytes)
      await aMoment(10)
      started.clock.turn(2600)
    }
    expect(await client.closed()).toBe('ended')
  })

  test('of a body that is read past is one for all of it', async () => {
    await using started = await startTimed(() => respond.text('x'), { bodyTimeout: 10_000 })
    const client = await started.connect()
    client.write(post(100))
    await client.readResponse()
    for (let index = 0; index < 5; index++) {
      client.write('x')
      await aMoment(10)
      started.clock.turn(2100)
    }
    expect(await client.closed()).toBe('ended')
  })

  test('of a chunked body is not put off by the bytes between its chunks', async () => {
    await using started = await startTimed(async (request) => respond.text(await request.text()), {
      bodyTimeout: 10_000,
    })
    const client = await started.connect()
    client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    for (const byte of '1;aaaaaa') {
      client.write(byte)
      await aMoment(10)
      started.clock.turn(1300)
    }
    expect((await client.readResponse()).status).toBe(408)
  })

  test('ends silence in a body even where there is no minimum rate', async () => {
    await using started = await startTimed(async (request) => respond.text(await request.text()), {
      bodyTimeout: 10_000,
      minBodyRate: 0,
    })
    const client = await started.connect()
    client.write(post(10))
    await aMoment()
    for (let index = 0; index < 4; index++) {
      started.clock.turn(9000)
      client.write('x')
      await aMoment()
    }
    expect(client.state).toBe('open')
    started.clock.turn(10_000)
    expect((await client.readResponse()).status).toBe(408)
  })

  test('ends a client that sends for ever after the last answer', async () => {
    await using started = await startTimed(() => respond.text('x'), { lingerTimeout: 5000 })
    const client = await started.connect()
    client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await client.readResponse()
    for (let index = 0; index < 5; index++) {
      client.write('x'.repeat(1000))
      await aMoment(5)
      started.clock.turn(1000)
    }
    await until(() => started.server.connections.length === 0, 'the end')
  })

  test('lets a slow reader over TLS take its time, and cuts one that stops', async () => {
    const clock = new ManualClock()
    const server = createServer(() => new HttpResponse(Buffer.alloc(30_000_000)), {
      clock,
      writeTimeout: 30_000,
    })
    const tls = createTlsServer({ ...testCertificate(), allowHalfOpen: true, noDelay: true })
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve))
    server.addListener({ server: tls, event: 'secureConnection', encrypted: true })
    const { connectRaw } = await import('@tsws/testing')
    const client = await connectRaw((tls.address() as { port: number }).port, { tls: true })
    const { socket } = client
    let read = 0
    socket.on('data', (bytes: Buffer) => (read += bytes.length))
    socket.pause()
    client.write(GET)
    await aMoment(100)
    for (let turn = 0; turn < 4; turn++) {
      const before = read
      socket.resume()
      await until(() => read > before + 500_000, 'a little progress')
      socket.pause()
      await aMoment(20)
      clock.turn(20_000)
    }
    expect(server.connections).toHaveLength(1)
    await aMoment(50)
    clock.turn(30_000)
    clock.turn(30_000)
    await until(() => server.connections.length === 0, 'the stopped reader to be cut')
    client.destroy()
    await server.close({ grace: 0 })
  })
})

describe('bytes', () => {
  test('of many connections that answer at once never mix', async () => {
    const inner = createServer((request) => respond.text(`inner ${request.pathname} ${'i'.repeat(3000)}`))
    await using started = await start(async (request) => {
      const size = Number(request.pathname.slice(1)) || 0
      if (size % 3 === 0) await aMoment(size % 4)
      if (size % 5 === 0) {
        const { text } = await inner.inject(`GET /${size} HTTP/1.1\r\nHost: a\r\n\r\n`)
        return respond.text(text.slice(text.indexOf('\r\n\r\n') + 4))
      }
      return new HttpResponse(Buffer.alloc(size * 97, String(size % 10)))
    })
    await Promise.all(
      Array.from({ length: 24 }, async (_, number) => {
        const client = await started.connect()
        const sizes = Array.from({ length: 40 }, (_, index) => (number * 31 + index * 17) % 400)
        client.write(sizes.map((size) => get(`/${size}`)).join(''))
        for (const size of sizes) {
          const text = (await client.readResponse()).text()
          if (size % 5 === 0) expect(text).toBe(`inner /${size} ${'i'.repeat(3000)}`)
          else expect(text).toBe(String(size % 10).repeat(size * 97))
        }
      }),
    )
  })

  test('are whole where a sync handler lets another connection answer from within', async () => {
    const other = createServer(() => new HttpResponse(Buffer.from('other')))
    const [far, near] = duplexPair()
    let heard = ''
    far.on('data', (bytes: Buffer) => (heard += bytes.toString()))
    other.serve(near)
    let calls = 0
    const server = createServer(() => {
      calls++
      near.emit('data', Buffer.from(GET))
      return new HttpResponse(Buffer.from(`mine ${calls}`))
    })
    const { text } = await server.inject(GET.repeat(3))
    expect(text.match(/mine \d/g)).toEqual(['mine 1', 'mine 2', 'mine 3'])
    expect(text).not.toContain('other')
    await until(() => heard.match(/other/g)?.length === 3, 'the other answers')
    expect(heard).not.toContain('mine')
    far.destroy()
  })

  test('of a body that arrive as the 100 is written reach the handler', async () => {
    const [client, side] = duplexPair()
    let text = ''
    client.on('data', (bytes: Buffer) => {
      text += bytes.toString()
      if (text.endsWith('100 Continue\r\n\r\n')) client.write('hello')
    })
    createServer(async (request) => respond.text(`got ${await request.text()}`)).serve(side)
    client.write(post(5).replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n'))
    await until(() => text.endsWith('got hello'), 'the answer')
    client.destroy()
  })

  test('of a HEAD answer, an answer to HTTP/1.0 and one with trailers keep their borders', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('stream')
    }
    const server = createServer(
      (request) =>
        new HttpResponse(pieces(), {
          headers: request.search === '?l' ? { 'Content-Length': 6 } : null,
          trailers: () => new HttpHeaders({ 'X-T': '1' }),
        }),
    )
    const all = await server.inject(
      `HEAD / HTTP/1.1\r\nHost: a\r\n\r\n${get('/?l')}OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n` +
        `GET http://b/ HTTP/1.1\r\nHost: b\r\n\r\nGET / HTTP/1.0\r\n\r\n`,
    )
    const bodies = all.text.split(/HTTP\/1.1 200 OK\r\n(?:[^\r]+\r\n)*\r\n/).slice(1)
    expect(bodies).toEqual([
      '',
      'stream',
      '6\r\nstream\r\n0\r\nX-T: 1\r\n\r\n',
      '6\r\nstream\r\n0\r\nX-T: 1\r\n\r\n',
      'stream',
    ])
  })

  test('of a client in packets of one byte are held back by what the packets cost', async () => {
    const server = createServer(() => new Promise(() => {}))
    const [client, side] = duplexPair()
    server.serve(side)
    client.write(post(1_000_000))
    await aMoment()
    let packets = 0
    for (; packets < 60_000 && !side.isPaused(); packets++) side.emit('data', Buffer.from('x'))
    expect(packets).toBeLessThan(1000)
    client.destroy()
  })
})
