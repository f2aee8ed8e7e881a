import { FileBody, HttpError, HttpHeaders, HttpResponse, respond } from '@tsws/http'
import type { Body, Handler, OpenFile } from '@tsws/http'
import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createServer } from '../src/index.ts'
import type { EngineOptions } from '../src/index.ts'
import { aMoment, start, until } from './start.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const GET_CLOSE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const EXPECTING = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n'

/** What would have ended a process of its own while `work` ran. */
async function fatalErrors(work: () => Promise<void>): Promise<unknown[]> {
  const fatal: unknown[] = []
  const note = (error: unknown): void => void fatal.push(error)
  const listeners = (['uncaughtException', 'unhandledRejection'] as const).map((event) => {
    const others = process.listeners(event as 'uncaughtException')
    process.removeAllListeners(event)
    process.on(event, note)
    return { event, others }
  })
  try {
    await work()
    await aMoment()
  } finally {
    for (const { event, others } of listeners) {
      process.off(event, note)
      for (const other of others) process.on(event, other)
    }
  }
  return fatal
}

describe('errorResponse', () => {
  const file: OpenFile = {
    read: async () => ({ bytesRead: 0 }),
    close: async () => {
      fileClosed = true
    },
  }
  let fileClosed = false
  test.each<[string, EngineOptions['errorResponse']]>([
    ['gives no body', () => respond.empty(400)],
    ['gives null with a length', () => new HttpResponse(null, { status: 400 })],
    ['gives bytes', () => new HttpResponse(Buffer.from('no'), { status: 400 })],
    ['gives a stream', () => new HttpResponse((async function* () {})(), { status: 400 })],
    ['gives a file', () => new HttpResponse(new FileBody(file, 0, 5), { status: 400 })],
    [
      'declares a wrong length',
      () => new HttpResponse('four', { status: 400, headers: { 'Content-Length': 9 } }),
    ],
    [
      'frames by itself',
      () => new HttpResponse('four', { status: 400, headers: { 'Transfer-Encoding': 'chunked' } }),
    ],
    ['rejects', (() => Promise.reject(new Error('async'))) as unknown as EngineOptions['errorResponse']],
  ])(
    'that %s for bytes that are no request still gets one whole answer out, and nothing reaches the process',
    async (name, errorResponse) => {
      fileClosed = false
      const failures: unknown[] = []
      const options = { errorResponse, observer: { onError: (error: unknown) => failures.push(error) } }
      const fatal = await fatalErrors(async () => {
        await using started = await start(() => respond.text('x'), options as EngineOptions)
        const client = await started.connect()
        client.write('no http\r\n\r\n')
        const response = await client.readResponse()
        expect([400, 500]).toContain(response.status)
        expect(response.get('connection')).toBe('close')
        client.end()
        await client.closed()
      })
      expect(fatal).toEqual([])
      if (name === 'gives a file') expect(fileClosed).toBe(true)
    },
  )
})

