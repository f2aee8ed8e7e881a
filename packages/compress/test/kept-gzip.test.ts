import { createGzip, gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { gzipKept, keepGzip, MAX_KEPT_BYTES } from '../src/kept-gzip.ts'
import { gzipOptions } from '../src/levels.ts'
import { sampleText } from './exchange.ts'

/** Bytes that do not shrink, the same in every run (xorshift32). */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = 0x9e3779b9
  for (let at = 0; at < length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[at] = state
  }
  return bytes
}

describe('a gzip state that is used again', () => {
  test('gives what decodes, as short as gzipSync gives it, whatever came before', () => {
    const sizes = [0, 1, 100, 8192, 8193, 50_000, MAX_KEPT_BYTES]
    for (const level of [1, 6, 9]) {
      for (const size of [...sizes, ...sizes.toReversed()]) {
        const text = sampleText(size).slice(0, size)
        const options = gzipOptions(level, size <= 8192 ? 8192 : MAX_KEPT_BYTES)
        const coded = gzipKept(text, level) as Uint8Array
        expect(gunzipSync(coded).toString()).toBe(text)
        // Old content in the window makes zlib try other places first: a byte more or less.
        expect(Math.abs(coded.length - gzipSync(text, options).length)).toBeLessThanOrEqual(2)
      }
    }
  })

  test('takes bytes and text, also of more than one byte a character', () => {
    const text = 'Grüße, 世界, 👋 '.repeat(1000)
    for (const content of [text, Buffer.from(text), Buffer.from(`xx${text}`).subarray(2)]) {
      expect(gunzipSync(gzipKept(content, 5) as Uint8Array).toString()).toBe(text)
    }
  })

  test('gives memory of its own, no more than it fills', () => {
    const first = gzipKept('one '.repeat(500), 5) as Uint8Array
    const copy = Buffer.from(first)
    gzipKept('two '.repeat(900), 5)
    expect(Buffer.compare(first, copy)).toBe(0)
    expect(first.buffer.byteLength).toBe(first.length)
  })

  test('leaves what does not fit to others, and goes on', () => {
    expect(gzipKept(noise(MAX_KEPT_BYTES), 5)).toBe(null)
    expect(gzipKept('ü'.repeat(MAX_KEPT_BYTES), 5)).toBe(null) // twice as many bytes as characters
    expect(gunzipSync(gzipKept('and on', 5) as Uint8Array).toString()).toBe('and on')
  })

  test('is not used where zlib is made otherwise, or does otherwise', () => {
    const options = gzipOptions(5, 1000)
    const changed = (change: (gzip: ReturnType<typeof createGzip>) => object) =>
      keepGzip(options, (given) => {
        const gzip = createGzip(given)
        return Object.assign(gzip, change(gzip))
      })
    expect(changed(() => ({}))).not.toBe(null)
    expect(changed(() => ({ _handle: null }))).toBe(null)
    expect(changed(() => ({ _handle: { reset: () => {} } }))).toBe(null)
    expect(changed(() => ({ _writeState: undefined }))).toBe(null)
    expect(changed(() => ({ _handle: { reset: () => {}, writeSync: () => {} } }))).toBe(null)
    expect(changed((gzip) => ({ close: gzip.destroy() }))).toBe(null)
  })
})
