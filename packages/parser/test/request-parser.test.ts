import { expect, test } from 'vitest'
import { ParseError, RequestParser } from '../src/index.ts'
import { bytesOf, byByte, eventsOf, textOf } from './events.ts'

const GET = 'GET /a?b=c HTTP/1.1\r\nHost: example.org\r\nAccept: x\r\naccept:  y \r\n\r\n'

test('a request comes as head and end, and its text is decoded as it was sent', () => {
  const parser = new RequestParser()
  parser.push(bytesOf(GET))
  expect(parser.next()).toBe('head')
  const { head } = parser
  expect([head.method, head.target, head.targetForm, head.minorVersion]).toEqual([
    'GET',
    '/a?b=c',
    'origin',
    1,
  ])
  expect([head.fieldCount, head.fieldName(2), head.fieldValue(2)]).toEqual([3, 'accept', 'y'])
  expect([head.get('accept'), head.get('host'), head.get('cookie')]).toEqual(['x, y', 'example.org', null])
  expect([head.has('host'), head.has('cookie')]).toEqual([true, false])
  expect([...head]).toEqual([
    ['host', 'example.org'],
    ['accept', 'x'],
    ['accept', 'y'],
  ])
  expect([head.contentLength, head.keepAlive, head.upgrade]).toEqual([0, true, null])
  expect(parser.next()).toBe('end')
  expect(parser.next()).toBe('need-more')
  expect(parser.idle).toBe(true)
})

test('a head stays readable after later requests of this and of other parsers', () => {
  const parser = new RequestParser()
  parser.push(bytesOf(GET + 'PURGE / HTTP/1.0\r\nX-Long-Name: 1\r\n\r\n'))
  parser.next()
  const { head } = parser
  parser.next()
  parser.next()
  const other = new RequestParser()
  other.push(bytesOf('GET /other HTTP/1.1\r\nHost: b\r\nX: y\r\n\r\n'))
  other.next()
  expect([head.target, head.get('accept'), head.fieldName(0)]).toEqual(['/a?b=c', 'x, y', 'Host'])
  expect([parser.head.method, parser.head.get('x-long-name')]).toEqual(['PURGE', '1'])
})

test('body bytes are views on what was pushed, and what follows the body is the next request', () => {
  const bytes = bytesOf(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello${GET}`)
  const parser = new RequestParser()
  parser.push(bytes)
  expect([parser.next(), parser.next()]).toEqual(['head', 'data'])
  expect(textOf(parser.data)).toBe('hello')
  expect(parser.data.buffer).toBe(bytes.buffer)
  expect([parser.next(), parser.next(), parser.head.target]).toEqual(['end', 'head', '/a?b=c'])
})

test('a chunked body is decoded without copying its data, and its trailers come with its end', () => {
  const bytes = bytesOf(
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;a="b"\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n',
  )
  const parser = new RequestParser()
  parser.push(bytes)
  expect([parser.next(), parser.head.contentLength]).toEqual(['head', -1])
  expect([parser.next(), textOf(parser.data), parser.data.buffer === bytes.buffer]).toEqual([
    'data',
    'abc',
    true,
  ])
  expect([parser.next(), textOf(parser.data)]).toEqual(['data', 'de'])
  expect(parser.next()).toBe('end')
  expect(parser.trailers?.get('x-sum')).toBe('1')
})

test('an error is thrown again by every later call', () => {
  const parser = new RequestParser()
  parser.push(bytesOf('GET /\0 HTTP/1.1\r\n'))
  const errors = [0, 1].map(() => {
    try {
      return parser.next()
    } catch (error) {
      return error
    }
  })
  expect(errors[0]).toBeInstanceOf(ParseError)
  expect(errors[1]).toBe(errors[0])
  expect(errors[0]).toMatchObject({
    code: 'ERR_INVALID_TARGET',
    status: 400,
    offset: 5,
    section: 'RFC 9112 §3.2',
    excerpt: 'GET /\\x00',
  })
})

test('what follows an Upgrade stays untouched', () => {
  const parser = new RequestParser()
  parser.push(
    bytesOf('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05'),
  )
  expect([parser.next(), parser.head.upgrade, parser.next()]).toEqual(['head', 'websocket', 'end'])
  parser.push(bytesOf('more'))
  expect([textOf(parser.rest()), parser.buffered]).toEqual(['\x81\x05more', 6])
})

test.each([
  ['nothing', '', null],
  ['half a head', 'GET / HT', 'ERR_INCOMPLETE_HEAD'],
  ['half a body', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab', 'ERR_INCOMPLETE_BODY'],
  [
    'half a chunk',
    'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
    'ERR_INCOMPLETE_CHUNKED_BODY',
  ],
  ['a whole request', GET, null],
])('the end of the stream after %s', (_, text, code) => {
  const last = eventsOf([bytesOf(text)], {}, true).at(-1)
  expect(last?.event === 'error' ? last.code : null).toBe(code)
})

test('the way the bytes are split does not matter', () => {
  const bytes = bytesOf(
    `\r\n${GET}POST http://h:1/p HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc` +
      'PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2 ;n=v\r\nab\r\n0\r\nT: v\r\n\r\n' +
      'GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n',
  )
  const whole = eventsOf([bytes])
  expect(whole).toHaveLength(9)
  expect(eventsOf(byByte(bytes))).toEqual(whole)
  for (let cut = 1; cut < bytes.length; cut++) {
    expect(eventsOf([bytes.slice(0, cut), bytes.slice(cut)])).toEqual(whole)
  }
})
