import { FileBody, HeaderBlock, HttpError, HttpHeaders, HttpResponse, respond } from '@tsws/http'
import { open, writeFile, mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createServer } from '../src/index.ts'
import { aMoment, start, until } from './start.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const GET_CLOSE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

/** The text of an answer with its date taken out, so that whole answers can be compared. */
const dateless = (text: string): string => text.replaceAll(/Date: [^\r]*\r\n/g, '')

describe('an answer', () => {
  test('is written byte for byte as RFC 9112 has it', async () => {
    const server = createServer(() => respond.text('Hello, World!'))
    const { text } = await server.inject(GET_CLOSE)
    expect(text).toMatch(/^HTTP\/1.1 200 OK\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/)
    expect(dateless(text)).toBe(
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\nConnection: close\r\n\r\nHello, World!',
    )
  })

  test('that a handler gives again is the same again, frozen or not', async () => {
    const answer = respond.text('one', { headers: { Connection: 'close', 'Content-Length': 3 } })
    Object.freeze(answer)
    const server = createServer(() => answer)
    const first = await server.inject(GET + GET)
    const second = await server.inject(GET + GET)
    expect(first.responses).toHaveLength(1)
    expect(dateless(first.text)).toBe(
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\nConnection: close\r\n\r\none',
    )
    expect(dateless(second.text)).toBe(dateless(first.text))
    expect(answer.headers.get('connection')).toBe('close')
  })

  test('keeps connection options of its own: a 426 says Upgrade (RFC 9110 §15.5.22)', async () => {
    const server = createServer(() =>
      respond.text('upgrade', { status: 426, headers: { Upgrade: 'websocket', Connection: 'Upgrade' } }),
    )
    const { responses } = await server.inject(GET + GET_CLOSE)
    expect(responses.map(({ headers }) => headers.get('connection'))).toEqual(['Upgrade', 'close, Upgrade'])
    const { text } = await server.inject('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    expect(text).toContain('\r\nConnection: keep-alive, Upgrade\r\n')
  })

  describe('whose content is with its fields', () => {
    const file = new HeaderBlock({ 'Content-Type': 'a/b', ETag: '"1"' }, Buffer.from('content'))
    const common = new HeaderBlock({ 'X-A': '1' })
    const answer = (body = file.content): HttpResponse => {
      const response = new HttpResponse(body, { headers: HttpHeaders.of(file) })
      response.headers.addBlock(common)
      return response
    }
    const FIELDS = 'Content-Type: a/b\r\nETag: "1"\r\nContent-Length: 7\r\n'
    const END = `${FIELDS}\r\ncontent`
    const endWith = (option: string): string => `${FIELDS}Connection: ${option}\r\n\r\ncontent`

    test('is a whole answer, and goes on or closes as any other', async () => {
      const server = createServer(() => answer())
      expect(dateless((await server.inject(GET + GET_CLOSE)).text)).toBe(
        `HTTP/1.1 200 OK\r\nX-A: 1\r\n${END}HTTP/1.1 200 OK\r\nX-A: 1\r\n${endWith('close')}`,
      )
      const old = await server.inject('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
      expect(dateless(old.text)).toBe(`HTTP/1.1 200 OK\r\nX-A: 1\r\n${endWith('keep-alive')}`)
    })

    test('has its fields in the order of one whose content is not, however it ends', async () => {
      const together = createServer(() => answer())
      const apart = createServer(() => answer(Buffer.from('content')))
      for (const version of ['1.1', '1.0']) {
        for (const connection of ['', 'Connection: close\r\n', 'Connection: keep-alive\r\n']) {
          const get = `GET / HTTP/${version}\r\nHost: a\r\n${connection}\r\n`
          const text = dateless((await apart.inject(get)).text)
          expect(dateless((await together.inject(get)).text)).toBe(text)
          expect(text.endsWith('content')).toBe(true)
        }
      }
    })

    test('has the head of its GET to the byte, to HEAD (RFC 9110 §9.3.2)', async () => {
      const server = createServer(() => answer())
      for (const get of [
        GET_CLOSE,
        'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
        'GET / HTTP/1.0\r\n\r\n',
      ]) {
        const whole = dateless((await server.inject(get)).text)
        const head = dateless((await server.inject(get.replace('GET', 'HEAD'))).text)
        expect(head).toBe(whole.slice(0, -'content'.length))
        expect(head.endsWith('\r\n\r\n')).toBe(true)
      }
    })

    test('may be empty', async () => {
      const empty = new HeaderBlock({ 'Content-Type': 'a/b' }, new Uint8Array(0))
      const server = createServer(() => new HttpResponse(empty.content, { headers: HttpHeaders.of(empty) }))
      const expected =
        'HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
      expect(dateless((await server.inject(GET_CLOSE)).text)).toBe(expected)
      expect(dateless((await server.inject(GET_CLOSE.replace('GET', 'HEAD'))).text)).toBe(expected)
    })

    test('sends the body that a layer put in its place, with its own length', async () => {
      const server = createServer(() => answer(Buffer.from('other')))
      const { response } = await server.inject(GET_CLOSE)
      expect([response.headers.get('content-length'), response.text()]).toEqual(['5', 'other'])
    })

    test('is held to a length that was declared, and takes fields that frame', async () => {
      const server = createServer((request) => {
        const response = answer()
        response.headers.set('Content-Length', request.target.slice(1))
        return response
      })
      const right = await server.inject('GET /7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      expect(right.text.match(/Content-Length/g)).toHaveLength(1)
      expect(right.response.text()).toBe('content')
      const wrong = await server.inject('GET /8 HTTP/1.1\r\nHost: a\r\n\r\n')
      expect(wrong.response.status).toBe(500)
    })
  })

  test('counts bytes and not characters', async () => {
    const server = createServer(() => respond.text('Grüße, 世界'))
    const { bytes } = await server.inject(GET_CLOSE)
    expect(bytes.toString('utf8')).toContain('Content-Length: 15\r\n')
    expect(bytes.toString('utf8').endsWith('\r\n\r\nGrüße, 世界')).toBe(true)
  })

  test('to HEAD has the length of the GET and no body', async () => {
    const server = createServer(() => respond.text('Hello'))
    const { text } = await server.inject(
      'HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    )
    expect(dateless(text)).toBe(
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\n' +
        'HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\nConnection: close\r\n\r\nHello',
    )
  })

  test('to HEAD of an empty body says 0, as to GET', async () => {
    const server = createServer(() => respond.text(''))
    expect((await server.inject({ method: 'HEAD' })).response.headers.get('content-length')).toBe('0')
  })

  test.each([204, 304])('%i carries neither a body nor a length of one', async (status) => {
    const server = createServer(() => new HttpResponse('not to be sent', { status }))
    const { text } = await server.inject(GET_CLOSE)
    expect(text).not.toContain('not to be sent')
    if (status === 204) expect(text).not.toMatch(/content-length|transfer-encoding/i)
  })

  test('with no body says Content-Length: 0', async () => {
    const server = createServer(() => new HttpResponse())
    expect((await server.inject(GET_CLOSE)).text).toContain('\r\nContent-Length: 0\r\n')
  })

  test('keeps the Date a handler set and adds no second one', async () => {
    const date = 'Tue, 02 Jan 2024 03:04:05 GMT'
    const server = createServer(() => new HttpResponse('x', { headers: { Date: date } }))
    const { text } = await server.inject(GET_CLOSE)
    expect(text.match(/Date: /g)).toHaveLength(1)
    expect(text).toContain(`Date: ${date}\r\n`)
  })

  test('with Connection: close from the handler ends the connection', async () => {
    const server = createServer(() => new HttpResponse('x', { headers: { Connection: 'close' } }))
    const { text } = await server.inject(GET + GET)
    expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(1)
    expect(text.match(/Connection: close/g)).toHaveLength(1)
  })

  test('to HTTP/1.0 keep-alive says keep-alive, and a stream to HTTP/1.0 ends with the connection', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one')
      yield Buffer.from('two')
    }
    const server = createServer((request) =>
      request.pathname === '/s' ? new HttpResponse(pieces()) : respond.text('x'),
    )
    const kept = await server.inject('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    expect(kept.text).toContain('Connection: keep-alive\r\n')
    const streamed = await server.inject('GET /s HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    expect(streamed.text).not.toMatch(/transfer-encoding/i)
    expect(streamed.text).toContain('Connection: close\r\n')
    expect(streamed.text.endsWith('\r\n\r\nonetwo')).toBe(true)
  })
})

describe('a handler that is wrong about its answer', () => {
  test.each([
    ['declares too much', () => new HttpResponse('four', { headers: { 'Content-Length': 9 } })],
    ['declares too little', () => new HttpResponse('four', { headers: { 'Content-Length': 3 } })],
    ['declares no number', () => new HttpResponse('four', { headers: { 'Content-Length': 'four' } })],
    [
      'sets Transfer-Encoding',
      () => new HttpResponse('four', { headers: { 'Transfer-Encoding': 'chunked' } }),
    ],
    ['gives a status of 99', () => new HttpResponse('x', { status: 99 })],
    ['gives a status of 101', () => new HttpResponse('x', { status: 101 })],
    ['gives a status of NaN', () => new HttpResponse('x', { status: NaN })],
    ['returns nothing', () => undefined as unknown as HttpResponse],
    ['returns a string', () => 'hello' as unknown as HttpResponse],
    ['returns a promise of nothing', () => Promise.resolve(null as unknown as HttpResponse)],
    [
      'throws',
      () => {
        throw new Error('secret')
      },
    ],
    [
      'throws nothing',
      () => {
        throw undefined
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret'))],
    [
      'sets a field that would split the response',
      () => new HttpResponse('x', { headers: { 'X-A': 'a\r\nSet-Cookie: b' } }),
    ],
  ])(
    'that %s is answered 500 with a request id and no message, told to the observer, and the connection goes on',
    async (_name, handler) => {
      const failures: unknown[] = []
      const observer = { onError: (error: unknown) => failures.push(error) }
      const server = createServer(
        (request) => (request.pathname === '/ok' ? respond.text('ok') : handler()),
        { observer },
      )
      const { text } = await server.inject(
        'GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      )
      expect(text).toMatch(/^HTTP\/1.1 500 Internal Server Error\r\n/)
      expect(text).toMatch(/Request id: \w+-\w+/)
      expect(text).not.toContain('secret')
      expect(text.endsWith('\r\n\r\nok')).toBe(true)
      expect(failures).toHaveLength(1)
    },
  )

  test('whose errorResponse fails too still gets a 500 out', async () => {
    const failures: unknown[] = []
    const server = createServer(
      () => {
        throw new Error('first')
      },
      {
        errorResponse: () => {
          throw new Error('second')
        },
        observer: { onError: (error) => failures.push((error as Error).message) },
      },
    )
    expect((await server.inject(GET_CLOSE)).text).toMatch(/^HTTP\/1.1 500 /)
    expect(failures).toEqual(['first', 'second'])
  })

  test('an HttpError of a handler is its status, its fields and its message', async () => {
    const server = createServer(() => {
      throw new HttpError(405, 'not here', { headers: { Allow: 'GET' } })
    })
    const { text } = await server.inject(GET_CLOSE)
    expect(text).toMatch(/^HTTP\/1.1 405 Method Not Allowed\r\n/)
    expect(text).toContain('\r\nAllow: GET\r\n')
    expect(text.endsWith('\r\n\r\nnot here\n')).toBe(true)
  })
})

describe('a streamed body', () => {
  test('goes out chunked, each piece at once, with its trailers', async () => {
    let release = (): void => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('first')
      await gate
      yield new Uint8Array(0)
      yield Buffer.from('second, which is longer')
    }
    await using started = await start(
      () => new HttpResponse(pieces(), { trailers: () => new HttpHeaders({ 'X-Sum': '1' }) }),
    )
    const client = await started.connect()
    client.write(GET_CLOSE)
    await client.receivedBytes(100)
    expect(client.received.toString()).toMatch(/\r\n\r\n5\r\nfirst\r\n$/)
    release()
    const response = await client.readResponse()
    expect(response.framing).toBe('chunked')
    expect(response.text()).toBe('firstsecond, which is longer')
    expect(response.trailers).toEqual([['x-sum', '1']])
  })

  test('whose head waits for a slow first piece is announced at once', async () => {
    async function* never(): AsyncGenerator<Uint8Array> {
      await new Promise(() => {})
      yield Buffer.from('never')
    }
    await using started = await start(() => new HttpResponse(never()))
    const client = await started.connect()
    client.write(GET)
    await client.receivedBytes(50)
    expect(client.received.toString()).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\n$/)
  })

  test.each([
    ['throws midway', undefined, ['one', new Error('broken')]],
    ['gives fewer bytes than declared', 9, ['one']],
    ['gives more bytes than declared', 4, ['one', 'two']],
    ['gives a string', undefined, ['one', 'STRING']],
  ])(
    'that %s cuts the connection so that the client notices, and tells the observer',
    async (_name, length, pieces) => {
      const failures: unknown[] = []
      let closed = false
      async function* body(): AsyncGenerator<Uint8Array> {
        try {
          for (const piece of pieces) {
            if (piece instanceof Error) throw piece
            yield piece === 'STRING' ? (piece as unknown as Uint8Array) : Buffer.from(piece)
          }
        } finally {
          closed = true
        }
      }
      const headers = length === undefined ? null : { 'Content-Length': length }
      await using started = await start(() => new HttpResponse(body(), { headers }), {
        observer: { onError: (error) => failures.push(error) },
      })
      const client = await started.connect()
      client.write(GET + GET)
      await client.closed()
      await expect(client.readResponse()).rejects.toThrow()
      expect(failures).toHaveLength(1)
      expect(closed).toBe(true)
    },
  )

  test('is stopped when the client goes', async () => {
    let stopped = false
    let pieces = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          pieces++
          yield Buffer.alloc(10_000)
        }
      } finally {
        stopped = true
      }
    }
    await using started = await start(() => new HttpResponse(endless()))
    const client = await started.connect()
    client.socket.pause()
    client.write(GET)
    // A client that does not read holds the source back; otherwise this goes on for ever.
    for (let seen = 0; pieces === 0 || pieces !== seen;) {
      seen = pieces
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    client.reset()
    await expect.poll(() => stopped).toBe(true)
  })
})

describe('a source that is no generator', () => {
  test('is not asked any more when the client has gone, though it has no way to be told', async () => {
    let asked = 0
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          asked++
          return { value: Buffer.alloc(1000), done: false as const }
        },
      }),
    }
    await using started = await start(() => new HttpResponse(source))
    const client = await started.connect()
    client.write(GET)
    await client.receivedBytes(5000)
    client.reset()
    await until(() => started.server.connections.length === 0, 'the client to be gone')
    await aMoment(5)
    const before = asked
    await aMoment(20)
    expect(asked).toBe(before)
  })

  test('that yields nothing again and again leaves others their turn', async () => {
    let others = 0
    let asked = 0
    async function* nothing(): AsyncGenerator<Uint8Array> {
      setImmediate(() => others++)
      while (others === 0 && asked++ < 10_000) yield new Uint8Array(0)
    }
    const server = createServer(() => new HttpResponse(nothing()))
    const { response } = await server.inject(GET_CLOSE)
    expect([response.status, response.text()]).toEqual([200, ''])
    expect(asked).toBeLessThan(200)
  })
})

