import { HttpResponse, respond } from '@tsws/http'
import type { Middleware } from '@tsws/http'
import { connectRaw, tempSite } from '@tsws/testing'
import type { ReadResponse, TempSite } from '@tsws/testing'
import * as zlib from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startServer } from '../src/index.ts'
import type { RunningServer } from '../src/index.ts'

const CODINGS = ['gzip', 'br', 'zstd'] as const
const LINES = Array.from({ length: 80_000 }, (_, line) => `line ${line} of ${(line * 7919) % 1013}\n`).join(
  '',
)
const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(20_000)))

let site: TempSite
let server: RunningServer
beforeAll(async () => {
  site = await tempSite({
    'tiny.txt': 'tiny',
    'small.txt': LINES.slice(0, 5000),
    'page.txt': LINES.slice(0, 60_000),
    'large.txt': LINES,
    'noise.txt': noise,
    'picture.png': noise,
  })
  // The best is no better here: every answer of one content has one length.
  const levels = { gzip: 6, br: 4, zstd: 3 }
  const compress = { levels, cache: { levels } }
  server = await startServer({ root: site.root, port: 0, middleware: [dynamic], compress })
})
afterAll(async () => {
  await server.close({ grace: 0 })
  await site.remove()
})

/** The same kinds of content, made by a handler. */
const dynamic: Middleware = (request, next) => {
  const headers = { 'Content-Type': 'text/plain', ETag: '"v1"' }
  const made: Record<string, () => HttpResponse> = {
    '/text': () => new HttpResponse(LINES.slice(0, 60_000), { headers }),
    '/bytes': () => new HttpResponse(Buffer.from(LINES.slice(0, 60_000)), { headers }),
    '/noise': () => new HttpResponse(noise, { headers }),
    '/stream': () => new HttpResponse(pieces(), { headers }),
    '/vary': () => new HttpResponse(LINES, { headers: { ...headers, Vary: 'Origin' } }),
    '/vary-all': () => new HttpResponse(LINES, { headers: { ...headers, Vary: '*' } }),
    '/empty': () => respond.empty(204),
  }
  return made[request.pathname]?.() ?? next(request)
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < 60_000; at += 7000) yield Buffer.from(LINES.slice(at, Math.min(60_000, at + 7000)))
}

async function ask(path: string, fields: readonly string[] = [], method = 'GET'): Promise<ReadResponse> {
  using client = await connectRaw(server.port, { methods: [method] })
  client.write([`${method} ${path} HTTP/1.1`, 'Host: a', ...fields, '', ''].join('\r\n'))
  return await client.readResponse()
}

function decoded(response: ReadResponse): Buffer {
  const coding = response.get('content-encoding')
  if (coding === 'gzip') return zlib.gunzipSync(response.body)
  if (coding === 'br') return zlib.brotliDecompressSync(response.body)
  if (coding === 'zstd') return zlib.zstdDecompressSync(response.body)
  expect(coding).toBeNull()
  return Buffer.from(response.body)
}

