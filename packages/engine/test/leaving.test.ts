import { FileBody, HttpResponse, respond } from '@tsws/http'
import type { Handler } from '@tsws/http'
import type { RawConnection } from '@tsws/testing'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { ConnectionView, HttpServer, ResponseSummary } from '../src/index.ts'
import { aMoment, start, startTls, until } from './start.ts'

// A client may reset or half-close in every state of reading and writing. Each state is brought about,
// seen to be that state, and left; what remains is looked at.

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
const post = (path: string, length: number): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`

type State = [name: string, bytes: string, state: (view: ConnectionView) => boolean, reads?: boolean]

const STATES: State[] = [
  ['before its first byte', '', ({ reading, writing }) => reading === 'idle' && writing === 'idle'],
  ['in a head', 'GET / H', ({ reading }) => reading === 'head'],
  [
    'between two requests',
    get('/'),
    ({ reading, writing, requests }) => requests === 1 && reading === 'idle' && writing === 'idle',
  ],
  [
    'while its request is with the handler',
    get('/hang'),
    ({ reading, writing }) => reading === 'whole' && writing === 'handler',
  ],
  [
    'in a body that is waited for',
    `${post('/read', 9)}abc`,
    ({ reading, writing }) => reading === 'body' && writing === 'handler',
  ],
  [
    'in a body that nobody reads',
    `${post('/hang', 9)}abc`,
    ({ reading, writing }) => reading === 'body' && writing === 'handler',
  ],
  [
    'in a body that is read past',
    `${post('/', 9)}abc`,
    ({ reading, writing }) => reading === 'discard' && writing === 'idle',
  ],
  [
    'in a chunked body',
    'POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
    ({ reading }) => reading === 'body',
  ],
  ['in a stream that waits for its next piece', get('/events'), ({ writing }) => writing === 'body'],
  [
    'in a stream that it does not take',
    get('/endless'),
    ({ writing, bytesHeld }) => writing === 'body' && bytesHeld > 0,
    false,
  ],
  [
    'in a file that it does not take',
    get('/file'),
    ({ writing, bytesHeld }) => writing === 'body' && bytesHeld > 0,
    false,
  ],
  ['in an answer that it does not take', get('/big'), ({ writing }) => writing === 'full', false],
  [
    'with pipelined requests behind',
    get('/hang') + get('/').repeat(5),
    ({ writing, bytesHeld }) => writing === 'handler' && bytesHeld > 0,
  ],
  // With a byte behind it: a client that has sent all it announced is not waited for.
  ['after the last answer', 'GET / HTTP/1.0\r\n\r\nG', ({ writing }) => writing === 'closing'],
  [
    'after bytes that were no request',
    'no http\r\n\r\n',
    ({ writing, reading }) => writing === 'closing' && reading === 'ended',
  ],
]

function stateServer(): { handler: Handler; open: () => number } {
  let open = 0 // bodies that are not closed yet
  async function* endless(piece: Uint8Array, rest: boolean): AsyncGenerator<Uint8Array> {
    open++
    try {
      for (;;) {
        yield piece
        if (rest) await aMoment(100)
      }
    } finally {
      open--
    }
  }
  const handler: Handler = async (request) => {
    switch (request.pathname) {
      case '/hang':
        return new Promise(() => {})
      case '/read':
        return new HttpResponse(await request.bytes())
      case '/events':
        return new HttpResponse(endless(Buffer.from('data: x\n\n'), true))
      case '/endless':
        return new HttpResponse(endless(Buffer.alloc(100_000), false))
      case '/big':
        return new HttpResponse(Buffer.alloc(30_000_000))
      case '/file': {
        open++
        const file = {
          read: async (_buffer: Uint8Array, _offset: number, length: number) => ({ bytesRead: length }),
          close: async () => {
            open--
          },
        }
        return new HttpResponse(new FileBody(file, 0, 1_000_000_000))
      }
      default:
        return respond.text('x')
    }
  }
  return { handler, open: () => open }
}

async function bringInto(
  server: HttpServer,
  client: RawConnection,
  [name, bytes, isState, reads = true]: State,
): Promise<void> {
  if (!reads) client.socket.pause()
  if (bytes !== '') client.write(bytes)
  await until(() => server.connections.some(isState), `a connection ${name}`)
}

describe.each([
  ['TCP', start],
  ['TLS', startTls],
])('a client over %s', (_name, begin) => {
  test.each(STATES)('that resets %s leaves nothing behind', async (...state) => {
    const { handler, open } = stateServer()
    const summaries: ResponseSummary[] = []
    const failures: unknown[] = []
    await using started = await begin(handler, {
      observer: {
        onResponse: (summary) => summaries.push(summary),
        onError: (error) => failures.push(error),
      },
    })
    const wire =
      begin === startTls ? connect({ port: started.port, host: '127.0.0.1', allowHalfOpen: true }) : null
    const client = await started.connect(wire === null ? {} : { tls: { socket: wire } })
    await bringInto(started.server, client, state)
    if (wire === null) client.reset()
    else wire.resetAndDestroy() // a reset is TCP's; TLS has none of its own
    await until(() => started.server.connections.length === 0, 'the connection to be gone')
    await until(() => open() === 0, 'every body to be closed')
    expect(failures).toEqual([]) // a client that leaves is no error
    const next = await started.connect()
    next.write(get('/'))
    expect((await next.readResponse()).text()).toBe('x')
  })
})

describe('a client that ends its side (RFC 9112 §9.6)', () => {
  test.each<[string, string, number[]]>([
    ['before its first byte', '', []],
    ['in a head', 'GET / H', [400]],
    ['between two requests', get('/'), [200]],
    ['while its request is with the handler', get('/slow'), [200]],
    ['in a body that is waited for', `${post('/read', 9)}abc`, [400]],
    ['in a body that nobody reads', `${post('/slow', 9)}abc`, [200]],
    ['in a body that is read past', `${post('/', 9)}abc`, [200]],
    [
      'in a chunked body',
      'POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
      [400],
    ],
    ['in a stream', get('/stream'), [200]],
    ['with pipelined requests behind', get('/slow') + get('/').repeat(3), [200, 200, 200, 200]],
    ['with half a request behind', `${get('/slow')}${get('/')}GET / H`, [200, 200, 400]],
    ['after the last answer', 'GET / HTTP/1.0\r\n\r\n', [200]],
  ])('%s gets what is owed to it, and then our end', async (_name, bytes, statuses) => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < 5; index++) {
        yield Buffer.from('piece')
        await aMoment(10)
      }
    }
    await using started = await start(async (request) => {
      if (request.pathname === '/slow') await aMoment(40)
      if (request.pathname === '/read') return new HttpResponse(await request.bytes())
      return request.pathname === '/stream' ? new HttpResponse(pieces()) : respond.text('x')
    })
    for (const wait of [0, 15]) {
      const client = await started.connect()
      if (bytes !== '') client.write(bytes)
      if (wait > 0) await aMoment(wait)
      client.end()
      expect(await client.closed()).toBe('ended')
      for (const status of statuses) expect((await client.readResponse()).status).toBe(status)
      await expect(client.readResponse()).rejects.toThrow(/closed \(ended\) before a response/)
    }
    await until(() => started.server.connections.length === 0, 'all to be gone')
  })
})
