import { expect, test } from 'vitest'
import { HTTPParser, methods } from '../src/callbacks.ts'
import type { HeadersInfo } from '../src/callbacks.ts'
import { ParseError } from '../src/index.ts'
import { bytesOf, textOf } from './events.ts'

function record(type: 'REQUEST' | 'RESPONSE', answer?: 1 | 2) {
  const parser = new HTTPParser(type)
  const calls: unknown[][] = []
  parser[HTTPParser.kOnHeadersComplete] = (info: HeadersInfo) => {
    calls.push(['headers', info])
    return answer
  }
  parser[HTTPParser.kOnBody] = (chunk, offset, length) => {
    calls.push(['body', textOf(chunk.subarray(offset, offset + length))])
  }
  parser[HTTPParser.kOnHeaders] = (trailers) => void calls.push(['trailers', trailers])
  parser[HTTPParser.kOnMessageComplete] = () => void calls.push(['complete'])
  return { parser, calls }
}

test('a request calls back as http-parser-js does', () => {
  const { parser, calls } = record('REQUEST')
  const text = 'POST /a HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nT: v\r\n\r\n'
  expect(parser.execute(bytesOf(text))).toBe(text.length)
  expect(calls).toEqual([
    [
      'headers',
      {
        versionMajor: 1,
        versionMinor: 1,
        headers: ['Host', 'b', 'Transfer-Encoding', 'chunked'],
        method: methods.indexOf('POST'),
        methodName: 'POST',
        url: '/a',
        statusCode: undefined,
        statusMessage: undefined,
        upgrade: false,
        shouldKeepAlive: true,
      },
    ],
    ['body', 'hi'],
    ['trailers', ['T', 'v']],
    ['complete'],
  ])
})

test('a part of a chunk can be executed, and its body is told by its place in the whole', () => {
  const { parser, calls } = record('REQUEST')
  expect(parser.execute(bytesOf('xxPUT / HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\nhixx'), 2, 48)).toBe(
    48,
  )
  expect(calls.slice(1)).toEqual([['body', 'hi'], ['complete']])
})

test('before another protocol, execute says how much it read', () => {
  const { parser, calls } = record('REQUEST')
  const head = 'GET / HTTP/1.1\r\nHost: b\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'
  expect(parser.execute(bytesOf(`${head}\x81\x05`))).toBe(head.length)
  expect(calls.map(([name]) => name)).toEqual(['headers', 'complete'])
  expect(parser.execute(bytesOf('more'))).toBe(0)
})

test('a response to HEAD has no body if the callback says so', () => {
  const { parser, calls } = record('RESPONSE', 1)
  const text = 'HTTP/1.1 200 Fine\r\nContent-Length: 9\r\n\r\n'
  expect(parser.execute(bytesOf(text + text))).toBe(text.length * 2)
  expect(calls.map(([name]) => name)).toEqual(['headers', 'complete', 'headers', 'complete'])
  expect(calls[0]![1]).toMatchObject({ statusCode: 200, statusMessage: 'Fine' })
})

test('a response without a length is complete at the end of the stream', () => {
  const { parser, calls } = record('RESPONSE')
  parser.execute(bytesOf('HTTP/1.1 200 Fine\r\n\r\nhello'))
  expect([parser.finish(), ...calls.slice(1)]).toEqual([undefined, ['body', 'hello'], ['complete']])
})

test('an error is returned, and what a callback throws is thrown', () => {
  const { parser } = record('REQUEST')
  expect(parser.execute(bytesOf('GET / HTTP/1.1\r\n\r\n'))).toBeInstanceOf(ParseError)
  parser.initialize('REQUEST')
  parser.execute(bytesOf('GET / HT'))
  expect(parser.finish()).toMatchObject({ code: 'ERR_INCOMPLETE_HEAD' })
  parser.initialize('REQUEST')
  parser[HTTPParser.kOnHeadersComplete] = () => {
    throw new Error('mine')
  }
  expect(() => parser.execute(bytesOf('GET / HTTP/1.1\r\nHost: b\r\n\r\n'))).toThrow('mine')
})

test('any other type is refused', () => {
  expect(() => new HTTPParser('BOTH' as 'REQUEST')).toThrow(TypeError)
})