describe('the coding of an answer', () => {
  // RFC 9110 §12.5.3
  test.each<[fields: string[], coding: string | null]>([
    [[], null],
    [['Accept-Encoding:'], null],
    [['Accept-Encoding: gzip'], 'gzip'],
    [['accept-encoding: GZIP'], 'gzip'],
    [['Accept-Encoding: x-gzip'], 'gzip'],
    [['Accept-Encoding: gzip;q=0'], null],
    [['Accept-Encoding: gzip;q=0.001, br;q=0'], 'gzip'],
    [['Accept-Encoding: *'], 'br'],
    [['Accept-Encoding: *;q=0.1, br;q=0'], 'zstd'],
    [['Accept-Encoding: gzip;q=1.001'], null],
    [['Accept-Encoding: gzip;q=0.0000'], null],
    [['Accept-Encoding: gzip;q=1.000, br;q=0.999'], 'gzip'],
    [['Accept-Encoding: gzip \t;\t q=0.5 ,\t br \t; q=0.4'], 'gzip'],
    [['Accept-Encoding: GZIP;Q=0.5, Br;Q=0.9'], 'br'],
    [['Accept-Encoding: gzip, gzip;q=0'], 'gzip'],
    [['Accept-Encoding: gzip;q=0, gzip'], null],
    [['Accept-Encoding: sdch;q=1, exi;q=0.9, gzip;q=0.1'], 'gzip'],
    [['Accept-Encoding: deflate, compress'], null],
    [['Accept-Encoding: gzip;q=0.2', 'Accept-Encoding: br;q=0.1'], 'gzip'],
    [['Accept-Encoding: deflate', 'X-Between: 1', 'Accept-Encoding: zstd'], 'zstd'],
    [['Accept-Encoding: identity;q=1, gzip;q=0.5'], null],
    [['Accept-Encoding: identity;q=0.5, gzip;q=0.5'], 'gzip'],
    [['Accept-Encoding: br;q=0.5, gzip'], 'gzip'],
    [['Accept-Encoding: gzip, br, zstd'], 'br'],
    [['Accept-Encoding: gzip;q=0.5;x=1, ;br, ,,zstd;q=0.4'], 'gzip'],
  ])('%j is %s, for a file and for a handler, and varies', async (fields, coding) => {
    for (const path of ['/page.txt', '/text']) {
      const response = await ask(path, fields)
      expect([path, response.status, response.get('content-encoding')]).toEqual([path, 200, coding])
      expect(response.get('vary')).toBe('Accept-Encoding')
      expect(decoded(response).toString() === LINES.slice(0, 60_000)).toBe(true)
    }
  })

  test.each(['*;q=0', 'identity;q=0', 'identity;q=0, deflate', 'deflate, *;q=0', 'gzip;q=0, *;q=0.000'])(
    '%j leaves nothing: 406, which varies',
    async (accept) => {
      for (const path of ['/page.txt', '/text']) {
        const response = await ask(path, [`Accept-Encoding: ${accept}`])
        expect([response.status, response.get('vary')]).toEqual([406, 'Accept-Encoding'])
      }
    },
  )

  test.each(['gzip, *;q=0', 'identity;q=0, gzip', 'gzip;q=0.1, identity;q=0'])(
    '%j refuses the plain answer, and gets even the smallest coded',
    async (accept) => {
      const response = await ask('/tiny.txt', [`Accept-Encoding: ${accept}`])
      expect([response.status, response.get('content-encoding')]).toEqual([200, 'gzip'])
      expect(decoded(response).toString()).toBe('tiny')
    },
  )

  test('Vary is added to what stands, and `*` says it all', async () => {
    expect((await ask('/vary', ['Accept-Encoding: br'])).get('vary')).toBe('Origin, Accept-Encoding')
    expect((await ask('/vary')).get('vary')).toBe('Origin, Accept-Encoding')
    expect((await ask('/vary-all', ['Accept-Encoding: br'])).get('vary')).toBe('*')
  })

  test('what is packed already, and what has no content, is left alone', async () => {
    const picture = await ask('/picture.png', ['Accept-Encoding: gzip'])
    expect([picture.get('content-encoding'), picture.get('vary')]).toEqual([null, null])
    expect(Buffer.from(picture.body)).toEqual(noise)
    const empty = await ask('/empty', ['Accept-Encoding: gzip'])
    expect([empty.status, empty.get('content-encoding'), empty.get('vary')]).toEqual([204, null, null])
  })
})

/** Fields that speak of the content. */
const about = (response: ReadResponse): Record<string, string | null> =>
  Object.fromEntries(
    ['content-encoding', 'content-length', 'content-type', 'vary', 'etag', 'accept-ranges'].map((name) => [
      name,
      response.get(name),
    ]),
  )

// RFC 9110 §9.3.2
test.each([
  '/tiny.txt',
  '/small.txt',
  '/page.txt',
  '/large.txt',
  '/noise.txt',
  '/picture.png',
  '/text',
  '/bytes',
  '/noise',
  '/stream',
])('HEAD of %s says what GET says, before and after it', async (path) => {
  for (const coding of [...CODINGS, 'identity']) {
    const fields = [`Accept-Encoding: ${coding}`]
    const before = about(await ask(path, fields, 'HEAD'))
    const get = about(await ask(path, fields))
    expect([coding, before]).toEqual([coding, get])
    // What was a stream is kept by now, so that its length is known.
    const { 'content-length': length, ...after } = about(await ask(path, fields, 'HEAD'))
    expect({ 'content-length': get['content-length'] ?? length, ...after }).toEqual({
      ...get,
      'content-length': length,
    })
  }
})

