import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { acceptsMediaType, createCodingNegotiator, negotiateCoding, parseQualityList } from '../src/index.ts'

test.each<[string, [string, number][]]>([
  ['gzip', [['gzip', 1]]],
  ['GZip;Q=0.5', [['gzip', 0.5]]],
  [
    'gzip ; q=0.5\t,br',
    [
      ['gzip', 0.5],
      ['br', 1],
    ],
  ],
  [
    'gzip;q=0, br;q=1.000',
    [
      ['gzip', 0],
      ['br', 1],
    ],
  ],
  ['gzip;q=0.', [['gzip', 0]]],
  [
    'gzip;q=high, br;q=-1, zstd;q=1.001, x;q=0.1234, y;q=, z;q, w;q=.5, identity',
    [
      ['z;q', 1],
      ['identity', 1],
    ],
  ],
  [
    'text/html;level=1;q=0.4, text/*',
    [
      ['text/html;level=1', 0.4],
      ['text/*', 1],
    ],
  ],
  ['text/html ; level=1', [['text/html;level=1', 1]]],
  ['text/html;a="x,y;q=0";q=0.3;ext=1', [['text/html;a="x,y;q=0"', 0.3]]],
  [',, gzip ,', [['gzip', 1]]],
  [';q=0.5, gzip', [['gzip', 1]]],
  ['', []],
])('parseQualityList(%j)', (value, expected) => {
  expect(parseQualityList(value)).toEqual(expected.map(([value, q]) => ({ value, q })))
})

// RFC 9110 §12.5.1: its example, and its table
const ACCEPT =
  'text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5'
test.each([
  ['text/plain;format=flowed', 1],
  ['text/plain', 0.7],
  ['text/html', 0.3],
  ['image/jpeg', 0.5],
  ['text/plain;format=fixed', 0.4],
  ['text/html;level=3', 0.3],
])('the table of the RFC: %s has quality %s', (type, quality) => {
  expect(acceptsMediaType(ACCEPT, type)).toBe(quality)
})

test.each<[string | null, string, number]>([
  [null, 'text/html', 1],
  ['', 'text/html', 1],
  ['text/html', 'text/html; charset=utf-8', 1],
  ['TEXT/HTML', 'text/html', 1],
  ['application/json', 'text/html', 0],
  ['*/*, text/html;q=0', 'text/html', 0],
  ['text/html;q=0, */*', 'text/html', 0],
  ['text/html;level=1', 'text/html', 0],
  ['text/html;q=nonsense', 'text/html', 0],
  ['nonsense, */*;q=0.1', 'text/html', 0.1],
  ['image/avif,image/webp,*/*;q=0.8', 'text/html', 0.8],
])('acceptsMediaType(%j, %j) is %s', (accept, type, quality) => {
  expect(acceptsMediaType(accept, type)).toBe(quality)
})

test('asking about what is no media type is a mistake of the program', () => {
  expect(() => acceptsMediaType('*/*', 'html')).toThrow(TypeError)
})

