import { describe, expect, test } from 'vitest'
import { targetText } from '../src/recent-targets.ts'

const read = (text: string, before = ''): string => {
  const bytes = Buffer.from(`${before}${text} HTTP/1.1`, 'latin1')
  return targetText(bytes, before.length, before.length + text.length)
}

describe('the text of a target', () => {
  test('is what the bytes say, the first time and every other', () => {
    for (let again = 0; again < 2; again++)
      for (const text of [
        '/',
        '*',
        '/a',
        '/b',
        '/\xff\x80',
        '/a?b',
        `/${'x'.repeat(300)}`,
        'example.com:443',
      ])
        expect(read(text, 'GET ')).toBe(text)
  })

  test('is never that of another, however many there are: far more than are kept', () => {
    for (let number = 0; number < 20_000; number++) {
      const text = `/${number.toString(36)}/${(number * 7919).toString(36)}`
      if (read(text) !== text || read(text) !== text) expect(read(text)).toBe(text)
    }
    expect(read('/0/0')).toBe('/0/0')
  })

  test('is not that of one that only begins so, or ends so', () => {
    for (const text of ['/abc', '/ab', '/abcd', '/bc', '/abd', '/Abc']) expect(read(text)).toBe(text)
  })
})
