import { compose, isHttpError, respond } from '@tsws/http'
import type { Handler, HttpResponse } from '@tsws/http'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { rateLimit } from '../src/index.ts'
import type { Counted, RateLimitOptions, StoreFor } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 }))
afterEach(() => void vi.useRealTimers())

const from = (remoteAddress: string | null) => fakeRequest({ connection: { remoteAddress } })

function limited(options: RateLimitOptions, handler: Handler = () => respond.text('in')) {
  const handle = compose([rateLimit(options)], handler)
  return (address: string | null = '192.0.2.1') => handle(from(address)) as HttpResponse
}

/** A store that says what it is told to. */
const says =
  (counted: () => Counted | Promise<Counted>): StoreFor =>
  () => ({ count: counted })

describe('a client', () => {
  test('within the limit is answered, and told what is left and until when', () => {
    const ask = limited({ limit: 2, window: 10, store: says(() => ({ used: 1, resetIn: 4001 })) })
    const response = ask()
    expect(response.body).toBe('in')
    expect(response.headers.get('ratelimit-policy')).toBe('"default";q=2;w=10')
    expect(response.headers.get('ratelimit')).toBe('"default";r=1;t=5')
  })

  test('beyond the limit gets 429, with the seconds to wait, which no cache keeps', () => {
    const store = says(() => ({ used: 3, resetIn: 4001 }))
    const response = limited({ limit: 2, window: 10, name: 'visits', store })()
    expect(response.status).toBe(429)
    expect(response.body).toBe('Too many requests: no more than 2 requests in 10 s. Try again in 5 s.\n')
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'text/plain; charset=utf-8',
      'retry-after': '5',
      'cache-control': 'no-store',
      'ratelimit-policy': '"visits";q=2;w=10',
      ratelimit: '"visits";r=0;t=5',
    })
  })

  test('is never told to come back at once', () => {
    const store = says(() => ({ used: 2, resetIn: 0 }))
    expect(limited({ limit: 1, store })().headers.get('retry-after')).toBe('1')
  })

  test('that was refused is let in again after the seconds it was told', () => {
    const ask = limited({ limit: 1, window: 60 })
    expect(ask().status).toBe(200)
    const refused = ask()
    expect(refused.status).toBe(429)
    vi.setSystemTime(Date.now() + Number(refused.headers.get('retry-after')) * 1000)
    expect(ask().status).toBe(200)
  })

  test('is its IPv4 address, in whichever form, and its /64 in IPv6', () => {
    const ask = limited({ limit: 1 })
    expect(ask('192.0.2.1').status).toBe(200)
    expect(ask('::ffff:192.0.2.1').status).toBe(429)
    expect(ask('192.0.2.2').status).toBe(200)
    expect(ask('2001:db8:0:1::1').status).toBe(200)
    expect(ask('2001:db8:0:1:ffff::2').status).toBe(429)
    expect(ask('2001:db8:0:2::1').status).toBe(200)
  })

  test('of a larger network is that network, where it is said', () => {
    const ask = limited({ limit: 1, ipv6Prefix: 48 })
    expect(ask('2001:db8:0:1::1').status).toBe(200)
    expect(ask('2001:db8:0:2::1').status).toBe(429)
  })

  test('without an address shares one count with all like it', () => {
    const ask = limited({ limit: 1 })
    expect(ask(null).status).toBe(200)
    expect(ask(null).status).toBe(429)
  })
})

test('a key of our own decides who is counted together', () => {
  const handle = compose([rateLimit({ limit: 1, key: ({ pathname }) => pathname })], () => respond.empty())
  const ask = (target: string) => (handle(fakeRequest({ target })) as HttpResponse).status
  expect([ask('/a'), ask('/b'), ask('/a')]).toEqual([204, 204, 429])
})

test('what is skipped is neither counted nor refused', () => {
  const skip = ({ remoteAddress }: { remoteAddress: string | null }) => remoteAddress === '192.0.2.9'
  const ask = limited({ limit: 1, skip })
  const answers = [ask('192.0.2.9'), ask('192.0.2.9')]
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  expect(answers[0]?.headers.has('ratelimit')).toBe(false)
})

test('without fields, only a refusal carries them', () => {
  const ask = limited({ limit: 1, fields: false })
  expect(ask().headers.has('ratelimit-policy')).toBe(false)
  expect(ask().headers.get('ratelimit')).toMatch(/^"default";r=0;t=\d+$/)
})