describe('a handler', () => {
  test('may return any thenable, as await takes it', async () => {
    const thenable = { then: (resolve: (value: HttpResponse) => void) => resolve(respond.text('then')) }
    const server = createServer(() => thenable as never)
    expect((await server.inject(GET_CLOSE)).text).toMatch(/^HTTP\/1.1 200 [^]*then$/)
  })

  test('whose promise settles twice answers once', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('once')
      await aMoment()
    }
    class Twice extends Promise<HttpResponse> {
      // oxlint-disable-next-line unicorn/no-thenable
      override then(resolve: unknown): never {
        const call = resolve as (value: HttpResponse) => void
        call(new HttpResponse(pieces()))
        call(respond.text('twice'))
        return undefined as never
      }
    }
    const server = createServer(() => new Twice(() => {}))
    const { text } = await server.inject(GET_CLOSE)
    expect(text.match(/HTTP\/1.1 /g)).toHaveLength(1)
    expect(text).not.toContain('twice')
  })

  test.each<[string, () => HttpResponse]>([
    [
      'a getter of the response throws',
      () =>
        ({
          status: 200,
          headers: new HttpHeaders(),
          get body(): Body {
            throw new Error('getter')
          },
        }) as unknown as HttpResponse,
    ],
    ['the body is a number', () => Object.assign(new HttpResponse(), { body: 5 })],
    ['the body is undefined', () => Object.assign(new HttpResponse(), { body: undefined })],
    ['the body is a plain object', () => Object.assign(new HttpResponse(), { body: {} })],
    ['the body is an array', () => Object.assign(new HttpResponse(), { body: [Buffer.from('x')] })],
  ])('gets a 500, sync or async, where %s', async (_name, make) => {
    for (const handler of [make, async () => make()] as Handler[]) {
      const fatal = await fatalErrors(async () => {
        const server = createServer(handler)
        const { text } = await server.inject(GET_CLOSE)
        expect(text).toMatch(/^HTTP\/1.1 500 /)
      })
      expect(fatal).toEqual([])
    }
  })

  test('that fails with what reading an older request gave is a 500 and not a client gone', async () => {
    let older: Parameters<Handler>[0] | null = null
    const failures: unknown[] = []
    const server = createServer(
      async (request) => {
        if (older === null) {
          older = request
          return respond.text('first')
        }
        return new HttpResponse(await older.bytes())
      },
      { observer: { onError: (error) => failures.push(error) } },
    )
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx'
    const { text } = await server.inject([post, GET_CLOSE])
    expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 500'])
    expect(failures).toHaveLength(1)
  })

  test('that answers while it still reads the body is told that the request is over', async () => {
    let outcome: unknown = 'pending'
    await using started = await start((request) => {
      request.bytes().then(
        (bytes) => (outcome = bytes),
        (error: unknown) => (outcome = error),
      )
      return respond.text('early')
    })
    const client = await started.connect()
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n')
    expect((await client.readResponse()).text()).toBe('early')
    await until(() => outcome !== 'pending', 'the read to settle')
    expect(outcome).toMatchObject({ code: 'ERR_CLIENT_GONE' })
    client.write(`hello${GET}`)
    expect((await client.readResponse()).text()).toBe('early')
  })

  test.each(['bytes', 'text', 'json'] as const)(
    'that fails with a body under way (%s) which it no longer waits for does not end the process',
    async (method) => {
      const fatal = await fatalErrors(async () => {
        await using started = await start(async (request) => {
          const body = request[method]()
          if (request.pathname === '/fails') throw new HttpError(403, 'not you')
          if (request.pathname === '/answers') return respond.text('done')
          await new Promise(() => {})
          return respond.text(String(await body))
        })
        for (const target of ['/fails', '/answers', '/hangs']) {
          const client = await started.connect()
          client.write(`POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab`)
          if (target === '/hangs') await aMoment()
          else expect((await client.readResponse()).status).toBe(target === '/fails' ? 403 : 200)
          client.reset()
        }
        await until(() => started.server.connections.length === 0, 'the clients to be gone')
      })
      expect(fatal).toEqual([])
    },
  )

  test('cannot frame an interim response', async () => {
    const server = createServer((request) => {
      request.inform(103, { 'Content-Length': '5' })
      return respond.text('x')
    })
    const { text } = await server.inject(GET_CLOSE)
    expect(text).toMatch(/^HTTP\/1.1 500 /)
  })
})

