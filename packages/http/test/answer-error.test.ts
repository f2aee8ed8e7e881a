import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerError, HttpError, HttpHeaders } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

describe('a 4xx HttpError', () => {
  test('is answered with its status and its message, as plain text', () => {
    const response = answerError(new HttpError(404, 'no such note'), fakeRequest())
    expect(response.status).toBe(404)
    expect(response.body).toBe('no such note\n')
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  })

  test('does not show its code or its cause', () => {
    const error = new HttpError(400, 'bad', { code: 'ERR_SECRET', cause: new Error('secret') })
    expect(answerError(error, fakeRequest()).body).toBe('bad\n')
  })

  test('passes on its fields as they were spelt', () => {
    const error = new HttpError(405, 'no', { headers: { Allow: 'GET, HEAD' } })
    expect(answerError(error, fakeRequest()).headers.encode()).toContain('Allow: GET, HEAD\r\n')
  })

  test('passes on every line of a field that has several', () => {
    const headers = [
      ['WWW-Authenticate', 'Bearer realm="a"'],
      ['WWW-Authenticate', 'Basic realm="b"'],
      ['Set-Cookie', 'a=; Max-Age=0'],
      ['Set-Cookie', 'b=; Max-Age=0'],
    ] as const
    const answer = answerError(new HttpError(401, 'who?', { headers }), fakeRequest())
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="a", Basic realm="b"')
    expect(answer.headers.getSetCookie()).toEqual(['a=; Max-Age=0', 'b=; Max-Age=0'])
  })

  test('may bring a type of its own, for a message that is JSON', () => {
    const error = new HttpError(422, '{"field":"name"}', { headers: { 'Content-Type': 'application/json' } })
    const answer = answerError(error, fakeRequest())
    expect([...answer.headers]).toEqual([['content-type', 'application/json']])
  })

  test('can be thrown again: a change to one answer does not reach the next', () => {
    const error = new HttpError(403, 'no', { headers: { A: '1' } })
    answerError(error, fakeRequest()).headers.append('Set-Cookie', 'of=the-first')
    expect(answerError(error, fakeRequest()).headers.getSetCookie()).toEqual([])
    expect(error.headers?.getSetCookie()).toEqual([])
  })
})

describe('everything else', () => {
  test.each([
    ['an Error', new Error('password is hunter2')],
    ['an Error with a status of its own', Object.assign(new Error('hunter2'), { status: 404 })],
    ['a string', 'hunter2'],
    ['nothing', undefined],
    ['null', null],
    ['a 500', new HttpError(500, 'hunter2', { cause: new Error('hunter2') })],
    ['an AggregateError', new AggregateError([new Error('hunter2')], 'hunter2')],
  ])('as %s is a 500 that tells the id of the request and nothing more', (_what, error) => {
    const request = fakeRequest()
    const response = answerError(error, request)
    expect(response.status).toBe(500)
    expect(response.body).toBe(`Internal Server Error\nRequest id: ${request.id}\n`)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  })

  test('has no id to tell where there was no request', () => {
    expect(answerError(new Error('x'), null).body).toBe('Internal Server Error\n')
    expect(answerError(new HttpError(431, 'head too large'), null).body).toBe('head too large\n')
  })

  test('names the phrase of its status and keeps its fields', () => {
    const response = answerError(new HttpError(503, 'db down', { headers: { 'Retry-After': 1 } }), null)
    expect(response.body).toBe('Service Unavailable\n')
    expect(response.headers.get('retry-after')).toBe('1')
    expect(answerError(new HttpError(599), null).body).toBe('Unknown\n')
  })

  test('never shows the message of a 5xx', () => {
    fc.assert(
      fc.property(fc.integer({ min: 500, max: 599 }), fc.string(), (status, tail) => {
        const { body } = answerError(new HttpError(status, `secret:${tail}`), fakeRequest())
        expect(body).not.toContain('secret:')
      }),
    )
  })
})

test('an error of another copy of this package is answered like one of ours', () => {
  const foreign = Object.assign(new Error('gone'), {
    [Symbol.for('@tsws/http.HttpError')]: true,
    status: 410,
    code: 'ERR_HTTP_410',
    headers: { [Symbol.iterator]: () => new HttpHeaders({ A: '1' })[Symbol.iterator]() },
  })
  const response = answerError(foreign, null)
  expect(response.status).toBe(410)
  expect(response.body).toBe('gone\n')
  expect(response.headers.get('a')).toBe('1')
})
