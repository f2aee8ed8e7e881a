import { expect, test } from 'vitest'
import { COMPLETE, HeadScan, METHOD, NEED_MORE } from '../src/head-scan.ts'
import { resolveOptions } from '../src/options.ts'
import { scanRequestHead } from '../src/scan-request-head.ts'
import { bytesOf } from './events.ts'

/** Feeds a head to a scan one byte at a time, and counts every byte that is read on the way. */
function bytesReadFor(head: string): number {
  const scan = new HeadScan(new ArrayBuffer(head.length + 16), resolveOptions())
  scan.bytes.set(bytesOf(head))
  let read = 0
  scan.bytes = new Proxy(scan.bytes, {
    get(bytes, place) {
      if (typeof place === 'string' && /^\d+$/.test(place)) read++
      return Reflect.get(bytes, place, bytes) as unknown
    },
  })
  const { view } = scan
  scan.view = new Proxy(view, {
    get: () => (at: number, lowestFirst: boolean) => {
      read += 4
      return view.getInt32(at, lowestFirst)
    },
  })
  scan.begin(0, METHOD)
  for (let end = 1; end < head.length; end++) expect(scanRequestHead(scan, end)).toBe(NEED_MORE)
  expect(scanRequestHead(scan, head.length)).toBe(COMPLETE)
  return read
}

// A byte alone is looked at by the quick way and by the slow one, as the end of a word of four, and for the NUL
// behind it: about ten reads. A quadratic scan would need thousands for each.
const READS_PER_BYTE = 16

test.each([
  ['one long value', `X: ${'v'.repeat(16_000)}\r\n`],
  ['one long name', `${'n'.repeat(16_000)}: v\r\n`],
  ['whitespace before a value', `X:${' '.repeat(16_000)}v\r\n`],
  ['whitespace behind a value', `X: v${' '.repeat(16_000)}\r\n`],
  [
    'a hundred fields',
    'X-Filler: some value that is rather long, and goes on, and on, and on, and on\r\n'.repeat(100),
  ],
])('a head of %s that comes a byte at a time costs linear work', (_, fields) => {
  const head = `GET /${'a'.repeat(4000)} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`
  expect(bytesReadFor(head) / head.length).toBeLessThan(READS_PER_BYTE)
})
