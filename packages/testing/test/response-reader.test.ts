import { describe, expect, test } from 'vitest'
import { MalformedResponse, readResponses, ResponseReader } from '../src/index.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

describe('a well-formed response', () => {
  test('with a length is read to its last byte, and no further', () => {
    const [first, second] = readResponses(
      bytes(
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n',
      ),
    )
    expect(first?.text()).toBe('hi')
    expect(first?.framing).toBe('content-length')
    expect(second?.status).toBe(404)
  })

  test('in chunks is put together, its trailers kept apart', () => {
    const [response] = readResponses(
      bytes(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nT: v\r\n\r\n',
      ),
    )
    expect(response?.text()).toBe('abc')
    expect(response?.trailers).toEqual([['t', 'v']])
  })

  test('to HEAD has no body, whatever its Content-Length', () => {
    const responses = readResponses(bytes('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'), ['HEAD'])
    expect(responses).toHaveLength(1)
    expect(responses[0]?.framing).toBe('none')
  })

  test('without a length ends with the connection', () => {
    const reader = new ResponseReader()
    reader.push(bytes('HTTP/1.1 200 OK\r\n\r\nall of'))
    expect(reader.responses).toHaveLength(0)
    reader.push(bytes(' it'))
    reader.end()
    expect(reader.responses[0]?.text()).toBe('all of it')
  })

  test('comes out the same when it arrives a byte at a time', () => {
    const reader = new ResponseReader()
    const whole =
      'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'
    for (const byte of bytes(whole)) reader.push(Uint8Array.of(byte))
    reader.end()
    expect(reader.interim.map(({ status }) => status)).toEqual([103])
    expect(reader.responses[0]?.text()).toBe('abc')
  })
})

describe('a malformed response', () => {
  test.each([
    ['a bare LF', 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n'],
    ['a status line of another protocol', 'HTTP/2 200 OK\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nA : b\r\n\r\n'],
    ['a folded field', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n'],
    ['two framings', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a length on 204', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n'],
    [
      'a chunk longer than it says',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n',
    ],
    ['a missing octet', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab'],
    ['a surplus octet', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab'],
  ])('with %s is refused', (_, text) => {
    expect(() => readResponses(bytes(text))).toThrow(MalformedResponse)
  })
})
