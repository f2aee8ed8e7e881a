import { FileBody, HeaderBlock, HttpError, HttpHeaders, HttpResponse, respond } from '@tsws/http'
import type { Handler } from '@tsws/http'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createServer } from '../src/index.ts'
import { aMoment, start, startTls, until } from './start.ts'

// Bytes that a client may send although none should, and what has to come back.

const path: Handler = (request) => respond.text(request.pathname)
const get = (target: string, more = ''): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
const CLOSE = 'Connection: close\r\n'

/** The statuses of all answers in a stream of bytes, interim ones included. */
const statuses = (text: string): number[] =>
  [...text.matchAll(/(?<=^|\n|[^\r\n])HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))

describe('a request after the last one', () => {
  test.each([
    ['Connection: close', get('/one', CLOSE)],
    ['Connection: keep-alive, close', get('/one', 'Connection: keep-alive, close\r\n')],
    ['two Connection fields', get('/one', 'Connection: keep-alive\r\nConnection: CLOSE\r\n')],
    ['HTTP/1.0', 'GET /one HTTP/1.0\r\n\r\n'],
    ['HTTP/1.0 that says both', 'GET /one HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n'],
    ['a body with a bad chunk', 'POST /one HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ])('is never looked at: %s, in one packet or after a while (RFC 9112 §9.6)', async (_name, first) => {
    const served: string[] = []
    await using started = await start(async (request) => {
      served.push(request.pathname)
      await request.bytes()
      return respond.text('x')
    })
    for (const pieces of [[first + get('/two')], [first, get('/two')]]) {
      const client = await started.connect()
      for (const piece of pieces) {
        client.write(piece)
        await aMoment(10)
      }
      expect((await client.readAll()).toString().match(/HTTP\/1.1 /g)).toHaveLength(1)
    }
    expect(served).toEqual(['/one', '/one'])
  })

  test('that the handler closed with its answer is not looked at, and what was before is answered', async () => {
    const served: string[] = []
    const server = createServer((request) => {
      served.push(request.pathname)
      const headers = request.pathname === '/2' ? { Connection: 'close' } : null
      return new HttpResponse(request.pathname, { headers })
    })
    const { text } = await server.inject([1, 2, 3].map((n) => get(`/${n}`)).join(''))
    expect(served).toEqual(['/1', '/2'])
    expect(statuses(text)).toEqual([200, 200])
  })
})

describe('what is refused before it is a request', () => {
  test.each([
    ['a field that is none', 'HEAD / HTTP/1.1\r\nHost: a\r\nBad Field\r\n\r\n', 400],
    ['no Host', 'HEAD / HTTP/1.1\r\n\r\n', 400],
    ['a field too large', `HEAD / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    ['a target too long', `HEAD /${'x'.repeat(10_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
    ['an end in its midst', 'HEAD / HTTP/1.1\r\nHos', 400],
    ['an empty line before it', '\r\nHEAD / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400],
  ])(
    'is told so without content where it began as a HEAD (RFC 9110 §9.3.2): %s',
    async (_name, bytes, status) => {
      const server = createServer(path)
      for (const pieces of [[bytes], bytes.match(/[^]{1,7}/g) ?? []]) {
        const { text } = await server.inject(pieces)
        expect(statuses(text)).toEqual([status])
        expect(text).toMatch(/\r\nContent-Length: [1-9]\d*\r\n[^]*\r\n\r\n$/)
      }
      const { text } = await server.inject([get('/one'), bytes])
      expect(text).toMatch(/\r\n\r\n\/oneHTTP\/1.1 4[^]*\r\n\r\n$/)
    },
  )

  test('gets content where its method only begins like HEAD', async () => {
    const { text } = await createServer(path).inject('HEADER / HTTP/1.1\r\n\r\n')
    expect(text).toMatch(/\r\n\r\nAn HTTP\/1.1 request must have a Host field/)
  })

  test('is answered with fields and content that are kept in one piece, whole', async () => {
    const block = new HeaderBlock({ 'X-Kept': 'yes' }, Buffer.from('kept'))
    const server = createServer(path, {
      errorResponse: () => new HttpResponse(block.content, { status: 400, headers: HttpHeaders.of(block) }),
    })
    const { malformed, response } = await server.inject('GET / HTTP/1.1\r\n\r\n')
    expect(malformed).toBeNull()
    expect([response.status, response.headers.get('x-kept'), response.text()]).toEqual([400, 'yes', 'kept'])
    const head = await server.inject('HEAD / HTTP/1.1\r\n\r\n')
    expect(head.text).toMatch(/\r\nX-Kept: yes\r\nContent-Length: 4\r\nConnection: close\r\n\r\n$/)
  })

  test('closes a stream that errorResponse gives, and answers 500', async () => {
    let closed = 0
    const body = { [Symbol.asyncIterator]: () => ({ return: async () => void closed++ }) }
    const server = createServer(path, {
      errorResponse: () => new HttpResponse(body as never, { status: 400 }),
    })
    for (const method of ['GET', 'HEAD']) {
      const { text } = await server.inject(`${method} / HTTP/1.1\r\n\r\n`)
      expect(statuses(text)).toEqual([500])
    }
    expect(closed).toBe(2)
  })

  test.each([204, 304])(
    'gets no Content-Length where errorResponse makes it a %i (RFC 9110 §8.6)',
    async (status) => {
      const server = createServer(path, { errorResponse: () => respond.empty(status) })
      const { text } = await server.inject('GET / HTTP/1.1\r\n\r\n')
      expect(statuses(text)).toEqual([status])
      expect(text).not.toContain('Content-Length')
    },
  )
})

describe('100 Continue', () => {
  const expecting = (target: string, more = ''): string =>
    `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n${more}\r\n`
  const echo: Handler = async (request) => respond.text(await request.text())

  test('for a pipelined request comes after the answers before it (RFC 9112 §9.3.2)', async () => {
    let goOn = (): void => {}
    await using started = await start(async (request) => {
      if (request.method === 'POST') return respond.text(await request.text())
      await new Promise<void>((resolve) => {
        goOn = resolve
      })
      return respond.text('first')
    })
    const client = await started.connect()
    client.write(get('/') + expecting('/'))
    await aMoment()
    expect(client.received).toHaveLength(0)
    goOn()
    expect((await client.readResponse()).text()).toBe('first')
    await until(() => client.received.toString().endsWith('HTTP/1.1 100 Continue\r\n\r\n'), 'the 100')
    client.write(`hello${get('/', CLOSE)}`)
    expect((await client.readResponse()).text()).toBe('hello')
  })

  test('is not sent twice, and not for the body that came of itself, in a pipeline of both', async () => {
    await using started = await start(echo)
    const client = await started.connect()
    client.write(`${expecting('/')}hello${expecting('/')}`)
    expect((await client.readResponse()).text()).toBe('hello')
    await until(() => client.received.toString().endsWith('100 Continue\r\n\r\n'), 'the 100')
    client.write(`world${expecting('/', CLOSE)}`)
    expect((await client.readResponse()).text()).toBe('world')
    await until(() => client.received.toString().endsWith('100 Continue\r\n\r\n'), 'the other 100')
    client.write('after')
    expect((await client.readResponse()).text()).toBe('after')
    expect(statuses(client.received.toString())).toEqual([200, 100, 200, 100, 200])
  })

  test.each([
    ['100-Continue', 'Expect: 100-Continue\r\n', [100, 200]],
    ['said twice', 'Expect: 100-continue\r\nExpect: 100-continue\r\n', [100, 200]],
    ['twice in a list', 'Expect: 100-continue, ,100-continue\r\n', [100, 200]],
    ['nothing expected', 'Expect:\r\n', [200]],
    ['no body', 'Expect: 100-continue\r\nX-No: body\r\n', [200]],
  ])('follows the grammar: %s', async (name, field, expected) => {
    const length = name === 'no body' ? '' : 'Content-Length: 5\r\n'
    const server = createServer(echo)
    const { text } = await server.inject([
      `POST / HTTP/1.1\r\nHost: a\r\n${length}${field}${CLOSE}\r\n`,
      'hello',
    ])
    expect(statuses(text)).toEqual(expected)
  })

  test.each(['100-continue, 100-continue, x', 'x, 100-continue', '100-continue;q=1', '200-ok'])(
    'is refused with 417 where more is expected: %s (RFC 9110 §10.1.1)',
    async (value) => {
      const bytes = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: ${value}\r\n\r\nhello`
      const { text } = await createServer(echo).inject(bytes)
      expect(statuses(text)[0]).toBe(417)
      expect(text).not.toContain('100 Continue')
    },
  )

  test('that a client waits for and never gets is followed by the end: its next bytes could be either', async () => {
    await using started = await start(() => {
      throw new HttpError(401)
    })
    const client = await started.connect()
    client.write(expecting('/'))
    const response = await client.readResponse()
    expect([response.status, response.get('connection')]).toEqual([401, 'close'])
    client.write(`hello${get('/')}`)
    expect(await client.closed()).toBe('ended')
    expect(statuses(client.received.toString())).toEqual([401])
  })

  test('of a chunked body holds as of a declared one, and a client that starts to send gets none', async () => {
    const server = createServer(echo)
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n'
    expect(statuses((await server.inject([head, '5\r\nhello\r\n0\r\n\r\n'])).text)).toEqual([100, 200])
    expect(statuses((await server.inject(`${head}5\r\nhello\r\n0\r\n\r\n`)).text)).toEqual([200])
  })
})

describe('a body', () => {
  test.each(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PURGE'])(
    'of %s is a body and no request (RFC 9112 §6)',
    async (method) => {
      const served: string[] = []
      const server = createServer((request) => {
        served.push(`${request.method} ${request.pathname}`)
        return respond.text('x')
      })
      const smuggled = get('/smuggled')
      const chunked = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`
      const { text, malformed } = await server.inject(
        `${method} /1 HTTP/1.1\r\nHost: a\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}` +
          `${method} /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}${get('/3', CLOSE)}`,
      )
      expect(served).toEqual([`${method} /1`, `${method} /2`, 'GET /3'])
      expect(malformed).toBeNull()
      expect(statuses(text)).toEqual([200, 200, 200])
    },
  )

  test('of an answer to HEAD is never sent, whatever it is, and is closed', async () => {
    let closed = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.from('never')
    }
    const file = {
      read: async () => ({ bytesRead: 0 }),
      close: async () => {
        closed++
      },
    }
    const bodies: Record<string, () => HttpResponse> = {
      '/stream': () => new HttpResponse(endless(), { trailers: () => new HttpHeaders({ 'X-T': '1' }) }),
      '/declared': () => new HttpResponse(endless(), { headers: { 'Content-Length': 12 } }),
      '/file': () => new HttpResponse(new FileBody(file, 0, 9)),
      '/bytes': () => new HttpResponse(Buffer.from('never')),
      '/304': () => new HttpResponse(endless(), { status: 304 }),
      '/204': () => new HttpResponse(endless(), { status: 204 }),
    }
    const server = createServer((request) => (bodies[request.pathname] as () => HttpResponse)())
    const names = Object.keys(bodies)
    const { text, malformed, responses } = await server.inject(
      names.map((name) => `HEAD ${name} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''),
    )
    expect(malformed).toBeNull()
    expect(responses).toHaveLength(names.length)
    expect(text).not.toContain('never')
    expect(responses.map(({ headers }) => headers.get('content-length'))).toEqual([
      null,
      '12',
      '9',
      '5',
      null,
      null,
    ])
    expect(closed).toBe(1)
  })

  test.each([304, 204, 205])(
    'of %i to GET is never sent, be it text, bytes, a stream or a file',
    async (status) => {
      async function* pieces(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('never')
      }
      let closed = 0
      const file = {
        read: async () => ({ bytesRead: 0 }),
        close: async () => {
          closed++
        },
      }
      const bodies = [() => 'never', () => Buffer.from('never'), pieces, () => new FileBody(file, 0, 5)]
      for (const body of bodies) {
        const server = createServer((request) =>
          request.pathname === '/next' ? respond.text('next') : new HttpResponse(body(), { status }),
        )
        const { text, malformed, responses } = await server.inject(get('/') + get('/next', CLOSE))
        expect(malformed).toBeNull()
        expect(text).not.toContain('never')
        expect(responses.map((response) => response.status)).toEqual([status, 200])
        expect(responses[0]?.headers.get('transfer-encoding')).toBeNull()
        if (status === 204) expect(responses[0]?.headers.get('content-length')).toBeNull()
      }
      expect(closed).toBe(1)
    },
  )

  test('of 304 may name the length that the 200 has, and carries nothing (RFC 9110 §15.4.5)', async () => {
    const server = createServer((request) =>
      request.pathname === '/next'
        ? respond.text('next')
        : new HttpResponse(null, { status: 304, headers: { 'Content-Length': 1234, ETag: '"a"' } }),
    )
    const { responses, malformed } = await server.inject(get('/') + get('/next', CLOSE))
    expect(malformed).toBeNull()
    expect(responses[0]?.headers.get('content-length')).toBe('1234')
    expect(responses[1]?.text()).toBe('next')
  })

  test.each([
    ['a file longer than declared', 3, 9],
    ['a file shorter than declared', 30, 9],
  ])('that is %s is a 500, and the connection goes on in step', async (_name, declared, length) => {
    const file = { read: async () => ({ bytesRead: 0 }), close: async () => {} }
    const server = createServer((request) =>
      request.pathname === '/next'
        ? respond.text('next')
        : new HttpResponse(new FileBody(file, 0, length), { headers: { 'Content-Length': declared } }),
    )
    const { responses } = await server.inject(get('/') + get('/next', CLOSE))
    expect(responses.map(({ status }) => status)).toEqual([500, 200])
  })

  test('that fails midway towards HTTP/1.0 is cut by a reset: an end would look like its own', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half')
      await aMoment(20)
      throw new Error('broken')
    }
    await using started = await start(() => new HttpResponse(pieces()))
    const client = await started.connect()
    client.write('GET / HTTP/1.0\r\n\r\n')
    expect(await client.closed()).toBe('reset')
    expect(client.received.toString()).toMatch(/\r\n\r\nhalf$/)
  })

  test('in a hundred thousand chunks of one byte comes whole', async () => {
    await using started = await start(async (request) => respond.text(String((await request.bytes()).length)))
    const client = await started.connect()
    const count = 100_000
    client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    client.write(`${'1\r\nx\r\n'.repeat(count)}0\r\n\r\n`)
    expect((await client.readResponse()).text()).toBe(String(count))
  })
})

describe('trailers', () => {
  const CHUNKED = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n'

  test('of a request within the limit are read, beyond it 431 and the end', async () => {
    const server = createServer(async (request) => {
      await request.bytes()
      return respond.text(request.trailers?.get('x-long')?.length.toString() ?? 'none')
    })
    const bytes = (length: number): string =>
      `${CHUNKED}\r\n1\r\na\r\n0\r\nX-Long: ${'t'.repeat(length)}\r\n\r\n${get('/next', CLOSE)}`
    const fine = await server.inject(bytes(8000))
    expect(fine.responses.map((response) => response.text())).toEqual(['8000', 'none'])
    const large = await server.inject(bytes(9000))
    expect(statuses(large.text)).toEqual([431])
    expect(large.text).toContain('Connection: close')
  })

  test.each(['TE: trailers\r\nConnection: TE\r\n', 'Trailer: X-Sum\r\n', 'TE: trailers, deflate;q=0.5\r\n'])(
    'announced by %j change nothing about a request',
    async (fields) => {
      const server = createServer(async (request) => respond.text(await request.text()))
      const { response } = await server.inject(`${CHUNKED}${fields}\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n`)
      expect([response.status, response.text()]).toEqual([200, 'a'])
    },
  )

  test('of an answer go out only with a chunked body', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('body')
    }
    const server = createServer(
      (request) =>
        new HttpResponse(pieces(), {
          headers: request.pathname === '/l' ? { 'Content-Length': 4 } : null,
          trailers: () => new HttpHeaders({ 'X-Sum': '1' }),
        }),
    )
    const { responses, malformed, text } = await server.inject(get('/') + get('/l', CLOSE))
    expect(malformed).toBeNull()
    expect(responses.map(({ trailers }) => trailers?.get('x-sum'))).toEqual(['1', undefined])
    expect(text.match(/X-Sum/g)).toHaveLength(1)
    expect((await server.inject('GET / HTTP/1.0\r\n\r\n')).text).not.toContain('X-Sum')
  })
})

describe('an interim response', () => {
  test('102 and 103 come in the order they were given, any number of them, before the final one', async () => {
    const server = createServer(async (request) => {
      request.inform(102, {})
      request.inform(103, { Link: '</a.css>; rel=preload' })
      await aMoment(5)
      request.inform(103, { Link: '</b.css>; rel=preload' })
      return respond.text('x')
    })
    const { text, interim, malformed } = await server.inject(get('/', CLOSE))
    expect(malformed).toBeNull()
    expect(interim.map(({ status }) => status)).toEqual([102, 103, 103])
    expect(statuses(text)).toEqual([102, 103, 103, 200])
  })

  test.each([100, 101, 99, 200, 204, 1.5, NaN])(
    'of %d is no interim response: an error to the handler',
    async (status) => {
      const server = createServer((request) => {
        request.inform(status, {})
        return respond.text('x')
      })
      const { text } = await server.inject(get('/', CLOSE))
      expect(statuses(text)).toEqual([500])
    },
  )

  test('after the answer goes nowhere', async () => {
    let late = (): void => {}
    const server = createServer((request) => {
      late = () => request.inform(103, { Link: '</late>' })
      return respond.text('x')
    })
    const { text } = await server.inject([get('/')])
    late()
    expect(text).not.toContain('late')
  })
})

describe('response splitting', () => {
  const EVIL = ['\r\n', '\n', '\r', '\0', '\r\nSet-Cookie: evil=1', '\r\n\r\n<script>']
  test.each<[string, (evil: string) => HttpResponse]>([
    ['a value', (evil) => new HttpResponse('x', { headers: { 'X-A': `a${evil}b` } })],
    ['a name', (evil) => new HttpResponse('x', { headers: { [`X-A${evil}`]: 'b' } })],
    [
      'a value that is appended',
      (evil) => {
        const response = respond.text('x')
        response.headers.append('Vary', `a${evil}b`)
        return response
      },
    ],
    ['a redirect', (evil) => new HttpResponse(null, { status: 302, headers: { Location: `/${evil}x` } })],
    ['a content type', (evil) => respond.text('x', { headers: { 'Content-Type': `text/plain${evil}` } })],
    [
      'an HttpError',
      (evil) => {
        throw new HttpError(400, 'x', { headers: { 'X-A': `a${evil}b` } })
      },
    ],
    ['a status', (evil) => new HttpResponse('x', { status: `200${evil}` as unknown as number })],
    [
      'a status set later',
      (evil) => Object.assign(respond.text('x'), { status: `200 OK${evil}` as unknown as number }),
    ],
    ['a length', (evil) => new HttpResponse('x', { headers: { 'Content-Length': `1${evil}` } })],
  ])('through %s is a 500 told to the observer, and none of it goes out', async (_name, make) => {
    for (const evil of EVIL) {
      const failures: unknown[] = []
      const server = createServer(() => make(evil), {
        observer: { onError: (error) => failures.push(error) },
      })
      const { text, responses, malformed } = await server.inject(get('/') + get('/', CLOSE))
      expect(malformed).toBeNull()
      expect(responses.map(({ status }) => status)).toEqual([500, 500])
      expect(text).not.toMatch(/evil|<script>|\0/)
      expect(failures).toHaveLength(2)
    }
  })

  test('through trailers and interim responses is refused as well', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x')
    }
    for (const evil of EVIL) {
      const trailers = createServer(
        () => new HttpResponse(pieces(), { trailers: () => new HttpHeaders({ 'X-T': `a${evil}b` }) }),
      )
      const cut = await trailers.inject(get('/'))
      expect(cut.text).not.toMatch(/evil|<script>|X-T/)
      expect(cut.malformed).not.toBeNull()
      const informing = createServer((request) => {
        request.inform(103, { Link: `a${evil}b` })
        return respond.text('x')
      })
      expect(statuses((await informing.inject(get('/', CLOSE))).text)).toEqual([500])
    }
  })
})

describe('an Upgrade', () => {
  test.each(['h2c', 'TLS/1.0', 'websocket', 'foo/1, bar/2'])(
    'to %s that nobody speaks is ignored',
    async (protocol) => {
      const server = createServer(path)
      const more = `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAMAAABk\r\n`
      const { text } = await server.inject(get('/a', more) + get('/b', CLOSE))
      expect(statuses(text)).toEqual([200, 200])
      expect(text).not.toMatch(/upgrade/i)
    },
  )

  test('without the connection option, or in HTTP/1.0, is none (RFC 9110 §7.8)', async () => {
    let asked = 0
    const server = createServer(path, {
      upgrade: (_request, stream) => {
        asked++
        stream.destroy()
      },
    })
    await server.inject(get('/', 'Upgrade: x\r\n'))
    await server.inject('GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n')
    expect(asked).toBe(0)
  })

  test('after pipelined requests comes after their answers', async () => {
    await using started = await start(path, {
      upgrade: (_request, stream) =>
        stream.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nnew'),
    })
    const client = await started.connect()
    client.write(`${get('/1')}${get('/2')}${get('/', 'Connection: upgrade\r\nUpgrade: x\r\n')}`)
    const text = (await client.readAll()).toString()
    expect(statuses(text)).toEqual([200, 200, 101])
    expect(text.endsWith('new')).toBe(true)
  })
})

describe('an empty packet', () => {
  test('is no end, no request and no error, wherever it comes', async () => {
    const server = createServer(async (request) => respond.text(await request.text()))
    const empty = new Uint8Array(0)
    const bytes = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello'
    const pieces = [...bytes].flatMap((byte) => [empty, byte])
    const { responses, malformed } = await server.inject([...pieces, empty])
    expect(malformed).toBeNull()
    expect(responses.map((response) => response.text())).toEqual(['hello'])
  })
})

describe('over TLS', () => {
  test('a client that goes without close_notify in every state harms nobody', async () => {
    await using started = await startTls(async (request) => {
      await request.bytes()
      return new HttpResponse(Buffer.alloc(300_000))
    })
    const states = ['', 'GET / H', get('/'), 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc']
    for (const bytes of states) {
      for (const leave of ['reset', 'end'] as const) {
        const socket = connect({ port: started.port, host: '127.0.0.1' })
        const client = await started.connect({ tls: { socket } })
        if (bytes !== '') client.write(bytes)
        await aMoment(10)
        if (leave === 'reset') socket.resetAndDestroy()
        else socket.end() // a FIN of TCP, with none of TLS before it
        await aMoment(10)
        client.destroy()
      }
    }
    await until(() => started.server.connections.length === 0, 'all to be gone')
    const client = await started.connect()
    client.write(get('/', CLOSE))
    expect((await client.readResponse()).body).toHaveLength(300_000)
  })

  test('a client that ends its side after its request gets the whole answer', async () => {
    await using started = await startTls(async () => {
      await aMoment()
      return new HttpResponse(Buffer.alloc(1_000_000))
    })
    const client = await started.connect()
    client.write(get('/'))
    client.end()
    expect((await client.readResponse()).body).toHaveLength(1_000_000)
    expect(await client.closed()).toBe('ended')
  })
})