const OURS = ['br', 'zstd', 'gzip']
test.each<[string | null, string | null]>([
  [null, 'identity'],
  ['', 'identity'],
  [' ', 'identity'],
  ['gzip', 'gzip'],
  ['GZIP', 'gzip'],
  ['x-gzip', 'gzip'],
  ['X-GZip;q=0.5', 'gzip'],
  ['x-gzip;q=0, gzip', 'gzip'],
  ['gzip;q=0, x-gzip', 'identity'],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip, deflate, zstd', 'zstd'],
  ['gzip, deflate', 'gzip'],
  ['deflate', 'identity'],
  ['gzip;q=0', 'identity'],
  ['gzip;q=0.000', 'identity'],
  ['gzip;q=0, br;q=0, deflate;q=0, zstd;q=0', 'identity'],
  ['br;q=0.1, gzip;q=0.9', 'gzip'],
  ['br;q=0.001, gzip;q=0', 'br'],
  ['identity;q=0.5, gzip;q=0.4', 'identity'],
  ['identity, gzip', 'gzip'], // equal to the client: the server's order counts
  ['gzip;q=0.001', 'gzip'], // identity is acceptable, but was not asked for
  ['*', 'br'],
  ['*;q=0.5', 'br'],
  ['*;q=0', null],
  ['gzip, *;q=0', 'gzip'],
  ['deflate, *;q=0', null],
  ['*;q=0, identity', 'identity'],
  ['*;q=0, identity;q=0.1', 'identity'],
  ['identity;q=0', null],
  ['identity;q=0, gzip', 'gzip'],
  ['identity;q=0, *', 'br'],
  ['br;q=0, *', 'zstd'],
  ['gzip;q=0.5, *;q=0.8', 'br'],
  ['sdch, exi', 'identity'],
  ['gzipped, notbr, xgzip', 'identity'],
  ['gzip;q=high, br;q=-1', 'identity'],
  ['identity;q=0, gzip;q=high', null],
  ['gzip;q=0, gzip', 'identity'],
  [', ,gzip,', 'gzip'],
  ['gzip;q=1.001', 'identity'],
  ['gzip;q=0.0000', 'identity'],
  ['gzip; q = 0.5', 'identity'], // no whitespace around the `=` (§12.4.2)
  ['gzip \t;\tq=0.5', 'gzip'],
  ['identity;q=1, gzip;q=0.5', 'identity'],
  ['br;q=0.5, gzip', 'gzip'],
  ['gzip, gzip;q=0', 'gzip'],
  ['*;q=1.5, gzip;q=0.1', 'gzip'],
  ['*;q=0, gzip;q=0.0000', null],
  ['"gzip"', 'identity'],
])('negotiateCoding(%j) is %j', (acceptEncoding, expected) => {
  expect(negotiateCoding(acceptEncoding, OURS)).toBe(expected)
})

test('the order of the server decides where the client does not', () => {
  expect(negotiateCoding('br, gzip', ['gzip', 'br'])).toBe('gzip')
  expect(negotiateCoding('gzip', ['identity', 'gzip'])).toBe('gzip') // unlisted identity comes last all the same
  expect(negotiateCoding('gzip, identity', ['identity', 'gzip'])).toBe('identity')
  expect(negotiateCoding('gzip', [])).toBe('identity')
})

const member = fc
  .tuple(
    fc.constantFrom('gzip', 'x-gzip', 'br', 'zstd', 'identity', '*', 'deflate'),
    fc.constantFrom('', ';q=0', ';q=0.5', ';q=1'),
  )
  .map((parts) => parts.join(''))

test('a refused coding is never chosen, and null only where identity is refused', () => {
  fc.assert(
    fc.property(fc.uniqueArray(member, { selector: (each) => each.split(';')[0] }), (members) => {
      const field = members.join(', ')
      const chosen = negotiateCoding(field, OURS)
      const refused = (coding: string): boolean =>
        members.includes(`${coding};q=0`) ||
        (members.includes('*;q=0') &&
          !members.some((each) => each === coding || each.startsWith(`${coding};`)))
      if (chosen === null) expect(refused('identity')).toBe(true)
      else
        expect(
          refused(chosen) &&
            !(chosen === 'gzip' && members.some((each) => /^x-gzip(;q=[^0]|;q=0\.|$)/.test(each))),
        ).toBe(false)
    }),
  )
})

test('a negotiator that remembers answers as the plain function does', () => {
  const negotiate = createCodingNegotiator(OURS, 3)
  fc.assert(
    fc.property(fc.array(member), (members) => {
      const field = members.join(',')
      expect(negotiate(field)).toBe(negotiateCoding(field, OURS))
      expect(negotiate(field)).toBe(negotiateCoding(field, OURS))
    }),
  )
  expect(negotiate(null)).toBe('identity')
})
