import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HttpHeaders, respond } from '../src/index.ts'

async function* pieces() {
  yield new Uint8Array(1)
}

test.each([
  ['text', () => respond.text('x'), 'text/plain; charset=utf-8'],
  ['html', () => respond.html('<p>x'), 'text/html; charset=utf-8'],
  ['json', () => respond.json({ a: 1 }), 'application/json'],
  ['stream', () => respond.stream(pieces()), 'application/octet-stream'],
])('%s is a 200 of its type', (_name, make, type) => {
  expect(make().status).toBe(200)
  expect([...make().headers]).toEqual([['content-type', type]])
})

test.each([
  ['text', (init: object) => respond.text('x', init)],
  ['html', (init: object) => respond.html('x', init)],
  ['json', (init: object) => respond.json('x', init)],
  ['stream', (init: object) => respond.stream(pieces(), init)],
])('%s takes status and headers, a type of its own among them', (_name, make) => {
  const response = make({ status: 201, headers: { 'content-type': 'a/b', X: '1' } })
  expect(response.status).toBe(201)
  expect(response.headers.encode()).toBe('content-type: a/b\r\nX: 1\r\n')
})

test('the headers that an answer is made with do not change', () => {
  const headers = new HttpHeaders({ X: '1' })
  respond.text('x', { headers })
  expect([...headers]).toEqual([['x', '1']])
})

test('text and html carry the string itself', () => {
  expect(respond.text('é').body).toBe('é')
  expect(respond.html('<p>').body).toBe('<p>')
})

test('stream carries the iterable itself', () => {
  const body = pieces()
  expect(respond.stream(body).body).toBe(body)
})

describe('json', () => {
  test.each([
    [{ a: [1, null] }, '{"a":[1,null]}'],
    [null, 'null'],
    ['é', '"é"'],
    [0, '0'],
    [false, 'false'],
  ])('of %j is its text', (value, body) => {
    expect(respond.json(value).body).toBe(body)
  })

  test('refuses what has no JSON form, saying what it got', () => {
    expect(() => respond.json(undefined)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_NO_JSON_FORM',
        message: 'respond.json: undefined has no JSON form',
      }),
    )
    expect(() => respond.json(() => {})).toThrow(/function/)
    expect(() => respond.json(1n)).toThrow(TypeError)
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    expect(() => respond.json(cycle)).toThrow(TypeError)
  })
})

test('empty has no body, and 204 unless said otherwise', () => {
  expect(respond.empty()).toMatchObject({ status: 204, body: null })
  const response = respond.empty(304, { headers: { ETag: '"1"' } })
  expect(response.status).toBe(304)
  expect([...response.headers]).toEqual([['etag', '"1"']])
})

describe('redirect', () => {
  const location = (to: string) => respond.redirect(to).headers.get('location')

  test('is a 302 without a body unless said otherwise', () => {
    expect(respond.redirect('/a')).toMatchObject({ status: 302, body: null })
    for (const status of [301, 302, 303, 307, 308] as const)
      expect(respond.redirect('/a', status).status).toBe(status)
  })

  test('takes headers and sets the location over theirs', () => {
    const response = respond.redirect('/a', 303, { headers: { location: '/b', 'Set-Cookie': 'a=1' } })
    expect([...response.headers]).toEqual([
      ['set-cookie', 'a=1'],
      ['location', '/a'],
    ])
  })

  test.each([200, 304, 300, 400, '302'])('refuses the status %j', (status) => {
    expect(() => respond.redirect('/a', status as 302)).toThrow(
      expect.objectContaining({ name: 'RangeError', code: 'ERR_INVALID_STATUS' }),
    )
  })

  test.each([
    ['/plain?a=b&c=d#e', '/plain?a=b&c=d#e'],
    ["https://user@[::1]:8080/~a;b=(c)!*'$,+", "https://user@[::1]:8080/~a;b=(c)!*'$,+"],
    ['/a%20b%2Fc', '/a%20b%2Fc'],
    ['/a b', '/a%20b'],
    ['/ü/日本', '/%C3%BC/%E6%97%A5%E6%9C%AC'],
    ['/😀', '/%F0%9F%98%80'],
    ['/"<>\\^`{|}', '/%22%3C%3E%5C%5E%60%7B%7C%7D'],
    ['/\\evil.example', '/%5Cevil.example'],
    ['\t//evil.example', '%09//evil.example'],
    ['/a\r\nSet-Cookie: b=1', '/a%0D%0ASet-Cookie:%20b=1'],
    ['/a\0', '/a%00'],
    ['/\ud83d', '/%EF%BF%BD'],
    ['/\ude00x\ud83d', '/%EF%BF%BDx%EF%BF%BD'],
    ['', ''],
  ])('sends %j as %j', (to, encoded) => {
    expect(location(to)).toBe(encoded)
  })

  test('never throws on a string, and always gives a URI’s characters only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (to) => {
        expect(location(to)).toMatch(/^[!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]*$/)
      }),
    )
  })

  test('sends what it has encoded once unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (to) => {
        const once = location(to) as string
        expect(location(once)).toBe(once)
      }),
    )
  })
})
