import { expect, test } from 'vitest'
import { parseHead } from '../src/index.ts'
import { bytesOf } from './events.ts'

const HEAD = 'GET /a HTTP/1.1\r\nHost: b\r\n\r\n'

test('a head is found within the bytes given, and said where it ends', () => {
  const bytes = bytesOf(`xx${HEAD}body`)
  const result = parseHead(bytes, 2, bytes.length)
  expect(result).toMatchObject({ type: 'head', end: 2 + HEAD.length })
  expect(result.type === 'head' && [result.head.target, result.head.get('host')]).toEqual(['/a', 'b'])
})

test('every beginning of a head is incomplete, and nothing behind "to" is looked at', () => {
  const bytes = bytesOf(HEAD)
  const types = Array.from(bytes, (_, to) => parseHead(bytes, 0, to).type)
  expect(new Set(types)).toEqual(new Set(['incomplete']))
})

test('an error is a value, with its offset counted from the beginning of the bytes', () => {
  const result = parseHead(bytesOf(`xx${HEAD.replace('b', '\0')}`), 2)
  expect(result).toMatchObject({ type: 'error', error: { code: 'ERR_INVALID_FIELD_VALUE', offset: 25 } })
})

test('limits are the parser’s own', () => {
  expect(parseHead(bytesOf(HEAD), 0, HEAD.length, { maxTargetBytes: 1 })).toMatchObject({
    type: 'error',
    error: { code: 'ERR_TARGET_TOO_LONG', status: 414 },
  })
})

test('a head larger than the window it is read in is found as well', () => {
  const field = `X-${'n'.repeat(98)}: ${'v'.repeat(400)}\r\n`
  const text = `GET /a HTTP/1.1\r\nHost: b\r\n${field.repeat(50)}\r\nbody`
  const result = parseHead(bytesOf(text))
  expect(result).toMatchObject({ type: 'head', end: text.length - 4 })
  expect(result.type === 'head' && result.head.fieldValue(50)).toBe('v'.repeat(400))
})

test.each([
  [-1, 3],
  [0, 29 + 4],
  [3, 2],
  [0.5, 3],
])('from %d to %d is no part of the bytes', (from, to) => {
  expect(() => parseHead(bytesOf(HEAD), from, to)).toThrow(RangeError)
})
