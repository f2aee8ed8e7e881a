import { HttpError, respond } from '@tsws/http'
import type { Middleware } from '@tsws/http'
import { connectRaw, withServer } from '@tsws/testing'
import * as zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { startServer } from '../src/index.ts'
import type { RunningServer, ServerConfig } from '../src/index.ts'

const TEXT = 'the same line again and again\n'.repeat(2000)
const CODED = {
  gzip: zlib.gzipSync(TEXT),
  br: zlib.brotliCompressSync(TEXT),
  zstd: zlib.zstdCompressSync(TEXT),
}

/** Says what it was sent: fields about the body, and the body. */
const echo: Middleware = async (request) => {
  if (request.method === 'GET') return respond.text('still here')
  const bytes = Buffer.from(await request.bytes())
  const coding = request.headers.get('content-encoding')
  const length = request.headers.get('content-length')
  return respond.json({ coding, length, body: bytes.toString('latin1') })
}

const on: ServerConfig = { port: 0, middleware: [echo], decodeRequests: {} }
const post = (coding: string, body: Uint8Array, more = ''): Buffer =>
  Buffer.concat([
    Buffer.from(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n${more}\r\n`,
    ),
    body,
  ])
const chunked = (coding: string, body: Uint8Array): Buffer => {
  const pieces = [
    Buffer.from(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: ${coding}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ),
  ]
  for (let at = 0; at < body.length; at += 37) {
    const piece = body.subarray(at, at + 37)
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), Buffer.from(piece), Buffer.from('\r\n'))
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')])
}
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

describe('with request decoding', () => {
  test.each(Object.entries(CODED))(
    'a handler reads a body sent in %s plain, and the next request of the connection is answered',
    async (coding, body) => {
      await withServer(
        () => startServer(on),
        async ({ port }) => {
          for (const message of [post(coding, body), chunked(coding, body)]) {
            using client = await connectRaw(port)
            client.write(Buffer.concat([message, Buffer.from(GET)]))
            const answer = await client.readResponse()
            expect(answer.status).toBe(200)
            expect(JSON.parse(answer.text())).toEqual({ coding: null, length: null, body: TEXT })
            expect((await client.readResponse()).text()).toBe('still here')
          }
        },
      )
    },
  )

  // RFC 9110 §15.5.16, §12.5.3
  test.each(['deflate', 'gzip, br', 'aws-chunked'])(
    'a body in %s is refused with 415 and the codings that would do',
    async (coding) => {
      await withServer(
        () => startServer(on),
        async ({ port }) => {
          using client = await connectRaw(port)
          client.write(post(coding, Buffer.from('x')))
          const answer = await client.readResponse()
          expect([answer.status, answer.get('accept-encoding')]).toEqual([415, 'br, zstd, gzip'])
          expect(answer.get('x-content-type-options')).toBe('nosniff')
        },
      )
    },
  )

  test('a client that waits for 100 is told 415 before it sends a byte', async () => {
    await withServer(
      () => startServer(on),
      async ({ port }) => {
        using client = await connectRaw(port)
        client.write(
          'POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: compress\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n',
        )
        expect((await client.readResponse()).status).toBe(415)
      },
    )
  })

  test.each([
    ['gzip', zlib.gzipSync(Buffer.alloc(50_000_000))],
    [
      'br',
      zlib.brotliCompressSync(Buffer.alloc(50_000_000), {
        params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 },
      }),
    ],
    ['zstd', zlib.zstdCompressSync(Buffer.alloc(50_000_000))],
  ])('a bomb in %s is 413, and little of it was decoded', async (coding, bomb) => {
    const seen: unknown[] = []
    let read = 0
    const reads: Middleware = async (request) => {
      try {
        for await (const piece of request.body as AsyncIterable<Uint8Array>) read += piece.length
      } catch (error) {
        seen.push(error instanceof HttpError ? error.status : error)
        throw error
      }
      return respond.empty()
    }
    await withServer(
      () => startServer({ ...on, middleware: [reads] }),
      async ({ port }) => {
        using client = await connectRaw(port)
        client.write(post(coding, bomb))
        expect((await client.readResponse()).status).toBe(413)
      },
    )
    expect(seen).toEqual([413])
    expect(read).toBeLessThan(8_000_000)
  })

  test('what is no gzip is 400, and so is what ends early', async () => {
    await withServer(
      () => startServer(on),
      async ({ port }) => {
        for (const body of [Buffer.from('plain text'), CODED.gzip.subarray(0, -9)]) {
          using client = await connectRaw(port)
          client.write(post('gzip', body))
          expect((await client.readResponse()).status).toBe(400)
        }
      },
    )
  })

  test('options are those of decodeRequests', async () => {
    await withServer(
      () => startServer({ ...on, decodeRequests: { codings: ['gzip'], maxBytes: 1000 } }),
      async ({ port }) => {
        for (const [coding, status] of [
          ['br', 415],
          ['gzip', 413],
        ] as const) {
          using client = await connectRaw(port)
          client.write(post(coding, CODED[coding]))
          expect((await client.readResponse()).status).toBe(status)
        }
      },
    )
    await expect(startServer({ ...on, decodeRequests: { maxRatio: 0 } })).rejects.toThrow(TypeError)
  })
})

test('without it a body reaches the handler as it was sent, with the field that says how', async () => {
  await withServer(
    (): Promise<RunningServer> => startServer({ port: 0, middleware: [echo] }),
    async ({ port }) => {
      using client = await connectRaw(port)
      client.write(post('gzip', CODED.gzip))
      const { coding, length, body } = JSON.parse((await client.readResponse()).text()) as Record<
        string,
        string
      >
      expect([coding, length]).toEqual(['gzip', String(CODED.gzip.length)])
      expect(Buffer.from(body as string, 'latin1')).toEqual(CODED.gzip)
    },
  )
})
