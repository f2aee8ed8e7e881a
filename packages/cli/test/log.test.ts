import { describe, expect, test } from 'vitest'
import { peopleRead } from '../src/log.ts'

const answer = { requestId: 'a-1', method: 'GET', path: '/x', status: 200, bytes: 7, durationMs: 1.5 }

describe('a log line for people', () => {
  test('says what was asked, how it went, how much, how long and who', () => {
    expect(peopleRead({ ...answer, remoteAddress: '127.0.0.1' }, 'request')).toBe(
      'GET /x 200 7 B 1.5 ms 127.0.0.1',
    )
  })

  test('about bytes that were no request says so in place of the path', () => {
    const line = { method: null, path: null, status: 400, bytes: 1, durationMs: 0 }
    expect(peopleRead(line, 'bad request')).toBe('bad request 400 1 B 0 ms')
  })

  test('about a failure names the request it belongs to', () => {
    expect(peopleRead({ requestId: 'a-1', method: 'GET', path: '/x' }, 'the cable was cut')).toBe(
      'GET /x (request a-1): the cable was cut',
    )
  })

  test('about nothing in particular is its message', () => {
    expect(peopleRead({}, 'the certificate has expired')).toBe('the certificate has expired')
  })
})