describe('conditions', () => {
  test.each(['/page.txt', '/text'])('a coded copy of %s revalidates by its tag', async (path) => {
    for (const coding of [...CODINGS, 'identity']) {
      const first = await ask(path, [`Accept-Encoding: ${coding}`])
      const tag = first.get('etag') as string
      if (path !== '/text') {
        const second = await ask(path, [`Accept-Encoding: ${coding}`, `If-None-Match: ${tag}`])
        expect([second.status, second.get('etag'), second.get('vary')]).toEqual([304, tag, 'Accept-Encoding'])
        expect(second.get('content-encoding')).toBeNull()
      }
    }
  })

  test('a range is of the plain bytes, whatever the client accepts', async () => {
    const response = await ask('/page.txt', ['Accept-Encoding: br', 'Range: bytes=100-199'])
    expect([response.status, response.get('content-encoding'), response.get('content-range')]).toEqual([
      206,
      null,
      'bytes 100-199/60000',
    ])
    expect(response.text()).toBe(LINES.slice(100, 200))
  })

  test('a range of a coded copy is no range: the whole is sent', async () => {
    const tag = (await ask('/page.txt', ['Accept-Encoding: br'])).get('etag') as string
    const response = await ask('/page.txt', ['Accept-Encoding: br', 'Range: bytes=0-9', `If-Range: ${tag}`])
    expect([response.status, response.get('content-encoding')]).toEqual([200, 'br'])
  })
})

describe('a stream', () => {
  const DECODERS = {
    gzip: () => zlib.createGunzip(),
    br: () => zlib.createBrotliDecompress(),
    zstd: () => zlib.createZstdDecompress(),
  }
  const withEvents = async (
    use: (running: RunningServer, source: { emit: (() => void) | null; ended: number }) => Promise<void>,
  ): Promise<void> => {
    const source: { emit: (() => void) | null; ended: number } = { emit: null, ended: 0 }
    async function* events(): AsyncGenerator<Uint8Array> {
      try {
        for (let event = 0; ; event++) {
          await new Promise<void>((resolve) => {
            source.emit = resolve
          })
          yield Buffer.from(`data: ${event}\n\n`)
        }
      } finally {
        source.ended++
      }
    }
    const sends: Middleware = () =>
      respond.stream(events(), { headers: { 'Content-Type': 'text/event-stream' } })
    const running = await startServer({ port: 0, middleware: [sends] })
    try {
      await use(running, source)
    } finally {
      await running.close({ grace: 0 }) // the stream has no end of its own
    }
  }

  test.each(CODINGS)('of events arrives event by event, over a socket, in %s', async (coding) => {
    await withEvents(async ({ port }, source) => {
      using client = await connectRaw(port)
      const decoder = DECODERS[coding]()
      let seen = ''
      let wire = ''
      decoder.on('data', (bytes: Buffer) => (seen += bytes.toString()))
      client.socket.on('data', (bytes) => {
        wire += bytes.toString('latin1')
        const start = wire.indexOf('\r\n\r\n')
        if (start < 0) return
        // What is left of the chunks that are whole.
        let at = start + 4
        for (;;) {
          const end = wire.indexOf('\r\n', at)
          if (end < 0) break
          const size = Number.parseInt(wire.slice(at, end), 16)
          if (wire.length < end + 2 + size + 2) break
          decoder.write(Buffer.from(wire.slice(end + 2, end + 2 + size), 'latin1'))
          at = end + 2 + size + 2
        }
        wire = wire.slice(0, start + 4) + wire.slice(at)
      })
      client.write(`GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${coding}\r\n\r\n`)
      for (let event = 0; event < 4; event++) {
        await vi.waitFor(() => expect(source.emit).not.toBeNull())
        const emit = source.emit as () => void
        source.emit = null
        emit()
        await vi.waitFor(() =>
          expect(seen).toBe(Array.from({ length: event + 1 }, (_, i) => `data: ${i}\n\n`).join('')),
        )
      }
      expect(wire.toLowerCase()).toContain(`content-encoding: ${coding}`)
    })
  })

  test('whose client leaves is ended, source and compressor', async () => {
    await withEvents(async ({ port }, source) => {
      for (let time = 1; time <= 5; time++) {
        const client = await connectRaw(port)
        client.write('GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n')
        await vi.waitFor(() => expect(source.emit).not.toBeNull())
        client.socket.resetAndDestroy()
        const emit = source.emit as () => void
        source.emit = null
        await new Promise((resolve) => setTimeout(resolve, 30))
        emit() // a generator that waits hears of it when its wait is over
        await vi.waitFor(() => expect(source.ended).toBe(time))
      }
    })
  })
})
