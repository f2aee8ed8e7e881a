import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatContentRange, formatUnsatisfiedRange, parseRange } from '../src/index.ts'

const of = (...pairs: [number, number][]): unknown => ({
  kind: 'ranges',
  ranges: pairs.map(([start, end]) => ({ start, end })),
})
const IGNORE = { kind: 'ignore' }
const UNSATISFIABLE = { kind: 'unsatisfiable' }

// RFC 9110 §14.1.2, on its representation of 10000 bytes
test.each([
  ['bytes=0-499', of([0, 500])],
  ['bytes=500-999', of([500, 1000])],
  ['bytes=-500', of([9500, 10_000])],
  ['bytes=9500-', of([9500, 10_000])],
  ['bytes=0-0,-1', of([0, 1], [9999, 10_000])],
  ['bytes= 0-999, 4500-5499, -1000', of([0, 1000], [4500, 5500], [9000, 10_000])],
  ['bytes=500-600,601-999', of([500, 1000])],
  ['bytes=500-700,601-999', of([500, 1000])],
])('the examples of the RFC: %s', (value, expected) => {
  expect(parseRange(value, 10_000)).toEqual(expected)
})

test.each([
  ['bytes=0-4', of([0, 5])],
  ['BYTES=0-4', of([0, 5])],
  ['bytes=30-', of([30, 36])],
  ['bytes=-100', of([0, 36])],
  ['bytes=35-100', of([35, 36])],
  ['bytes=0-35', of([0, 36])],
  ['bytes=30-99999999999999999999', of([30, 36])],
  ['bytes=-99999999999999999999', of([0, 36])],
  ['bytes=00-04', of([0, 5])],
  ['bytes=,0-4,,\t6-7,', of([0, 5], [6, 8])],
  ['bytes=34-35,0-1', of([34, 36], [0, 2])], // the order asked for
  ['bytes=5-9,0-6,20-21', of([0, 10], [20, 22])],
  ['bytes=0-1,100-', of([0, 2])], // the unsatisfiable one is left out
  ['bytes=36-', UNSATISFIABLE],
  ['bytes=99999999999999999998-99999999999999999999', UNSATISFIABLE],
  ['bytes=-0', UNSATISFIABLE],
  ['bytes=36-36,-0', UNSATISFIABLE],
  ['bytes=5-2', IGNORE],
  ['bytes=99999999999999999999-99999999999999999998', IGNORE],
  ['bytes=0-1,5-2', IGNORE],
  ['bytes=a-b', IGNORE],
  ['bytes=0-4x', IGNORE],
  ['bytes=0 - 4', IGNORE],
  ['bytes=--4', IGNORE],
  ['bytes=-', IGNORE],
  ['bytes=0', IGNORE],
  ['bytes=+1-2', IGNORE],
  ['bytes=0x1-2', IGNORE],
  ['bytes=1e1-20', IGNORE],
  ['bytes=', IGNORE],
  ['bytes=,', IGNORE],
  ['bytes 0-4', IGNORE],
  ['items=0-4', IGNORE],
  ['xbytes=0-4', IGNORE],
  ['', IGNORE],
])('%s of 36 bytes', (value, expected) => {
  expect(parseRange(value, 36)).toEqual(expected)
})

test('of an empty representation no range can be sent', () => {
  expect(parseRange('bytes=0-', 0)).toEqual(UNSATISFIABLE)
  expect(parseRange('bytes=0-0', 0)).toEqual(UNSATISFIABLE)
  expect(parseRange('bytes=-0', 0)).toEqual(UNSATISFIABLE)
  expect(parseRange('bytes=-5', 0)).toEqual(IGNORE)
})

test('sets made to hurt are ignored (§17.15)', () => {
  expect(parseRange(`bytes=${'0-,'.repeat(300)}0-`, 102_400)).toEqual(IGNORE)
  expect(parseRange('bytes=0-,0-,0-,0-', 1000)).toEqual(IGNORE) // three that overlap the first
  const descending = Array.from({ length: 10 }, (_, i) => `${1000 - i * 100}-${1001 - i * 100}`)
  expect(parseRange(`bytes=${descending.join(',')}`, 2000)).toEqual(IGNORE)
  expect(parseRange(`bytes=${descending.toReversed().join(',')}`, 2000)).toMatchObject({ kind: 'ranges' })
})

test('the limits can be moved', () => {
  expect(parseRange('bytes=0-0,2-2', 10, { maxRanges: 1 })).toEqual(IGNORE)
  expect(parseRange('bytes=0-,0-', 10, { maxOverlapping: 0 })).toEqual(IGNORE)
  expect(parseRange('bytes=5-5,0-0', 10, { maxSmallUnordered: 0 })).toEqual(IGNORE)
  expect(parseRange('bytes=0-,0-,0-,0-', 10, { maxOverlapping: 3 })).toEqual(of([0, 10]))
})

const spec = fc.oneof(
  fc.tuple(fc.nat(120), fc.nat(120)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
  fc.nat(120).map((first) => `${first}-`),
  fc.nat(120).map((length) => `-${length}`),
)

test('what is sent is exactly what was asked for, each byte once, none outside', () => {
  fc.assert(
    fc.property(
      fc.array(spec, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 100 }),
      (specs, size) => {
        const generous = { maxOverlapping: 100, maxSmallUnordered: 100 }
        const parsed = parseRange(`bytes=${specs.join(',')}`, size, generous)
        const wanted = new Set<number>()
        for (const each of specs) {
          const [first, last] = each.split('-') as [string, string]
          const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
          const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
          for (let i = start; i < end; i++) wanted.add(i)
        }
        const sent = parsed.kind === 'ranges' ? parsed.ranges : []
        const bytes = sent.flatMap(({ start, end }) =>
          Array.from({ length: end - start }, (_, i) => start + i),
        )
        expect(bytes.toSorted((a, b) => a - b)).toEqual([...wanted].toSorted((a, b) => a - b))
        expect(parsed.kind).toBe(wanted.size > 0 ? 'ranges' : 'unsatisfiable')
      },
    ),
  )
})

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^(bytes=)?[-0-9, a]*$/), fc.nat(), (value, size) => {
      const parsed = parseRange(value, size)
      if (parsed.kind !== 'ranges') return
      for (const { start, end } of parsed.ranges) expect(0 <= start && start < end && end <= size).toBe(true)
    }),
  )
})

test('Content-Range names the last byte, not the end', () => {
  expect(formatContentRange({ start: 0, end: 5 }, 36)).toBe('bytes 0-4/36')
  expect(formatUnsatisfiedRange(36)).toBe('bytes */36')
})
