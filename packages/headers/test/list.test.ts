import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  appendToList,
  isToken,
  listIncludes,
  parseCacheControl,
  parseList,
  quoteString,
  unquoteString,
} from '../src/index.ts'

test.each<[string, string[]]>([
  ['a, b,c', ['a', 'b', 'c']],
  ['', []],
  [' , ,\t', []],
  ['a="x, y", b', ['a="x, y"', 'b']],
  ['"a\\", b", c', ['"a\\", b"', 'c']],
  ['"never ends, b', ['"never ends, b']],
  ['"ends in escape\\', ['"ends in escape\\']],
])('parseList(%j) is %j', (value, expected) => {
  expect(parseList(value)).toEqual(expected)
})

test.each<[string | null, string, boolean]>([
  ['close', 'close', true],
  ['keep-alive, Close', 'close', true],
  ['closed', 'close', false],
  ['not-close, x', 'close', false],
  ['"close"', 'close', false],
  ['', 'close', false],
  [null, 'close', false],
])('listIncludes(%j, %j) is %s', (value, token, expected) => {
  expect(listIncludes(value, token)).toBe(expected)
})

test.each<[string | null, string, string]>([
  [null, 'Accept-Encoding', 'Accept-Encoding'],
  ['', 'Accept-Encoding', 'Accept-Encoding'],
  [' ', 'Accept-Encoding', 'Accept-Encoding'],
  ['Origin', 'Accept-Encoding', 'Origin, Accept-Encoding'],
  ['accept-encoding', 'Accept-Encoding', 'accept-encoding'],
  ['Origin, accept-encoding', 'Accept-Encoding', 'Origin, accept-encoding'],
  ['X-Accept-Encoding', 'Accept-Encoding', 'X-Accept-Encoding, Accept-Encoding'],
  ['*', 'Accept-Encoding', '*'],
  ['Origin', '*', '*'],
])('appendToList(%j, %j) is %j', (existing, token, expected) => {
  expect(appendToList(existing, token)).toBe(expected)
})

const token = fc.stringMatching(/^[a-zA-Z-]{1,6}$/)

test('a list has a token once it was appended, keeps the others, and appending again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(token), token, (tokens, added) => {
      const once = appendToList(tokens.join(', '), added)
      for (const each of [...tokens, added]) expect(listIncludes(once, each.toUpperCase())).toBe(true)
      expect(appendToList(once, added)).toBe(once)
    }),
  )
})

test.each<[string, boolean]>([
  ['gzip', true],
  ["!#$%&'*+-.^_`|~09azAZ", true],
  ['', false],
  ['a b', false],
  ['a/b', false],
  ['a\n', false],
  ['é', false],
])('isToken(%j) is %s', (value, expected) => {
  expect(isToken(value)).toBe(expected)
})

test('a quoted-string gives its text back', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\t -~\x80-\xff]*$/), (text) => {
      expect(unquoteString(quoteString(text))).toBe(text)
    }),
  )
  expect(unquoteString('a')).toBeNull()
  expect(unquoteString('"a" ')).toBeNull()
  expect(unquoteString('"a\\"')).toBeNull()
  expect(() => quoteString('a\nb')).toThrow(TypeError)
  expect(() => quoteString('\u{20ac}')).toThrow(TypeError)
})

const read = (value: string | null): unknown => Object.fromEntries(parseCacheControl(value))

test('the directives of Cache-Control are read', () => {
  expect(read('max-age=60, No-Transform,private="set-cookie, x", s-maxage="10"')).toEqual({
    'max-age': '60',
    'no-transform': true,
    private: 'set-cookie, x',
    's-maxage': '10',
  })
  expect(read('max-age=1, max-age=2, , =3, a b, x=\u{7f}')).toEqual({ 'max-age': '1' })
  expect(read(null)).toEqual({})
})
