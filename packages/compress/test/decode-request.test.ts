import { HttpResponse, respond } from '@tsws/http'
import type { Handler, HttpRequest } from '@tsws/http'
import * as zlib from 'node:zlib'
import { expect, test } from 'vitest'
import { AVAILABLE_CODINGS, decodeRequests } from '../src/index.ts'
import { request, sampleText } from './exchange.ts'

const TEXT = sampleText(50_000)
const CODERS = {
  gzip: (text: string) => zlib.gzipSync(text),
  br: (text: string) =>
    zlib.brotliCompressSync(text, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: (text: string) => zlib.zstdCompressSync(text),
}
const layer = decodeRequests()
const echo: Handler = async (request) => respond.text(await request.text())

const post = (coding: string, body: Uint8Array, pieces = 1, maxBodyBytes = 1024 * 1024): HttpRequest => {
  const size = Math.max(1, Math.ceil(body.length / pieces))
  const parts = Array.from({ length: Math.ceil(body.length / size) }, (_, i) =>
    body.subarray(i * size, (i + 1) * size),
  )
  return request({
    method: 'POST',
    headers: {
      'Content-Encoding': coding,
      'Content-Length': String(body.length),
      'Content-Type': 'text/plain',
    },
    body: parts,
    maxBodyBytes,
  })
}

test.each(AVAILABLE_CODINGS)('%s: a handler reads the plain body, however it was cut', async (coding) => {
  for (const pieces of [1, 3, 500]) {
    const response = await layer(post(coding, CODERS[coding](TEXT), pieces), echo)
    expect(response.body === TEXT).toBe(true)
  }
})

test('a handler sees no field about the coded bytes, and all the others', async () => {
  await layer(post('gzip', CODERS.gzip(TEXT)), async (inner) => {
    expect([...inner.headers]).toEqual([['content-type', 'text/plain']])
    expect(inner.hasBody).toBe(true)
    expect(Buffer.from(await inner.bytes()).toString() === TEXT).toBe(true)
    return respond.empty()
  })
})

test('what layers share stays shared: state, id, address, signal', async () => {
  const outer = post('gzip', CODERS.gzip(TEXT))
  outer.id = 'from-outside'
  outer.remoteAddress = '192.0.2.1'
  await layer(outer, (inner) => {
    expect([inner.id, inner.remoteAddress, inner.method, inner.target]).toEqual([
      'from-outside',
      '192.0.2.1',
      'POST',
      '/',
    ])
    expect(inner.signal).toBe(outer.signal)
    inner.state.set('key', 'value')
    return respond.empty()
  })
  expect(outer.state.get('key')).toBe('value')
})

test.each(['x-gzip', 'GZIP', 'identity, gzip'])('%s is gzip', async (coding) => {
  expect((await layer(post(coding, CODERS.gzip(TEXT)), echo)).body === TEXT).toBe(true)
})

test.each(['identity', ''])('Content-Encoding %j changes nothing', async (coding) => {
  const outer = post(coding, Buffer.from(TEXT))
  await layer(outer, (inner) => {
    expect(inner).toBe(outer)
    return respond.empty()
  })
})

// RFC 9110 §15.5.16
test.each(['deflate', 'gzip, gzip', 'br, gzip', 'snappy'])(
  '%s is refused with 415 and what would do',
  (coding) => {
    const handler: Handler = () => {
      throw new Error('must not be asked')
    }
    let thrown: unknown
    try {
      void layer(post(coding, CODERS.gzip(TEXT)), handler)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ status: 415, code: 'ERR_UNSUPPORTED_CONTENT_CODING' })
    expect((thrown as { headers: Headers }).headers.get('accept-encoding')).toBe(AVAILABLE_CODINGS.join(', '))
  },
)

test.each(AVAILABLE_CODINGS)(
  '%s: a body beyond the limit fails with 413 before it is all decoded',
  async (coding) => {
    const bomb = CODERS[coding]('\0'.repeat(20_000_000))
    await expect(layer(post(coding, bomb, 1, 100_000), echo)).rejects.toMatchObject({
      status: 413,
      code: 'ERR_BODY_TOO_LARGE',
    })
  },
)

test.each(AVAILABLE_CODINGS)('%s: a bomb within a generous limit fails by its ratio', async (coding) => {
  const bomb = CODERS[coding]('\0'.repeat(20_000_000))
  let most = 0
  const handler: Handler = async ({ body }) => {
    for await (const piece of body as AsyncIterable<Uint8Array>) most += piece.length
    return respond.empty()
  }
  await expect(layer(post(coding, bomb, 20, 1e9), handler)).rejects.toMatchObject({
    status: 413,
    code: 'ERR_COMPRESSION_RATIO',
  })
  expect(most).toBeLessThan(15_000_000)
})

test('the limits of the option and of the handler count', async () => {
  const body = CODERS.gzip(TEXT)
  await expect(decodeRequests({ maxBytes: 49_999 })(post('gzip', body), echo)).rejects.toMatchObject({
    status: 413,
  })
  const strict: Handler = async (request) => new HttpResponse(await request.bytes({ limit: 1000 }))
  await expect(layer(post('gzip', body), strict)).rejects.toMatchObject({ status: 413 })
  expect((await decodeRequests({ maxBytes: 50_000 })(post('gzip', body), echo)).status).toBe(200)
})

test.each(AVAILABLE_CODINGS)('%s: what is damaged or ends early fails with 400', async (coding) => {
  const whole = CODERS[coding](TEXT)
  const damaged = Buffer.from(whole)
  damaged.fill(0xff, 0, 8)
  for (const body of [whole.subarray(0, whole.length - 20), damaged, Buffer.from('plain text')]) {
    await expect(layer(post(coding, body), echo)).rejects.toMatchObject({
      status: 400,
      code: 'ERR_INVALID_CONTENT_CODING',
    })
  }
})

test('a body that nobody reads is not decoded', async () => {
  const outer = post('gzip', Buffer.from('no gzip at all'))
  expect((await layer(outer, () => respond.empty())).status).toBe(204)
  expect(outer.bodyUsed).toBe(false)
})

test.each([{ maxBytes: -1 }, { maxRatio: 0.5 }, { codings: ['deflate' as 'gzip'] }])(
  'a bad option %j is refused',
  (options) => {
    expect(() => decodeRequests(options)).toThrow(TypeError)
  },
)
