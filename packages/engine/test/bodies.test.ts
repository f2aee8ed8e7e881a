import { HttpError, HttpResponse, respond } from '@tsws/http'
import type { Handler, HttpRequest } from '@tsws/http'
import { describe, expect, test } from 'vitest'
import { createServer } from '../src/index.ts'
import { aMoment, start, until } from './start.ts'

const echo: Handler = async (request) => new HttpResponse(await request.bytes())

const post = (length: number, more = ''): string =>
  `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n${more}\r\n`
const CHUNKED = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
const GET_CLOSE = 'GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

describe('a request body', () => {
  test('comes whole through every cut of the bytes', async () => {
    const server = createServer(async (request) => respond.text(`${await request.text()}|`))
    const bytes = `${CHUNKED}3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-T: 1\r\n\r\n${post(4)}wxyz${GET_CLOSE}`
    const whole = (await server.inject(bytes)).text.replaceAll(/Date: [^\r]*/g, '')
    expect(whole.match(/abcde\||wxyz\|/g)).toEqual(['abcde|', 'wxyz|'])
    for (let cut = 1; cut < bytes.length; cut++) {
      const { text } = await server.inject([bytes.slice(0, cut), bytes.slice(cut)])
      expect(text.replaceAll(/Date: [^\r]*/g, '')).toBe(whole)
    }
    const drip = await server.inject([...bytes])
    expect(drip.text.replaceAll(/Date: [^\r]*/g, '')).toBe(whole)
  })

  test('with trailers shows them after its end', async () => {
    const server = createServer(async (request) => {
      const before = request.trailers
      await request.text()
      return respond.json([before, request.trailers?.get('x-sum')])
    })
    const { text } = await server.inject(`${CHUNKED}1\r\na\r\n0\r\nX-Sum: 42\r\n\r\n`)
    expect(text.endsWith('[null,"42"]')).toBe(true)
  })

  test('can be pulled piece by piece, and holds the client back while it is not', async () => {
    let step = (): void => {}
    const started = await start(async (request) => {
      let size = 0
      for await (const piece of request.body ?? []) {
        size += piece.length
        await new Promise<void>((resolve) => {
          step = resolve
        })
      }
      return respond.text(String(size))
    })
    await using _ = started
    const client = await started.connect()
    const size = 8_000_000
    client.write(post(size))
    client.write(Buffer.alloc(size))
    await aMoment(100)
    const held = started.server.connections[0]?.bytesRead ?? 0
    expect(held).toBeLessThan(1_000_000) // what fits into buffers, not what was sent
    const pump = setInterval(() => step(), 0)
    const response = await client.readResponse()
    clearInterval(pump)
    expect(response.text()).toBe(String(size))
  })

  test.each([
    ['declared', post(11) + 'hello world'],
    ['chunked', `${CHUNKED}b\r\nhello world\r\n0\r\n\r\n`],
  ])('that is larger than maxBodyBytes fails with 413 where it is read (%s)', async (_name, bytes) => {
    const server = createServer(echo, { maxBodyBytes: 10 })
    const { text } = await server.inject(bytes + GET_CLOSE)
    expect(text).toMatch(/^HTTP\/1.1 413 Content Too Large\r\n/)
    expect(text).toContain('Connection: close')
    expect(text.match(/HTTP\/1.1 /g)).toHaveLength(1)
  })

  test('may be larger where the handler says so', async () => {
    const server = createServer(async (request) => respond.text(await request.text({ limit: 20 })), {
      maxBodyBytes: 10,
    })
    expect((await server.inject(post(11) + 'hello world')).text.endsWith('hello world')).toBe(true)
  })

  test('that nobody reads is read past, and the next request is served', async () => {
    const server = createServer(() => respond.text('x'))
    const { text } = await server.inject([
      post(41),
      'GET /not-a-request HTTP/1.1\r\nHost: aaaa\r\n\r\n'.slice(0, 41),
      GET_CLOSE,
    ])
    expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(2)
  })

  test('that nobody reads and that is longer than maxDiscardBytes closes the connection', async () => {
    const server = createServer(() => respond.text('x'), { maxDiscardBytes: 100 })
    const declared = await server.inject([post(101), 'x'.repeat(101) + GET_CLOSE])
    expect(declared.text.match(/HTTP\/1.1 200/g)).toHaveLength(1)
    expect(declared.text).toContain('Connection: close')
    const chunked = await server.inject([CHUNKED, `${'65\r\n'}${'x'.repeat(101)}\r\n0\r\n\r\n${GET_CLOSE}`])
    expect(chunked.text.match(/HTTP\/1.1 200/g)).toHaveLength(1)
  })

  const BROKEN = [
    ['a bad chunk size', `${CHUNKED}zz\r\n`],
    ['a chunk without its CRLF', `${CHUNKED}3\r\nabcXX`],
    ['a forbidden trailer', `${CHUNKED}0\r\nContent-Length: 3\r\n\r\n`],
    ['an end before the last chunk', `${CHUNKED}3\r\nabc\r\n`],
    ['an end before its length', `${post(10)}abc`],
  ] as const

  test.each(BROKEN)(
    'with %s is a 400 and the end, whatever the handler does with it',
    async (_name, bytes) => {
      const server = createServer(echo)
      const { text } = await server.inject(bytes)
      expect(text).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
      expect(text).toContain('Connection: close')
      const swallows = createServer(async (request) => {
        await request.bytes().catch(() => {})
        return respond.text('fine')
      })
      const swallowed = await swallows.inject(bytes)
      expect(swallowed.text).toMatch(/^HTTP\/1.1 200 OK\r\n/)
      expect(swallowed.text).toContain('Connection: close')
    },
  )

  test.each(BROKEN)(
    'that nobody reads, with %s, ends the connection without a second answer to one request',
    async (_name, bytes) => {
      const server = createServer(() => respond.text('x'))
      for (const pieces of [[bytes], [...bytes]]) {
        const { text } = await server.inject(pieces)
        expect(text.match(/HTTP\/1.1 /g)).toHaveLength(1)
        expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\nx$/)
      }
    },
  )

  test('of a request that is over cannot be read any more, and takes nothing from the next', async () => {
    let kept: HttpRequest | null = null
    const server = createServer(async (request) => {
      if (request.pathname === '/first') {
        kept = request
        return respond.text('one')
      }
      await expect((kept as HttpRequest).bytes()).rejects.toThrow(/closed|over/)
      return respond.text(await request.text())
    })
    const first = 'POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n'
    const { text } = await server.inject([first, 'stale' + post(5) + 'fresh'])
    expect(text.endsWith('\r\n\r\nfresh')).toBe(true)
  })
})

