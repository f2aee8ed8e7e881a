import { expect, test } from 'vitest'
import { evaluatePreconditions, formatContentRange, parseRange, rangeApplies } from '../src/index.ts'

test('the example of the README gives what its comments say', () => {
  const size = 10_000
  const facts = { etag: '"v7"', lastModified: Date.UTC(2024, 0, 2, 3, 4, 5) }
  const fields = { ifMatch: null, ifNoneMatch: '"v6", "v5"', ifModifiedSince: null, ifUnmodifiedSince: null }

  expect(evaluatePreconditions('GET', fields, facts)).toBe('proceed')
  expect(rangeApplies('"v7"', facts)).toBe(true)

  const parsed = parseRange('bytes=0-499, 500-999, -10', size)
  expect(parsed.kind === 'ranges' && parsed.ranges.map((range) => formatContentRange(range, size))).toEqual([
    'bytes 0-999/10000',
    'bytes 9990-9999/10000',
  ])
})
