import { BodyTooLarge, fakeExchange, fakeFacts } from '@tsws/testing'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HttpError, HttpRequest } from '../src/index.ts'
import type { Exchange } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A piece that comes in a later turn. */
const later = (text: string): Promise<Uint8Array> =>
  new Promise((resolve) => setImmediate(() => resolve(bytesOf(text))))

const READERS: readonly (readonly [string, (request: HttpRequest) => Promise<unknown>])[] = [
  ['bytes', (request) => request.bytes()],
  ['text', (request) => request.text()],
  ['json', (request) => request.json()],
  [
    'body',
    async (request) => {
      for await (const piece of request.body ?? []) void piece
    },
  ],
]

describe('a request without a body', () => {
  test('has null for a body, and empty bytes and text', async () => {
    const exchange = fakeExchange()
    const request = new HttpRequest(fakeFacts(), exchange)
    expect(request.hasBody).toBe(false)
    expect(request.body).toBe(null)
    expect(await request.bytes()).toEqual(new Uint8Array(0))
    expect(await request.text()).toBe('')
    expect(exchange.reads).toBe(0)
  })

  test('can be asked for it as often as one likes, as in Fetch: there is nothing to use up', async () => {
    const request = fakeRequest()
    await request.text()
    expect(await request.bytes()).toEqual(new Uint8Array(0))
    expect(request.bodyUsed).toBe(false)
  })

  test('is not JSON', async () => {
    await expect(fakeRequest().json()).rejects.toMatchObject({ status: 400, code: 'ERR_INVALID_JSON' })
  })
})

describe.each([
  ['at once in one piece', ['{"a":1}']],
  ['at once in pieces', ['{"a"', ':', '1}']],
  ['later in one piece', [later('{"a":1}')]],
  ['later in pieces', [later('{"a"'), later(':1'), later('}')]],
  ['partly at once', ['{"a"', later(':1'), '}']],
])('a body that is here %s', (_how, pieces) => {
  const make = (): HttpRequest => fakeRequest({ pieces: [...pieces] })

  test('is read whole as bytes', async () => {
    expect(new TextDecoder().decode(await make().bytes())).toBe('{"a":1}')
  })

  test('is read whole as text', async () => {
    expect(await make().text()).toBe('{"a":1}')
  })

  test('is read whole as JSON', async () => {
    expect(await make().json()).toEqual({ a: 1 })
  })

  test('is read piece by piece', async () => {
    const seen: string[] = []
    for await (const piece of make().body ?? []) seen.push(new TextDecoder().decode(piece))
    expect(seen).toHaveLength(pieces.length)
    expect(seen.join('')).toBe('{"a":1}')
  })
})

describe('a body of declared length that came in one piece', () => {
  test('is that piece and no copy of it, and the exchange has seen its end', async () => {
    const piece = bytesOf('hello')
    const exchange = fakeExchange({ pieces: [piece] })
    expect(await new HttpRequest(fakeFacts(), exchange).bytes()).toBe(piece)
    expect(exchange.reads).toBe(2)
  })
})

describe('a body whose end comes with its last byte', () => {
  test('gives the trailers after it, and null before', async () => {
    const request = fakeRequest({ pieces: ['x', 'y'], bodyLength: -1, trailers: { 'X-Sum': '9' } })
    expect(request.hasBody).toBe(true)
    expect(request.trailers).toBe(null)
    await request.bytes()
    expect(request.trailers?.get('x-sum')).toBe('9')
  })

  test('may have no byte at all', async () => {
    const request = fakeRequest({ pieces: [], bodyLength: -1 })
    expect(request.hasBody).toBe(true)
    expect(await request.bytes()).toEqual(new Uint8Array(0))
    expect(request.trailers).toBe(null)
  })
})

describe('a body is read once', () => {
  for (const [first, readFirst] of READERS)
    for (const [second, readSecond] of READERS) {
      test(`${second} after ${first} is a TypeError that says so`, async () => {
        const request = fakeRequest({ pieces: ['{}'] })
        expect(request.bodyUsed).toBe(false)
        await readFirst(request)
        expect(request.bodyUsed).toBe(true)
        await expect(readSecond(request)).rejects.toThrow(TypeError)
        await expect(readSecond(request)).rejects.toMatchObject({
          code: 'ERR_BODY_USED',
          message: expect.stringContaining('only once'),
        })
      })
    }

  test('also at the same time', async () => {
    const request = fakeRequest({ pieces: [later('{}')] })
    const first = request.text()
    await expect(request.text()).rejects.toThrow(TypeError)
    expect(await first).toBe('{}')
  })

  test('asking for body without reading it uses nothing up', async () => {
    const request = fakeRequest({ pieces: ['x'] })
    expect(request.body).toBe(request.body)
    expect(request.bodyUsed).toBe(false)
    expect(await request.text()).toBe('x')
  })

  test('leaving the loop early counts as read, and leaves the rest where it is', async () => {
    const exchange = fakeExchange({ pieces: ['a', 'b', 'c'] })
    const request = new HttpRequest(fakeFacts(), exchange)
    for await (const piece of request.body ?? []) {
      expect(piece).toEqual(bytesOf('a'))
      break
    }
    expect(exchange.reads).toBe(1)
    await expect(request.text()).rejects.toThrow(TypeError)
  })

  test('a second read that is refused does not move the limit of the first', async () => {
    const request = fakeRequest({ pieces: [later('x')] })
    const before = request.maxBodyBytes
    const first = request.text()
    await expect(request.text({ limit: 0 })).rejects.toThrow(TypeError)
    expect(request.maxBodyBytes).toBe(before)
    expect(await first).toBe('x')
  })
})

