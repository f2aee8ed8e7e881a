import { compose, HttpError, HttpResponse, respond } from '@tsws/http'
import type { Handler } from '@tsws/http'
import { expect, test } from 'vitest'
import { securityHeaders } from '../src/index.ts'
import type { SecurityHeadersOptions } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

const overTls = { connection: { encrypted: true } }

function answer(options: SecurityHeadersOptions, handler: Handler, tls = false): HttpResponse {
  const handle = compose([securityHeaders(options).middleware], handler)
  return handle(fakeRequest(tls ? overTls : {})) as HttpResponse
}

test('a plain answer carries exactly the plain fields', () => {
  const response = answer({}, () => respond.text('hi'))
  expect(response.headers.encode()).toBe(
    'X-Content-Type-Options: nosniff\r\n' +
      "Content-Security-Policy: base-uri 'self'; object-src 'self'; frame-ancestors 'self'\r\n" +
      'X-Frame-Options: SAMEORIGIN\r\n' +
      'Referrer-Policy: strict-origin-when-cross-origin\r\n' +
      'Content-Type: text/plain; charset=utf-8\r\n',
  )
})

test('an answer over TLS carries HSTS and the opener policy besides', () => {
  const { headers } = answer({}, () => respond.text('hi'), true)
  expect(headers.get('strict-transport-security')).toBe('max-age=15552000')
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin-allow-popups')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})

test('HSTS never goes over a plain connection, even when it is asked for', () => {
  const options = { strictTransportSecurity: 'max-age=1' }
  expect(answer(options, () => respond.empty()).headers.has('strict-transport-security')).toBe(false)
  expect(answer(options, () => respond.empty(), true).headers.get('strict-transport-security')).toBe(
    'max-age=1',
  )
})

test('an asynchronous answer gets the fields too', async () => {
  const handle = compose([securityHeaders().middleware], async () => respond.text('later'))
  const response = await handle(fakeRequest(overTls))
  expect(response.headers.get('strict-transport-security')).toBe('max-age=15552000')
})

test('a field that the handler set stays, and the others are added', () => {
  const { headers } = answer({}, () =>
    respond.text('hi', { headers: { 'content-security-policy': "default-src 'none'" } }),
  )
  expect(headers.get('Content-Security-Policy')).toBe("default-src 'none'")
  expect(headers.get('X-Frame-Options')).toBe('SAMEORIGIN')
})

test('each field can be replaced or switched off', () => {
  const { headers } = answer(
    {
      contentSecurityPolicy: { 'default-src': "'self'" },
      contentTypeOptions: false,
      frameOptions: 'DENY',
      referrerPolicy: 'no-referrer',
      crossOriginOpenerPolicy: false,
      crossOriginResourcePolicy: 'same-origin',
      crossOriginEmbedderPolicy: 'require-corp',
      permissionsPolicy: 'camera=()',
      strictTransportSecurity: { maxAge: 60, includeSubDomains: true, preload: true },
    },
    () => respond.empty(),
    true,
  )
  expect(Object.fromEntries(headers)).toEqual({
    'content-security-policy': "default-src 'self'",
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'permissions-policy': 'camera=()',
    'strict-transport-security': 'max-age=60; includeSubDomains; preload',
  })
})

test('with everything switched off nothing is added', () => {
  const off = {
    contentSecurityPolicy: false,
    contentTypeOptions: false,
    frameOptions: false,
    referrerPolicy: false,
  } as const
  expect(answer(off, () => respond.empty()).headers.encode()).toBe('')
})

function policy(contentSecurityPolicy: string): string | null {
  return answer({ contentSecurityPolicy }, () => respond.empty()).headers.get('content-security-policy')
}

test("'strict' is the strict policy, and another string is the whole value", () => {
  expect(policy('strict')).toContain("default-src 'self'")
  expect(policy('sandbox')).toBe('sandbox')
})

test('the answer to an error carries the fields and keeps what the error set', () => {
  const { errorResponse } = securityHeaders()
  const error = new HttpError(405, 'no', { headers: { Allow: 'GET', 'X-Frame-Options': 'DENY' } })
  const response = errorResponse()(error, fakeRequest(overTls))
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('GET')
  expect(response.headers.get('x-frame-options')).toBe('DENY')
  expect(response.headers.get('strict-transport-security')).toBe('max-age=15552000')
})

test('the answer to bytes that were no request carries the plain fields', () => {
  const response = securityHeaders().errorResponse()(new HttpError(400), null)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.has('strict-transport-security')).toBe(false)
})

test('errorResponse wraps the one it is given', () => {
  const own = securityHeaders().errorResponse(() => respond.text('ours', { status: 503 }))
  const response = own(new Error('x'), null)
  expect(response.body).toBe('ours')
  expect(response.headers.has('content-security-policy')).toBe(true)
})

test('what a handler throws passes through untouched', () => {
  const thrown = new Error('boom')
  expect(() =>
    answer({}, () => {
      throw thrown
    }),
  ).toThrow(thrown)
})

test('a handler that returns nothing is left for the engine to report', () => {
  expect(answer({}, (() => undefined) as unknown as Handler)).toBeUndefined()
})

test('two answers share the encoded block', () => {
  const security = securityHeaders()
  const first = new HttpResponse(null)
  const second = new HttpResponse(null)
  security.apply(first, false)
  security.apply(second, false)
  expect(first.headers.encode()).toBe(security.plain.encoded)
  expect(second.headers.encode()).toBe(security.plain.encoded)
})

test.each([
  [{ hsts: true }, /no option "hsts".*contentSecurityPolicy/],
  [{ frameOptions: '' }, /frameOptions must be a field value/],
  [{ frameOptions: true }, /frameOptions must be a field value/],
  [{ contentSecurityPolicy: null }, undefined],
  [{ strictTransportSecurity: { maxAge: 1.5 } }, /whole seconds from 0, got 1.5/],
  [{ strictTransportSecurity: { maxAge: -1 } }, /whole seconds from 0, got -1/],
  [{ referrerPolicy: 'a\r\nSet-Cookie: b' }, /Referrer-Policy/],
])('%j is refused with the reason, or null means the default', (options, message) => {
  const make = () => securityHeaders(options as SecurityHeadersOptions)
  if (message === undefined) expect(make().plain.has('content-security-policy')).toBe(true)
  else {
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  }
})
