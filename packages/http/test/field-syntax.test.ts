import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkFieldName, checkFieldValue, isFramingName } from '../src/field-syntax.ts'
import { HeaderBlock, HttpHeaders } from '../src/index.ts'

const WRITERS: readonly (readonly [string, (name: string, value: string) => unknown])[] = [
  ['set', (name, value) => new HttpHeaders().set(name, value)],
  ['append', (name, value) => new HttpHeaders().append(name, value)],
  ['the constructor', (name, value) => new HttpHeaders([[name, value]])],
  ['a block', (name, value) => new HeaderBlock([[name, value]])],
]

const BAD_VALUES = [
  ['CRLF', 'a\r\nSet-Cookie: b=1'],
  ['a bare CR', 'a\rb'],
  ['a bare LF', 'a\nb'],
  ['a trailing LF', 'a\n'],
  ['NUL', 'a\0b'],
  ['DEL', 'a\x7fb'],
  ['another control character', 'a\x1bb'],
  ['a character above U+00FF', 'a\u0100'],
  ['one that latin1 would cut down to LF', 'a\u010ab'],
  ['one that latin1 would cut down to CR', 'a\u560db'],
  ['a line separator', 'a\u2028b'],
  ['half a surrogate pair', 'a\ud83d'],
] as const

describe.each(WRITERS)('%s', (_writer, write) => {
  test.each(BAD_VALUES)('refuses a value with %s', (_what, value) => {
    expect(() => write('X-A', value)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_FIELD_VALUE' }))
    expect(() => write('X-A', value)).toThrow(TypeError)
  })

  test.each([
    '',
    ' ',
    'a b',
    'a:',
    'a\r\nb',
    'a\0',
    'é',
    '(a)',
    'a/b',
    'a@b',
    '"a"',
    'Ka\u212aey',
    ' a',
    'a ',
  ])('refuses the name %j (RFC 9110 §5.1)', (name) => {
    expect(() => write(name, 'x')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_FIELD_NAME' }))
    expect(() => write(name, 'x')).toThrow(TypeError)
  })

  test('refuses what is no string or number, naming what it got', () => {
    for (const value of [undefined, null, ['a', 'b'], { a: 1 }, true, Symbol('s'), Number.NaN, Infinity]) {
      expect(() => write('X-A', value as unknown as string)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_FIELD_VALUE' }),
      )
    }
    expect(() => write('X-A', undefined as unknown as string)).toThrow(/X-A .*string.*undefined/)
  })
})

test('a refused field leaves the headers as they were', () => {
  const headers = new HttpHeaders({ A: '1' })
  expect(() => headers.set('A', 'x\r\ny')).toThrow(TypeError)
  expect([...headers]).toEqual([['a', '1']])
})

test('an error shows the start of a bad value, in one line', () => {
  const long = `\r\n${'x'.repeat(10_000)}`
  let message = ''
  try {
    checkFieldValue('X-A', long)
  } catch (error) {
    message = (error as Error).message
  }
  expect(message).toContain('X-A')
  expect(message).toContain('\\r\\n')
  expect(message).not.toMatch(/[\r\n]/)
  expect(message.length).toBeLessThan(250)
})

test('any value that passes is one line of legal octets, and none other passes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const legal = [...value].every((char) => /^[\t\x20-\x7e\x80-\xff]$/.test(char))
      if (legal) expect(checkFieldValue('A', value)).toBe(value.replace(/^[\t ]+|[\t ]+$/g, ''))
      else expect(() => checkFieldValue('A', value)).toThrow(TypeError)
    }),
  )
})

test('trimming a value takes time in proportion to its length', () => {
  const value = `a${' '.repeat(200_000)}b `
  const start = performance.now()
  expect(checkFieldValue('A', value)).toHaveLength(200_002)
  expect(performance.now() - start).toBeLessThan(1000)
})

test('a name gives its lower-case form, again and again', () => {
  expect(checkFieldName('ETag')).toBe('etag')
  expect(checkFieldName('ETag')).toBe('etag')
  expect(checkFieldName("!#$%&'*+-.^_`|~09AZaz")).toBe("!#$%&'*+-.^_`|~09azaz")
})

test('names beyond what the cache holds are checked all the same', () => {
  for (let count = 0; count < 2000; count++) expect(checkFieldName(`X-${count}`)).toBe(`x-${count}`)
  expect(checkFieldName('X-1999')).toBe('x-1999')
  expect(() => checkFieldName('X 1999')).toThrow(TypeError)
  expect(checkFieldName(`X-${'y'.repeat(5000)}`)).toHaveLength(5002)
})

test('framing fields are those that a server writes itself', () => {
  for (const name of ['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'date'])
    expect(isFramingName(name)).toBe(true)
  for (const name of ['content-type', 'upgrade', 'trailer', 'last-modified'])
    expect(isFramingName(name)).toBe(false)
})
