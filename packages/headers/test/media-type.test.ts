import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatMediaType, parseMediaType } from '../src/index.ts'

// the first four are RFC 9110 §8.3.1's "all equivalent"
test.each<[string, string, Record<string, string>]>([
  ['text/html;charset=utf-8', 'text/html', { charset: 'utf-8' }],
  ['Text/HTML;Charset="utf-8"', 'text/html', { charset: 'utf-8' }],
  ['text/html; charset="utf-8"', 'text/html', { charset: 'utf-8' }],
  ['text/html;charset=UTF-8', 'text/html', { charset: 'UTF-8' }],
  ['text/html', 'text/html', {}],
  [' image/svg+xml ', 'image/svg+xml', {}],
  ['multipart/form-data; boundary="a;b, \\"c\\""', 'multipart/form-data', { boundary: 'a;b, "c"' }],
  ['text/html;;; charset=a; charset=b; bad; =c; d=; e f=g', 'text/html', { charset: 'a' }],
  ['text/html; charset="unended', 'text/html', {}],
  ['*/*', '*/*', {}],
])('parseMediaType(%j)', (value, essence, parameters) => {
  const parsed = parseMediaType(value)!
  expect(parsed.essence).toBe(essence)
  expect(`${parsed.type}/${parsed.subtype}`).toBe(essence)
  expect(Object.fromEntries(parsed.parameters)).toEqual(parameters)
})

test.each([
  '',
  'text',
  'text/',
  '/html',
  'text/html/x',
  'te xt/html',
  'text/html, text/plain',
  ';charset=a',
  'text /html',
])('what is no media type is null: %j', (value) => {
  expect(parseMediaType(value)).toBeNull()
})

const token = fc.stringMatching(/^[a-z0-9!#$&^_.+-]{1,8}$/)

test('what is formatted is read back', () => {
  const parameters = fc
    .dictionary(token, fc.stringMatching(/^[\t -~\x80-\xff]*$/))
    .map((each) => new Map(Object.entries(each)))
  fc.assert(
    fc.property(token, token, parameters, (type, subtype, parameters) => {
      const parsed = parseMediaType(formatMediaType({ type, subtype, parameters }))!
      expect([parsed.type, parsed.subtype]).toEqual([type, subtype])
      expect(parsed.parameters).toEqual(parameters)
    }),
  )
})

test('what cannot stand in a field is refused', () => {
  expect(() => formatMediaType({ type: 'text', subtype: 'ht ml' })).toThrow(/subtype/)
  const parameters = new Map([['charset', 'a\r\nSet-Cookie: x']])
  expect(() => formatMediaType({ type: 'text', subtype: 'html', parameters })).toThrow(TypeError)
})
