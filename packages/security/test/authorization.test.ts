import { respond } from '@tsws/http'
import { expect, test } from 'vitest'
import { credentialsOf, keepPrivate } from '../src/authorization.ts'

test.each([
  [null, 'none'],
  ['', 'none'],
  ['Bearer abc', 'none'],
  ['Basicabc', 'none'],
  ['Basic', 'malformed'],
  ['Basic ', 'malformed'],
  ['Basic a b', 'malformed'],
  ['Basic abc, Basic abc', 'malformed'],
  ['Basic a"b', 'malformed'],
  [`Basic ${'a'.repeat(8193)}`, 'malformed'],
  ['Basic abc=', 'given'],
  ['bAsIc   abc', 'given'],
  [`Basic ${'a'.repeat(8192)}`, 'given'],
])('%j gives credentials for Basic that are %s', (field, kind) => {
  expect(credentialsOf(field, 'basic').kind).toBe(kind)
})

test.each([
  ['public, max-age=60', 'private, max-age=60'],
  ['max-age=60, must-revalidate', 'private, max-age=60, must-revalidate'],
  ['S-MaxAge=5', 'private'],
  ['s-maxage=5, max-age=1', 'private, max-age=1'],
  ['no-cache', 'no-cache'],
  ['max-age=5', 'max-age=5'],
  ['private, must-revalidate', 'private, must-revalidate'],
  ['no-store, public', 'no-store, public'],
  ['private="x-a", public', 'private, private="x-a"'],
])('Cache-Control: %s becomes %s', (before, after) => {
  const response = keepPrivate(respond.text('a', { headers: { 'Cache-Control': before } }))
  expect(response.headers.get('cache-control')).toBe(after)
})

test('an answer that says nothing to caches stays as it is: shared ones may not keep it', () => {
  expect(keepPrivate(respond.text('a')).headers.has('cache-control')).toBe(false)
})