describe('a body', () => {
  const iterator = (more: Partial<AsyncIterator<Uint8Array>>): AsyncIterable<Uint8Array> => ({
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ done: false, value: Buffer.alloc(100_000) }),
      ...more,
    }),
  })

  test.each<[string, Partial<AsyncIterator<Uint8Array>>]>([
    [
      'throws',
      {
        return() {
          throw new Error('return')
        },
      },
    ],
    ['rejects', { return: () => Promise.reject(new Error('return')) }],
    ['never settles', { return: () => new Promise(() => {}) }],
  ])('whose return %s harms nobody when the client goes', async (_name, more) => {
    const fatal = await fatalErrors(async () => {
      await using started = await start(() => new HttpResponse(iterator(more)))
      const client = await started.connect()
      client.socket.pause()
      client.write(GET)
      await aMoment(50)
      client.reset()
      await until(() => started.server.connections.length === 0, 'the connection to be gone')
    })
    expect(fatal).toEqual([])
  })

  test.each<[string, () => HttpResponse]>([
    [
      'next throws',
      () =>
        new HttpResponse(
          iterator({
            next() {
              throw new Error('next')
            },
          }),
        ),
    ],
    ['next gives no object', () => new HttpResponse(iterator({ next: () => undefined as never }))],
    ['there is no iterator', () => new HttpResponse({ [Symbol.asyncIterator]: () => undefined } as never)],
    [
      'the iterator throws',
      () =>
        new HttpResponse({
          [Symbol.asyncIterator]() {
            throw new Error('iterator')
          },
        }),
    ],
    [
      'the trailers reject',
      () =>
        new HttpResponse((async function* () {})(), {
          trailers: () => Promise.reject(new Error('trailers')),
        }),
    ],
    [
      'the file cannot be read',
      () =>
        new HttpResponse(
          new FileBody(
            {
              read: () => Promise.reject(new Error('EIO')),
              close: () => Promise.reject(new Error('close')),
            },
            0,
            100,
          ),
        ),
    ],
  ])('where %s cuts the connection, is told once, and reaches no one else', async (_name, make) => {
    const failures: unknown[] = []
    const fatal = await fatalErrors(async () => {
      await using started = await start(make, { observer: { onError: (error) => failures.push(error) } })
      const client = await started.connect()
      client.write(GET)
      await client.closed()
      await expect(client.readResponse()).rejects.toThrow()
      await until(() => started.server.connections.length === 0, 'the connection to be gone')
    })
    expect(fatal).toEqual([])
    expect(failures).toHaveLength(1)
  })

  test('that echoes a body the client waits to send never gets a 100 into its midst', async () => {
    await using started = await start((request) => new HttpResponse(request.body))
    const client = await started.connect()
    client.write(EXPECTING)
    await client.receivedBytes(20)
    await aMoment()
    client.write('hello')
    const response = await client.readResponse()
    expect([response.status, response.text()]).toEqual([200, 'hello'])
  })

  test('of 205 is never sent (RFC 9110 §15.3.6)', async () => {
    const server = createServer(() => new HttpResponse('no content', { status: 205 }))
    const { text } = await server.inject(GET_CLOSE)
    expect(text).toContain('Content-Length: 0\r\n')
    expect(text).not.toContain('no content')
  })

  test('that is a file arrives unchanged where the stream does not copy', async () => {
    const bytes = Buffer.from(Array.from({ length: 5_000_000 }, (_, index) => Math.floor(index / 30_000)))
    const file: OpenFile = {
      async read(buffer, offset, length, position) {
        buffer.set(bytes.subarray(position, position + length), offset)
        return { bytesRead: Math.min(length, bytes.length - position) }
      },
      close: async () => {},
    }
    const server = createServer(() => new HttpResponse(new FileBody(file, 0, bytes.length)))
    const result = await server.inject(GET_CLOSE)
    expect(Buffer.compare(result.bytes.subarray(result.text.indexOf('\r\n\r\n') + 4), bytes)).toBe(0)
  })
})

describe('an upgrade hook', () => {
  const UPGRADE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'

  test.each<[string, EngineOptions['upgrade']]>([
    [
      'throws',
      () => {
        throw new Error('hook')
      },
    ],
    ['rejects', (() => Promise.reject(new Error('hook'))) as unknown as EngineOptions['upgrade']],
  ])('that %s is told to the observer, and the socket is cut', async (_name, upgrade) => {
    const failures: unknown[] = []
    const fatal = await fatalErrors(async () => {
      await using started = await start(() => respond.text('x'), {
        upgrade: upgrade as NonNullable<typeof upgrade>,
        observer: { onError: (error) => failures.push((error as Error).message) },
      })
      const client = await started.connect()
      client.write(UPGRADE)
      await client.closed()
    })
    expect(fatal).toEqual([])
    expect(failures).toEqual(['hook'])
  })

  test('that has not begun to listen loses no bytes and survives a reset', async () => {
    let socket: Duplex | null = null
    const fatal = await fatalErrors(async () => {
      await using started = await start(() => respond.text('x'), {
        upgrade: (_request, stream) => {
          socket = stream
        },
      })
      const client = await started.connect()
      client.write(UPGRADE)
      await until(() => socket !== null, 'the hook')
      client.write('later')
      await aMoment()
      let text = ''
      ;(socket as unknown as Duplex).on('data', (bytes: Buffer) => (text += bytes))
      await until(() => text === 'later', 'the bytes')
      client.reset()
      await until(() => (socket as unknown as Duplex).destroyed, 'the reset')
    })
    expect(fatal).toEqual([])
  })

  test('is not asked where the request has a body: its bytes are not of the new protocol', async () => {
    const rests: string[] = []
    const server = createServer(async (request) => respond.text(await request.text()), {
      upgrade: (_request, stream, rest) => {
        rests.push(Buffer.from(rest).toString())
        stream.destroy()
      },
    })
    const { text } = await server.inject(
      `POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\nContent-Length: 4\r\n\r\nbody`,
    )
    expect(rests).toEqual([])
    expect(text.endsWith('body')).toBe(true)
  })

  test('takes its socket with it under the caps on connections', async () => {
    await using started = await start(() => respond.text('x'), {
      maxConnections: 2,
      upgrade: (_request, stream) => stream.on('data', () => {}),
    })
    for (let index = 0; index < 2; index++) {
      const client = await started.connect()
      client.write(UPGRADE)
      await aMoment()
    }
    const third = await started.connect()
    third.write(GET)
    expect((await third.readResponse()).status).toBe(503)
  })
})

