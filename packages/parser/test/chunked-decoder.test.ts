import { expect, test } from 'vitest'
import { ChunkedDecoder } from '../src/index.ts'
import { bytesOf, byByte, textOf } from './events.ts'

const BODY = '5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n'

function decode(decoder: ChunkedDecoder): string {
  let text = ''
  while (decoder.next() === 'data') text += textOf(decoder.data)
  return text
}

test('a body is decoded, and what follows it is left', () => {
  const decoder = new ChunkedDecoder()
  decoder.push(bytesOf(`${BODY}next`))
  expect(decode(decoder)).toBe('hello!')
  expect([decoder.next(), decoder.trailers?.get('x-sum'), textOf(decoder.rest())]).toEqual([
    'end',
    '1',
    'next',
  ])
})

test('the pieces do not matter, and data is a view on them', () => {
  const decoder = new ChunkedDecoder()
  let text = ''
  for (const piece of byByte(bytesOf(BODY))) {
    decoder.push(piece)
    while (decoder.next() === 'data') {
      expect(decoder.data.buffer).toBe(piece.buffer)
      text += textOf(decoder.data)
    }
  }
  expect([text, decoder.next()]).toEqual(['hello!', 'end'])
  decoder.finish()
})

test('an error names the offset in the body, and is thrown again', () => {
  const decoder = new ChunkedDecoder()
  decoder.push(bytesOf('1\r\nx\r'))
  expect(decode(decoder)).toBe('x')
  decoder.push(bytesOf('X'))
  const expected = { code: 'ERR_INVALID_CHUNK_END', offset: 5 }
  expect(() => decoder.next()).toThrow(expect.objectContaining(expected))
  expect(() => decoder.finish()).toThrow(expect.objectContaining(expected))
})

test('a body that is cut off is an error at the end of the stream, not before', () => {
  const decoder = new ChunkedDecoder()
  decoder.push(bytesOf('5\r\nhel'))
  expect(decode(decoder)).toBe('hel')
  expect(() => decoder.finish()).toThrow(
    expect.objectContaining({ code: 'ERR_INCOMPLETE_CHUNKED_BODY', offset: 6 }),
  )
})

test('bytes that wait when the stream ends are decoded before anything is missed', () => {
  const decoder = new ChunkedDecoder()
  decoder.push(bytesOf('5\r\nhel'))
  decoder.finish()
  expect([decoder.next(), textOf(decoder.data)]).toEqual(['data', 'hel'])
  expect(() => decoder.next()).toThrow(expect.objectContaining({ code: 'ERR_INCOMPLETE_CHUNKED_BODY' }))
})
