import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isEntityTag, listMatches, parseEntityTagList, strongMatch, weakMatch } from '../src/index.ts'

test.each([
  ['"xyzzy"', true],
  ['W/"xyzzy"', true],
  ['""', true],
  ['"a,b"', true],
  ['"\x80\xff"', true],
  ['w/"xyzzy"', false],
  ['W/xyzzy', false],
  ['xyzzy', false],
  ['"', false],
  ['"a b"', false],
  ['"a"b"', false],
  ['W/W/"a"', false],
  ['"\u{100}"', false],
  ['"a"\n', false],
  ['*', false],
])('isEntityTag(%j) is %s', (value, expected) => {
  expect(isEntityTag(value)).toBe(expected)
})

// the table of RFC 9110 §8.8.3.2
test.each([
  ['W/"1"', 'W/"1"', false, true],
  ['W/"1"', 'W/"2"', false, false],
  ['W/"1"', '"1"', false, true],
  ['"1"', '"1"', true, true],
])('%s against %s: strong %s, weak %s', (a, b, strong, weak) => {
  expect(strongMatch(a, b)).toBe(strong)
  expect(strongMatch(b, a)).toBe(strong)
  expect(weakMatch(a, b)).toBe(weak)
  expect(weakMatch(b, a)).toBe(weak)
})

// RFC 9110 §13.1.1 and §13.1.2
test.each<[string, '*' | string[] | null]>([
  ['"xyzzy"', ['"xyzzy"']],
  ['"xyzzy", "r2d2xxxx", "c3piozzzz"', ['"xyzzy"', '"r2d2xxxx"', '"c3piozzzz"']],
  ['W/"xyzzy", W/"r2d2xxxx"', ['W/"xyzzy"', 'W/"r2d2xxxx"']],
  ['*', '*'],
  [' * ', '*'],
  ['"a,b", "c"', ['"a,b"', '"c"']],
  [', "a" ,, \t"b",', ['"a"', '"b"']],
  ['"a""b"', null],
  ['"a" "b"', null],
  ['"a", *', null],
  ['*, "a"', null],
  ['a', null],
  ['"a', null],
  ['W/W/"a"', null],
  ['', null],
  [',', null],
  ['   ', null],
])('parseEntityTagList(%j) is %j', (value, expected) => {
  expect(parseEntityTagList(value)).toEqual(expected)
})

test.each<[string, string | null, boolean, boolean]>([
  ['"a"', '"a"', true, true],
  ['W/"a"', 'W/"a"', false, true],
  ['W/"a"', '"a"', false, true],
  ['"b", W/"a"', '"a"', false, true],
  ['"b", "a"', '"a"', true, true],
  ['"b"', '"a"', false, false],
  ['*', '"a"', true, true],
  ['*', 'W/"a"', true, true],
  ['*', null, true, true],
  ['"a"', null, false, false],
  ['"a', '"a"', false, false],
  ['"a", b', '"a"', false, false],
])('listMatches(%j, %j): strong %s, weak %s', (value, etag, strong, weak) => {
  expect(listMatches(value, etag, 'strong')).toBe(strong)
  expect(listMatches(value, etag, 'weak')).toBe(weak)
})

const tag = fc
  .tuple(fc.boolean(), fc.stringMatching(/^[!#-~]{0,12}$/))
  .map(([weak, opaque]) => `${weak ? 'W/' : ''}"${opaque}"`)

test('a list of tags is read back, whatever blanks and commas stand between', () => {
  fc.assert(
    fc.property(
      fc.array(tag, { minLength: 1 }),
      fc.constantFrom(',', ', ', ' ,\t', ',,', ' , , '),
      (tags, glue) => {
        expect(parseEntityTagList(tags.join(glue))).toEqual(tags)
      },
    ),
  )
})

test('a list matches weakly exactly when one member does', () => {
  fc.assert(
    fc.property(fc.array(tag, { minLength: 1 }), tag, (tags, etag) => {
      expect(listMatches(tags.join(', '), etag, 'weak')).toBe(tags.some((each) => weakMatch(each, etag)))
      expect(listMatches(tags.join(', '), etag, 'strong')).toBe(tags.some((each) => strongMatch(each, etag)))
    }),
  )
})

test('a long field of blanks is refused in time that grows with its length only', () => {
  const started = performance.now()
  expect(parseEntityTagList(`"a"${' '.repeat(200_000)}x`)).toBeNull()
  expect(performance.now() - started).toBeLessThan(1000)
})