test('an asynchronous answer carries the fields too', async () => {
  const handle = compose([rateLimit({ limit: 3 })], async () => respond.text('later'))
  expect((await handle(from('192.0.2.1'))).headers.get('ratelimit')).toMatch(/^"default";r=2;/)
})

test('two limits are one list in each field, and the tighter one decides', () => {
  const layers = [rateLimit({ limit: 5, name: 'hour', window: 3600 }), rateLimit({ limit: 1, name: 'burst' })]
  const handle = compose(layers, () => respond.empty())
  const response = handle(from('192.0.2.1')) as HttpResponse
  expect(response.headers.get('ratelimit-policy')).toBe('"burst";q=1;w=60, "hour";q=5;w=3600')
  expect(response.headers.get('ratelimit')).toMatch(/^"burst";r=0;t=\d+, "hour";r=4;t=\d+$/)
  expect((handle(from('192.0.2.1')) as HttpResponse).status).toBe(429)
})

test('a handler that returns nothing is left for the engine to report', () => {
  expect(limited({ limit: 1 }, (() => undefined) as unknown as Handler)()).toBeUndefined()
})

describe('when the store fails', () => {
  const broken: readonly (readonly [string, StoreFor])[] = [
    [
      'throws',
      says(() => {
        throw new Error('away')
      }),
    ],
    ['rejects', says(() => Promise.reject(new Error('away')))],
    ['never answers', says(() => new Promise<Counted>(() => {}))],
  ]

  test.each(broken)('because it %s, a request passes uncounted, and somebody is told', async (_, store) => {
    const told: unknown[] = []
    const options = {
      limit: 1,
      store,
      storeTimeout: 5,
      onStoreError: (error: unknown) => void told.push(error),
    }
    const response = await limited(options)()
    expect(response.status).toBe(200)
    expect(response.headers.has('ratelimit')).toBe(false)
    expect(String(told[0])).toMatch(/away|did not answer within 5 ms/)
  })

  test.each(broken)(
    'because it %s and the limit closes, a request gets 503 with its cause',
    async (_, store) => {
      const options = { limit: 1, store, storeTimeout: 5, onStoreFailure: 'closed' } as const
      const error: unknown = await (async () => limited(options)())().catch((reason: unknown) => reason)
      expect(isHttpError(error) && error.status).toBe(503)
      expect(isHttpError(error) && error.headers?.get('retry-after')).toBe('5')
      expect(String((error as Error).cause)).toMatch(/away|did not answer/)
    },
  )

  test('again and again, somebody is told once a second', () => {
    let told = 0
    const store = says(() => {
      throw new Error('away')
    })
    const ask = limited({ limit: 1, store, onStoreError: () => void told++ })
    for (let at = 0; at < 100; at++) ask()
    expect(told).toBe(1)
    vi.setSystemTime(Date.now() + 1000)
    ask()
    expect(told).toBe(2)
  })

  test('what a handler throws is not taken for it', async () => {
    const thrown = new Error('the handler')
    const store = says(async () => ({ used: 1, resetIn: 1 }))
    const ask = limited({ limit: 1, store }, () => {
      throw thrown
    })
    await expect(ask()).rejects.toBe(thrown)
  })
})

test.each([
  [{}, /limit must be a whole number from 1 to 1048574, got undefined/],
  [{ limit: 0 }, /limit must be/],
  [{ limit: 1_048_575 }, /limit must be/],
  [{ limit: 1, window: 0.5 }, /window must be a whole number from 1 to 86400, got 0.5/],
  [{ limit: 1, name: 'a"b' }, /name must be up to 64 letters/],
  [{ limit: 1, ipv6Prefix: 63 }, /ipv6Prefix must be 32, 48, 64/],
  [{ limit: 1, onStoreFailure: 'shut' }, /onStoreFailure must be "open" or "closed"/],
  [{ limit: 1, storeTimeout: 0 }, /storeTimeout must be/],
  [{ limit: 1, store: {} }, /store must be a function/],
  [{ limit: 1, skip: true }, /skip must be a function/],
  [{ limit: 1, fields: 1 }, /fields must be true or false/],
  [{ max: 1 }, /no option max; there are limit, store, window/],
])('%j is refused with the reason', (options, message) => {
  const make = () => rateLimit(options as unknown as RateLimitOptions)
  expect(make).toThrow(TypeError)
  expect(make).toThrow(message)
})
