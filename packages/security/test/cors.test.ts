import { compose, HttpError, HttpResponse, respond } from '@tsws/http'
import type { Handler } from '@tsws/http'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cors } from '../src/index.ts'
import type { CorsOptions } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

const PAGE = 'https://app.example'

function answer(
  options: CorsOptions,
  request: Parameters<typeof fakeRequest>[0],
  handler?: Handler,
): HttpResponse {
  const handle = compose([cors(options).middleware], handler ?? (() => new HttpResponse('data')))
  return handle(fakeRequest(request)) as HttpResponse
}

const get = (options: CorsOptions, origin?: string, handler?: Handler): HttpResponse =>
  answer(options, { headers: origin === undefined ? {} : { origin } }, handler)

const preflight = (options: CorsOptions, origin = PAGE, fields: Record<string, string> = {}): HttpResponse =>
  answer(
    options,
    { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'PUT', ...fields } },
    () => {
      throw new Error('a preflight was passed on')
    },
  )

const fieldsOf = ({ headers }: HttpResponse): Record<string, string> => Object.fromEntries(headers)

describe('for everybody', () => {
  test('an answer carries *, with and without Origin, and does not vary', () => {
    expect(fieldsOf(get({}, PAGE))).toEqual({ 'access-control-allow-origin': '*' })
    expect(fieldsOf(get({}))).toEqual({ 'access-control-allow-origin': '*' })
    expect(fieldsOf(get({}, 'null'))).toEqual({ 'access-control-allow-origin': '*' })
  })

  test('a preflight is answered 204 with what is allowed', () => {
    const response = preflight({})
    expect(response.status).toBe(204)
    expect(fieldsOf(response)).toEqual({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'PUT, PATCH, DELETE',
      'access-control-allow-headers': 'Authorization, Content-Type',
      'access-control-max-age': '600',
    })
  })

  test('any header is any header, Authorization too, which * does not stand for', () => {
    const response = preflight({ methods: '*', allowedHeaders: '*', exposedHeaders: '*', maxAge: 0 })
    expect(fieldsOf(response)).toEqual({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': '*',
      'access-control-allow-methods': '*',
      'access-control-allow-headers': '*, Authorization',
      'access-control-max-age': '0',
    })
  })
})

describe('for a list of origins', () => {
  const list = { origins: [PAGE, 'http://localhost:3000', 'https://*.pages.example'] }

  test.each([PAGE, 'http://localhost:3000', 'https://a.pages.example', 'https://b.a.pages.example'])(
    '%s is let in by name',
    (origin) => {
      expect(fieldsOf(get(list, origin))).toEqual({ 'access-control-allow-origin': origin, vary: 'Origin' })
    },
  )

  test.each([
    'https://evil.example',
    'http://app.example',
    'https://app.example:8443',
    'https://app.example.evil.example',
    'https://APP.example',
    'https://pages.example',
    'https://evilpages.example',
    'https://evil.example/.pages.example',
    'https://evil.example?.pages.example',
    'https://evil.example#.pages.example',
    'https://a@b.pages.example',
    'https://.pages.example',
    'https://app.example, https://evil.example',
    'null',
    '',
    `https://${'a'.repeat(300)}.pages.example`,
  ])('%s is not, but its request is answered all the same', (origin) => {
    const response = get(list, origin)
    expect(fieldsOf(response)).toEqual({ vary: 'Origin' })
    expect(response.body).toBe('data')
  })

  test('an answer without Origin varies too: a cache must not give it to a page', () => {
    expect(fieldsOf(get(list))).toEqual({ vary: 'Origin' })
  })

  test('a preflight of another origin is answered 204 without any leave, and not passed on', () => {
    const response = preflight(list, 'https://evil.example')
    expect(response.status).toBe(204)
    expect(fieldsOf(response)).toEqual({ vary: 'Origin' })
  })

  test('credentials are allowed by name only', () => {
    const response = preflight({ ...list, credentials: true, exposedHeaders: ['X-Total'] })
    expect(fieldsOf(response)).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'X-Total',
      vary: 'Origin',
    })
    expect(
      get({ ...list, credentials: true }, 'https://evil.example').headers.has(
        'access-control-allow-credentials',
      ),
    ).toBe(false)
  })

  test('null is let in where it is asked for', () => {
    expect(get({ ...list, nullOrigin: true }, 'null').headers.get('access-control-allow-origin')).toBe('null')
  })

  test('no origin beyond those listed is let in, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), fc.string(), fc.domain()),
        (origin) => {
          const allowed = get(list, origin).headers.get('access-control-allow-origin')
          expect(allowed === null || /^https:\/\/[a-z0-9_.-]+\.pages\.example$/.test(origin)).toBe(true)
        },
      ),
    )
  })
})