describe('an open file', () => {
  async function withFile<T>(bytes: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'tsws-engine-'))
    const path = join(folder, 'file')
    await writeFile(path, bytes)
    try {
      return await use(path)
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  test('is sent whole, in part, and closed every time', async () => {
    const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) & 0xff))
    await withFile(bytes, async (path) => {
      const closed: boolean[] = []
      await using started = await start(async (request) => {
        const file = await open(path)
        const close = file.close.bind(file)
        file.close = async () => {
          closed.push(true)
          await close()
        }
        const [from, length] = request.search.slice(1).split('-').map(Number) as [number, number]
        return new HttpResponse(new FileBody(file, from, length))
      })
      const client = await started.connect({ methods: ['GET', 'GET', 'HEAD', 'GET'] })
      const ask = (method: string, from: number, length: number): string =>
        `${method} /?${from}-${length} HTTP/1.1\r\nHost: a\r\n\r\n`
      client.write(
        ask('GET', 0, 3_000_000) + ask('GET', 1_048_570, 20) + ask('HEAD', 0, 3_000_000) + ask('GET', 0, 0),
      )
      expect(Buffer.compare((await client.readResponse()).body, bytes)).toBe(0)
      expect(Buffer.compare((await client.readResponse()).body, bytes.subarray(1_048_570, 1_048_590))).toBe(0)
      expect((await client.readResponse()).get('content-length')).toBe('3000000')
      expect((await client.readResponse()).body).toHaveLength(0)
      await expect.poll(() => closed.length).toBe(4)
    })
  })

  test('that shrinks while it is sent cuts the connection', async () => {
    await withFile(Buffer.alloc(4_000_000, 1), async (path) => {
      const failures: { code?: string }[] = []
      await using started = await start(
        async () => {
          const file = await open(path)
          await truncate(path, 1_500_000)
          return new HttpResponse(new FileBody(file, 0, 4_000_000))
        },
        { observer: { onError: (error) => failures.push(error as { code?: string }) } },
      )
      const client = await started.connect()
      client.write(GET)
      await client.closed()
      expect(failures.map(({ code }) => code)).toEqual(['ERR_FILE_SHRANK'])
      expect(client.received.length).toBeLessThan(1_501_000)
    })
  })
})

describe('an interim response', () => {
  test('103 comes before the answer, and never to HTTP/1.0', async () => {
    const server = createServer((request) => {
      request.inform(103, { Link: '</style.css>; rel=preload; as=style' })
      return respond.text('x')
    })
    const { text } = await server.inject(GET_CLOSE)
    expect(text).toMatch(
      /^HTTP\/1.1 103 Early Hints\r\nLink: <\/style.css>; rel=preload; as=style\r\n\r\nHTTP\/1.1 200 OK\r\n/,
    )
    expect((await server.inject('GET / HTTP/1.0\r\n\r\n')).text).toMatch(/^HTTP\/1.1 200 OK/)
  })
})