describe('the limit of a body', () => {
  test('starts as the server’s and can be moved by a layer', () => {
    const exchange = fakeExchange()
    exchange.maxBodyBytes = 77
    const request = new HttpRequest(fakeFacts(), exchange)
    expect(request.maxBodyBytes).toBe(77)
    request.maxBodyBytes = 5
    expect(exchange.maxBodyBytes).toBe(5)
  })

  test.each(['bytes', 'text', 'json'] as const)('can be given to %s', async (reader) => {
    const small = fakeRequest({ pieces: ['"12', '34"'] })
    await expect(small[reader]({ limit: 5 })).rejects.toBeInstanceOf(BodyTooLarge)
    await expect(fakeRequest({ pieces: ['"12', '34"'] })[reader]({ limit: 6 })).resolves.toBeDefined()
  })

  test('stays as it was where no limit is given', async () => {
    const request = fakeRequest({ pieces: ['x'] })
    request.maxBodyBytes = 10
    await request.bytes({})
    expect(request.maxBodyBytes).toBe(10)
  })
})

describe('a body that fails', () => {
  const failure = new HttpError(400, 'broken chunk')

  test.each(READERS)('at once fails %s with that error', async (_reader, read) => {
    await expect(read(fakeRequest({ pieces: [failure], bodyLength: -1 }))).rejects.toBe(failure)
    await expect(read(fakeRequest({ pieces: ['x', failure], bodyLength: -1 }))).rejects.toBe(failure)
  })

  test.each(READERS)('later fails %s with that error', async (_reader, read) => {
    const rejection = Promise.reject(failure)
    rejection.catch(() => {})
    await expect(read(fakeRequest({ pieces: [later('x'), rejection] }))).rejects.toBe(failure)
  })
})

describe('text', () => {
  test('is UTF-8, without a byte order mark, with U+FFFD for what is none', async () => {
    expect(await fakeRequest({ pieces: [bytesOf('\ufeffé')] }).text()).toBe('é')
    expect(await fakeRequest({ pieces: [Uint8Array.of(0x61, 0xff)] }).text()).toBe('a\ufffd')
  })

  test('of a character split over two pieces is whole', async () => {
    const [first, second] = [bytesOf('é').subarray(0, 1), bytesOf('é').subarray(1)]
    expect(await fakeRequest({ pieces: [first, second] }).text()).toBe('é')
  })
})

describe('json', () => {
  test.each(['', '{', '{"a":1,}', "{'a':1}", 'undefined', '{"a":1} x'])(
    'of %j is a 400 that says why',
    async (text) => {
      const error = await fakeRequest({ pieces: [text], bodyLength: -1 })
        .json()
        .catch((error: unknown) => error)
      expect(error).toBeInstanceOf(HttpError)
      expect(error).toMatchObject({ status: 400, code: 'ERR_INVALID_JSON' })
      expect((error as HttpError).message).toMatch(/^the body is not JSON: ./)
      expect((error as HttpError).cause).toBeInstanceOf(SyntaxError)
    },
  )

  test('with __proto__ does not reach the prototype', async () => {
    const value = await fakeRequest({ pieces: ['{"__proto__":{"admin":true}}'] }).json()
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect((value as { admin?: boolean }).admin).toBe(undefined)
  })
})

test('any cut of a body into pieces, here or later, with or without a declared length, gives its bytes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.boolean()), { maxLength: 8 }),
      fc.boolean(),
      async (cut, declared) => {
        const whole = Buffer.concat(cut.map(([bytes]) => bytes))
        const request = fakeRequest({
          pieces: cut.map(([bytes, isLater]) => (isLater ? Promise.resolve(bytes) : bytes)),
          bodyLength: declared ? whole.length : -1,
        })
        expect(Buffer.compare(await request.bytes(), whole)).toBe(0)
      },
    ),
  )
})

test('what is collected is memory of its own, as large as the body', async () => {
  for (const bodyLength of [3000, -1]) {
    const pieces = Array.from({ length: 30 }, () => new Uint8Array(100).fill(7))
    const bytes = await fakeRequest({ pieces, bodyLength }).bytes()
    expect(bytes).toEqual(new Uint8Array(3000).fill(7))
    expect(bytes.buffer.byteLength).toBe(3000)
    pieces[0]?.fill(0)
    expect(bytes[0]).toBe(7)
  }
})

test('a body of a great many tiny pieces does not keep the memory they came in', async () => {
  // One byte a chunk, as a client may send them: each piece keeps the packet alive that it is a view on.
  const COUNT = 20_000
  const PACKET = 16 * 1024
  let given = 0
  const exchange: Exchange = {
    ...fakeExchange(),
    bodyLength: -1,
    readBody: () => (given++ === COUNT ? null : new Uint8Array(PACKET).subarray(0, 1)),
  }
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  const watched: Exchange = {
    ...exchange,
    readBody: () => {
      if (given % 1000 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before)
      return exchange.readBody()
    },
  }
  expect(await new HttpRequest(fakeFacts(), watched).bytes()).toHaveLength(COUNT)
  // Kept pieces would be COUNT × PACKET = 312 MiB; what the collector has not freed yet is some of that.
  expect(most).toBeLessThan((COUNT * PACKET) / 2)
})
