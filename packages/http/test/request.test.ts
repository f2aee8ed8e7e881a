import { fakeExchange, fakeFacts } from '@tsws/testing'
import { describe, expect, test } from 'vitest'
import { HeaderBlock, HttpHeaders, HttpRequest } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

describe('what a request says', () => {
  test('is its method as sent, and its version', () => {
    expect(fakeRequest({ method: 'get' }).method).toBe('get')
    expect(fakeRequest({ minorVersion: 0 }).httpVersion).toBe('1.0')
    expect(fakeRequest({ minorVersion: 1 }).httpVersion).toBe('1.1')
  })

  test('is found in its headers, which are made once', () => {
    const request = fakeRequest({ headers: { 'X-A': '1' } })
    expect(request.headers.get('x-a')).toBe('1')
    request.headers.set('X-Layer', 'set')
    expect(request.headers.get('x-layer')).toBe('set')
    expect(request.headers).toBe(request.headers)
  })

  test('does not change its host when a layer changes its headers', () => {
    const request = fakeRequest({ headers: { Host: 'h.example' } })
    request.headers.set('Host', 'other.example')
    expect(request.host).toBe('h.example')
  })

  test('is not read when the request is made', () => {
    const facts = {
      ...fakeFacts(),
      get: () => {
        throw new Error('get')
      },
      has: () => {
        throw new Error('has')
      },
      [Symbol.iterator]: () => {
        throw new Error('iterated')
      },
    }
    const exchange = fakeExchange({ pieces: ['x'] })
    const request = new HttpRequest(facts, exchange)
    expect(request.pathname).toBe('/')
    expect(request.headers).toBeInstanceOf(HttpHeaders)
    expect(exchange.reads).toBe(0)
  })
})

describe('what layers tell each other', () => {
  test('id is given when asked for, stays, and differs from the next', () => {
    const request = fakeRequest()
    const { id } = request
    expect(id).toMatch(/^[0-9a-z]{6}-[0-9a-z]+$/)
    expect(request.id).toBe(id)
    const ids = new Set(Array.from({ length: 1000 }, () => fakeRequest().id))
    expect(ids.size).toBe(1000)
    request.id = 'from-the-proxy'
    expect(request.id).toBe('from-the-proxy')
  })

  test('remoteAddress is the peer’s until a layer knows better', () => {
    const request = fakeRequest({ connection: { remoteAddress: '127.0.0.1' } })
    expect(request.remoteAddress).toBe('127.0.0.1')
    request.remoteAddress = '203.0.113.9'
    expect(request.remoteAddress).toBe('203.0.113.9')
    request.remoteAddress = null
    expect(request.remoteAddress).toBe(null)
    expect(request.connection.remoteAddress).toBe('127.0.0.1')
    expect(fakeRequest({ connection: { remoteAddress: null } }).remoteAddress).toBe(null)
  })

  test('state is one map for each request', () => {
    const request = fakeRequest()
    request.state.set('user', 'ada')
    expect(request.state.get('user')).toBe('ada')
    expect(fakeRequest().state.size).toBe(0)
  })

  test('connection is the exchange’s', () => {
    expect(fakeRequest({ connection: { id: 7 } }).connection.id).toBe(7)
  })
})

describe('signal', () => {
  test('aborts with the reason, when it was touched before', () => {
    const request = fakeRequest()
    const reason = new Error('gone')
    const heard: unknown[] = []
    request.signal.addEventListener('abort', () => heard.push(request.signal.reason))
    expect(request.signal.aborted).toBe(false)
    request.abort(reason)
    expect(heard).toEqual([reason])
    expect(request.signal.aborted).toBe(true)
  })

  test('is aborted already, when it is touched after', () => {
    const request = fakeRequest()
    const reason = new Error('gone')
    request.abort(reason)
    expect(request.signal.aborted).toBe(true)
    expect(request.signal.reason).toBe(reason)
  })

  test('keeps the first reason', () => {
    for (const touchFirst of [true, false]) {
      const request = fakeRequest()
      if (touchFirst) void request.signal
      request.abort('first')
      request.abort('second')
      expect(request.signal.reason).toBe('first')
    }
  })

  test('has a reason also when none was given', () => {
    const request = fakeRequest()
    request.abort(undefined)
    expect(request.signal.aborted).toBe(true)
    expect(request.signal.reason).toMatchObject({ name: 'AbortError' })
  })

  test('is one for each request', () => {
    const request = fakeRequest()
    expect(request.signal).toBe(request.signal)
    expect(fakeRequest().signal).not.toBe(request.signal)
  })
})

describe('inform', () => {
  test.each([102, 103, 199])('sends the interim status %i with its fields', (status) => {
    const exchange = fakeExchange()
    new HttpRequest(fakeFacts(), exchange).inform(status, { Link: '</a.css>; rel=preload' })
    expect(exchange.informed.map(({ status, headers }) => [status, headers.encode()])).toEqual([
      [status, 'Link: </a.css>; rel=preload\r\n'],
    ])
  })

  test('sends a copy: headers that are changed afterwards do not change what was sent', () => {
    const exchange = fakeExchange()
    const headers = HttpHeaders.of(new HeaderBlock({ A: '1' }))
    new HttpRequest(fakeFacts(), exchange).inform(103, headers)
    headers.set('A', '2')
    expect(exchange.informed[0]?.headers.get('a')).toBe('1')
  })

  test.each([100, 101, 99, 200, 0, -103, 103.5, Number.NaN, '103'])('refuses the status %j', (status) => {
    const exchange = fakeExchange()
    expect(() => new HttpRequest(fakeFacts(), exchange).inform(status as number, {})).toThrow(
      expect.objectContaining({ name: 'RangeError', code: 'ERR_INVALID_STATUS' }),
    )
    expect(exchange.informed).toEqual([])
  })

  test('refuses fields that cannot be sent', () => {
    expect(() => fakeRequest().inform(103, { A: '\n' })).toThrow(TypeError)
  })
})