describe('an observer', () => {
  test('that is async and rejects breaks nothing and is warned of', async () => {
    const warnings: string[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', onWarning)
    const fatal = await fatalErrors(async () => {
      const server = createServer(() => respond.text('x'), {
        observer: { onResponse: async () => Promise.reject(new Error('disk full')) },
      })
      expect((await server.inject(GET_CLOSE)).text).toMatch(/^HTTP\/1.1 200/)
    })
    process.off('warning', onWarning)
    expect(fatal).toEqual([])
    expect(warnings).toEqual(['an observer failed: disk full'])
  })

  test('still knows the address of a client that has left', async () => {
    const addresses: (string | null)[] = []
    await using started = await start(() => new Promise(() => {}), {
      observer: { onResponse: ({ connection }) => addresses.push(connection.remoteAddress) },
    })
    const client = await started.connect()
    client.write(GET)
    await aMoment()
    client.reset()
    await until(() => addresses.length > 0, 'the summary')
    expect(addresses).toEqual(['127.0.0.1'])
  })
})

describe('a server', () => {
  test('refuses wrong limits when it is made and not at its first connection', () => {
    expect(() => createServer(() => respond.text('x'), { limits: { maxFoo: 1 } as object })).toThrow(
      TypeError,
    )
  })

  test('given a stream that is gone already forgets it', async () => {
    const server = createServer(() => respond.text('x'))
    const [, side] = duplexPair()
    side.destroy()
    await aMoment()
    server.serve(side)
    expect(server.connections).toHaveLength(0)
    await server.close({ grace: 20 })
    expect(server.state).toBe('closed')
  })

  test('that is closed listens to nothing any more', async () => {
    const server = createServer(() => respond.text('x'))
    await server.close()
    await expect(server.listen({ host: '127.0.0.1', port: 0 })).rejects.toThrow(/closed/)
    const racing = createServer(() => respond.text('x'))
    const listening = racing.listen({ host: '127.0.0.1', port: 0 })
    void racing.close()
    await expect(listening).rejects.toThrow(/closed|draining/)
  })

  test('closes with an infinite grace by waiting', async () => {
    await using started = await start(async () => {
      await aMoment(100)
      return respond.text('done')
    })
    const client = await started.connect()
    client.write(GET)
    await until(() => started.server.connections[0]?.writing === 'handler', 'the handler')
    const closing = started.server.close({ grace: Infinity })
    expect((await client.readResponse()).text()).toBe('done')
    client.end()
    expect((await closing).cut).toBe(0)
  })

  test('throws for a client error of HttpError with framing fields no second answer', async () => {
    const server = createServer(() => {
      throw new HttpError(400, 'x', { headers: { 'Content-Length': '99' } })
    })
    const { text } = await server.inject(GET_CLOSE)
    expect(text.match(/HTTP\/1.1 /g)).toHaveLength(1)
    expect(text).toMatch(/^HTTP\/1.1 500 /)
  })
})
