import { describe, expect, test } from 'vitest'
import { HttpError, HttpHeaders, isHttpError } from '../src/index.ts'

describe('HttpError', () => {
  test('is an Error with a status, the phrase of it as message, and a code', () => {
    const error = new HttpError(404)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'HttpError',
      status: 404,
      message: 'Not Found',
      code: 'ERR_HTTP_404',
      headers: null,
    })
    expect('cause' in error).toBe(false)
    expect(String(error)).toBe('HttpError: Not Found')
    expect(error.stack).toContain('http-error.test.ts')
  })

  test('takes message, code, cause and headers', () => {
    const cause = new Error('disk')
    const error = new HttpError(503, 'busy', { code: 'ERR_BUSY', cause, headers: { 'Retry-After': 5 } })
    expect(error).toMatchObject({ message: 'busy', code: 'ERR_BUSY', status: 503 })
    expect(error.cause).toBe(cause)
    expect(error.headers?.get('retry-after')).toBe('5')
  })

  test('keeps its own copy of headers', () => {
    const headers = new HttpHeaders({ A: '1' })
    const error = new HttpError(400, 'x', { headers })
    headers.set('A', '2')
    expect(error.headers?.get('a')).toBe('1')
  })

  test.each([399, 600, 200, 0, -1, 404.5, Number.NaN, '404', undefined])(
    'refuses the status %s',
    (status) => {
      expect(() => new HttpError(status as number)).toThrow(
        expect.objectContaining({ name: 'RangeError', code: 'ERR_INVALID_STATUS' }),
      )
      expect(() => new HttpError(status as number)).toThrow(String(status))
    },
  )

  test.each([400, 418, 499, 500, 599])('accepts the status %i', (status) => {
    expect(new HttpError(status).status).toBe(status)
  })

  test('refuses headers that cannot be sent, where it is thrown', () => {
    expect(() => new HttpError(400, 'x', { headers: { A: 'a\r\nb' } })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_FIELD_VALUE' }),
    )
  })
})

test('isHttpError knows one of another copy of this package, and takes nothing else for one', () => {
  expect(isHttpError(new HttpError(400))).toBe(true)
  expect(isHttpError({ [Symbol.for('@tsws/http.HttpError')]: true, status: 400 })).toBe(true)
  for (const other of [
    null,
    undefined,
    'x',
    404,
    {},
    new Error('x'),
    Object.assign(new Error('x'), { status: 404 }),
  ])
    expect(isHttpError(other)).toBe(false)
})