describe('Expect: 100-continue', () => {
  test('is answered when the body is first read, and not before', async () => {
    let read = (): void => {}
    const gate = new Promise<void>((resolve) => {
      read = resolve
    })
    await using started = await start(async (request) => {
      await gate
      return respond.text(await request.text())
    })
    const client = await started.connect()
    client.write(post(5, 'Expect: 100-continue\r\n'))
    await aMoment()
    expect(client.received).toHaveLength(0)
    read()
    await client.receivedBytes(25)
    expect(client.received.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    client.write('hello')
    expect((await client.readResponse()).text()).toBe('hello')
  })

  test('is left out when the body is here already', async () => {
    const server = createServer(echo)
    expect((await server.inject(`${post(5, 'Expect: 100-continue\r\n')}hello`)).text).toMatch(
      /^HTTP\/1.1 200/,
    )
  })

  test('with an answer that does not read the body closes the connection: nobody can tell what comes next', async () => {
    const server = createServer(() => {
      throw new HttpError(403)
    })
    const { text } = await server.inject([post(5, 'Expect: 100-continue\r\n'), GET_CLOSE])
    expect(text).toMatch(/^HTTP\/1.1 403 /)
    expect(text).toContain('Connection: close')
    expect(text.match(/HTTP\/1.1 /g)).toHaveLength(1)
  })

  test.each(['100-continue, more', 'more'])(
    'beside what is unknown (%s) is 417, and the end where the body has not come: nobody can tell what comes next',
    async (expectation) => {
      const server = createServer(echo)
      const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: ${expectation}\r\n\r\n`
      const waits = await server.inject([head, GET_CLOSE])
      expect(waits.text).toMatch(/^HTTP\/1.1 417 /)
      expect(waits.text).toContain('Connection: close')
      expect(waits.text.match(/HTTP\/1.1 /g)).toHaveLength(1)
      const sends = await server.inject([`${head}12345`, GET_CLOSE])
      expect(sends.text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 417', 'HTTP/1.1 200'])
    },
  )

  test('in another form is 417', async () => {
    const server = createServer(echo)
    expect((await server.inject(`${post(2, 'Expect: the-best\r\n')}ab`)).text).toMatch(/^HTTP\/1.1 417 /)
  })
})

test('a signal aborts when the client goes, and reading the body fails with ERR_CLIENT_GONE', async () => {
  let reason: unknown
  let failure: { code?: string } = {}
  await using started = await start(async (request) => {
    request.signal.addEventListener('abort', () => {
      reason = request.signal.reason
    })
    try {
      return new HttpResponse(await request.bytes())
    } catch (error) {
      failure = error as { code?: string }
      throw error
    }
  })
  const client = await started.connect()
  client.write(post(10) + 'abc')
  await until(() => started.server.connections[0]?.writing === 'handler', 'the handler to run')
  client.reset()
  await until(() => reason !== undefined && failure.code !== undefined, 'the abort')
  expect(failure.code).toBe('ERR_CLIENT_GONE')
  expect(reason).toMatchObject({ code: 'ERR_CLIENT_GONE' })
})