describe('for a function', () => {
  test('each origin is asked for, each time, and null never', () => {
    const asked: string[] = []
    let isOpen = true
    const handle = compose(
      [
        cors({
          origins: (origin) => {
            asked.push(origin)
            return isOpen
          },
        }).middleware,
      ],
      () => respond.empty(),
    )
    const leave = (origin: string): string | null =>
      (handle(fakeRequest({ headers: { origin } })) as HttpResponse).headers.get(
        'access-control-allow-origin',
      )
    expect([leave(PAGE), leave('null'), leave('https://b.example')]).toEqual([
      PAGE,
      null,
      'https://b.example',
    ])
    isOpen = false
    expect(leave(PAGE)).toBeNull()
    expect(asked).toEqual([PAGE, 'https://b.example', PAGE])
  })

  test('more origins than are remembered each get their own', () => {
    const { middleware } = cors({ origins: () => true })
    const handle = compose([middleware], () => respond.empty())
    for (let at = 0; at < 600; at++) {
      const origin = `https://page-${at}.example`
      const { headers } = handle(fakeRequest({ headers: { origin } })) as HttpResponse
      expect(headers.get('access-control-allow-origin')).toBe(origin)
    }
  })
})

describe('what the handler said', () => {
  const list = { origins: [PAGE] }

  test.each([
    ['Accept-Encoding', 'Accept-Encoding, Origin'],
    ['Accept, ORIGIN', 'Accept, ORIGIN'],
    ['*', '*'],
    ['X-Origin', 'X-Origin, Origin'],
  ])('Vary: %s becomes %s', (before, after) => {
    const response = get(list, PAGE, () => respond.text('a', { headers: { Vary: before } }))
    expect(response.headers.get('vary')).toBe(after)
    expect(response.headers.get('access-control-allow-origin')).toBe(PAGE)
  })

  test('stays, its own Access-Control-Allow-Origin too', () => {
    const own = { 'Access-Control-Allow-Origin': 'https://other.example' }
    const response = get({}, PAGE, () => respond.text('a', { headers: own }))
    expect(response.headers.get('access-control-allow-origin')).toBe('https://other.example')
  })

  test('comes later, and gets the fields too', async () => {
    const response = await get(list, PAGE, async () => respond.text('later'))
    expect(response.headers.get('access-control-allow-origin')).toBe(PAGE)
  })

  test('is nothing, and is left for the engine to report', () => {
    expect(get({}, PAGE, (() => undefined) as unknown as Handler)).toBeUndefined()
  })
})

test.each([{ 'access-control-request-method': 'PUT' }, { origin: PAGE }] as Record<string, string>[])(
  'OPTIONS with %j alone is no preflight, and is passed on',
  (headers) => {
    expect(answer({}, { method: 'OPTIONS', headers }).body).toBe('data')
  },
)

test('the answer to an error carries the fields, for the origin that asked', () => {
  const errorResponse = cors({ origins: [PAGE], exposedHeaders: ['Retry-After'] }).errorResponse()
  const error = new HttpError(503, 'no', { headers: { 'Retry-After': 5 } })
  const response = errorResponse(error, fakeRequest({ headers: { origin: PAGE } }))
  expect(response.status).toBe(503)
  expect(fieldsOf(response)).toMatchObject({
    'access-control-allow-origin': PAGE,
    'access-control-expose-headers': 'Retry-After',
    'retry-after': '5',
    vary: 'Origin',
  })
  expect(errorResponse(error, null).headers.has('access-control-allow-origin')).toBe(false)
})

test.each([
  [{ credentials: true }, /credentials need origins that are named/],
  [{ credentials: true, origins: [PAGE], allowedHeaders: '*' }, /allowedHeaders must be named one by one/],
  [{ credentials: true, origins: [PAGE], methods: '*' }, /methods must be named/],
  [{ origins: PAGE }, /origins must be '\*', a list of origins, or a function/],
  [{ origins: ['*'] }, /"\*" is no origin; for any origin say '\*' without a list/],
  [{ origins: ['null'] }, /for null there is nullOrigin/],
  [{ origins: ['app.example'] }, /"app.example" is no origin; write https:/],
  [{ origins: ['https://app.example/'] }, /no path/],
  [{ origins: ['https://app.example:443'] }, /no default port/],
  [{ origins: ['https://App.example'] }, /lower case/],
  [{ origins: ['https://*'] }, /is no origin/],
  [{ origins: ['https://a.*.example'] }, /is no origin/],
  [{ origins: ['https://*.*.example'] }, /is no origin/],
  [{ origins: ['*.example.com'] }, /is no origin/],
  [{ methods: ['GET, PUT'] }, /methods must be a list of names/],
  [{ allowedHeaders: ['X Y'] }, /allowedHeaders must be a list of names/],
  [{ maxAge: -1 }, /maxAge must be a whole number of seconds from 0 to 86400, got -1/],
  [{ nullOrigin: 'yes' }, /nullOrigin must be true or false/],
  [{ origin: '*' }, /no option origin; there are origins/],
])('%j is refused with the reason', (options, message) => {
  const make = () => cors(options as unknown as CorsOptions)
  expect(make).toThrow(TypeError)
  expect(make).toThrow(message)
})
