import { expect, test } from 'vitest'
import { evaluatePreconditions, formatHttpDate, rangeApplies } from '../src/index.ts'
import type { PreconditionFacts, PreconditionFields } from '../src/index.ts'

const CHANGED = Date.UTC(2024, 0, 2, 3, 4, 5) + 678 // files change between seconds
const AT = formatHttpDate(CHANGED)
const BEFORE = formatHttpDate(CHANGED - 1000)
const AFTER = formatHttpDate(CHANGED + 1000)
const STRONG: PreconditionFacts = { etag: '"now"', lastModified: CHANGED }
const WEAK: PreconditionFacts = { etag: 'W/"now"', lastModified: CHANGED }
const BARE: PreconditionFacts = { etag: null, lastModified: null }
const NONE: PreconditionFacts = { etag: null, lastModified: null, exists: false }

const fields = (some: Partial<PreconditionFields>): PreconditionFields => ({
  ifMatch: null,
  ifNoneMatch: null,
  ifModifiedSince: null,
  ifUnmodifiedSince: null,
  ...some,
})

test.each<[string, string, Partial<PreconditionFields>, PreconditionFacts, string]>([
  ['without conditions', 'GET', {}, STRONG, 'proceed'],
  // step 1
  ['If-Match holds', 'GET', { ifMatch: '"now"' }, STRONG, 'proceed'],
  ['If-Match names another', 'GET', { ifMatch: '"old"' }, STRONG, 'failed'],
  ['If-Match compares strongly', 'PUT', { ifMatch: 'W/"now"' }, WEAK, 'failed'],
  ['If-Match: * of what exists', 'PUT', { ifMatch: '*' }, BARE, 'proceed'],
  ['If-Match: * of nothing', 'PUT', { ifMatch: '*' }, NONE, 'failed'],
  ['an invalid If-Match', 'PUT', { ifMatch: 'now' }, STRONG, 'failed'],
  [
    'If-Match beats If-Unmodified-Since',
    'PUT',
    { ifMatch: '"now"', ifUnmodifiedSince: BEFORE },
    STRONG,
    'proceed',
  ],
  // step 2
  ['If-Unmodified-Since, same second', 'GET', { ifUnmodifiedSince: AT }, STRONG, 'proceed'],
  ['If-Unmodified-Since, later', 'GET', { ifUnmodifiedSince: AFTER }, STRONG, 'proceed'],
  ['If-Unmodified-Since, earlier', 'GET', { ifUnmodifiedSince: BEFORE }, STRONG, 'failed'],
  ['an invalid If-Unmodified-Since', 'GET', { ifUnmodifiedSince: 'yesterday' }, STRONG, 'proceed'],
  ['If-Unmodified-Since without a date', 'GET', { ifUnmodifiedSince: BEFORE }, BARE, 'proceed'],
  // step 3
  ['If-None-Match matches', 'GET', { ifNoneMatch: '"now"' }, STRONG, 'not-modified'],
  ['If-None-Match matches a HEAD', 'HEAD', { ifNoneMatch: '"now"' }, STRONG, 'not-modified'],
  ['If-None-Match matches a PUT', 'PUT', { ifNoneMatch: '"now"' }, STRONG, 'failed'],
  ['If-None-Match compares weakly', 'GET', { ifNoneMatch: '"now"' }, WEAK, 'not-modified'],
  ['If-None-Match names another', 'GET', { ifNoneMatch: '"old"' }, STRONG, 'proceed'],
  ['If-None-Match: *', 'GET', { ifNoneMatch: '*' }, BARE, 'not-modified'],
  ['If-None-Match: * creates', 'PUT', { ifNoneMatch: '*' }, NONE, 'proceed'],
  ['If-None-Match: * would overwrite', 'PUT', { ifNoneMatch: '*' }, STRONG, 'failed'],
  ['an invalid If-None-Match', 'GET', { ifNoneMatch: 'now' }, STRONG, 'proceed'],
  [
    'If-None-Match beats If-Modified-Since',
    'GET',
    { ifNoneMatch: '"old"', ifModifiedSince: AT },
    STRONG,
    'proceed',
  ],
  // step 4
  ['If-Modified-Since, same second', 'GET', { ifModifiedSince: AT }, STRONG, 'not-modified'],
  ['If-Modified-Since, later', 'HEAD', { ifModifiedSince: AFTER }, STRONG, 'not-modified'],
  ['If-Modified-Since, earlier', 'GET', { ifModifiedSince: BEFORE }, STRONG, 'proceed'],
  ['If-Modified-Since of a POST', 'POST', { ifModifiedSince: AT }, STRONG, 'proceed'],
  ['an invalid If-Modified-Since', 'GET', { ifModifiedSince: 'yesterday' }, STRONG, 'proceed'],
  ['If-Modified-Since without a date', 'GET', { ifModifiedSince: AT }, BARE, 'proceed'],
  // the order
  ['step 1 fails before step 3', 'GET', { ifMatch: '"old"', ifNoneMatch: '"now"' }, STRONG, 'failed'],
  [
    'step 2 fails before step 3',
    'GET',
    { ifUnmodifiedSince: BEFORE, ifNoneMatch: '"now"' },
    STRONG,
    'failed',
  ],
  ['step 1 holds, then step 3', 'GET', { ifMatch: '"now"', ifNoneMatch: '"now"' }, STRONG, 'not-modified'],
  ['OPTIONS ignores them (§13.2.1)', 'OPTIONS', { ifMatch: '"old"', ifNoneMatch: '*' }, STRONG, 'proceed'],
])('%s (%s)', (_name, method, some, facts, expected) => {
  expect(evaluatePreconditions(method, fields(some), facts)).toBe(expected)
})

test.each<[string, string | null, PreconditionFacts, boolean]>([
  ['none', null, STRONG, true],
  ['the strong tag', '"now"', STRONG, true],
  ['another tag', '"old"', STRONG, false],
  ['the weak tag, of a weak one', 'W/"now"', WEAK, false],
  ['the strong form of a weak tag', '"now"', WEAK, false],
  ['a tag, where there is none', '"now"', BARE, false],
  ['the date', AT, STRONG, true],
  ['a later date', AFTER, STRONG, false],
  ['an earlier date', BEFORE, STRONG, false],
  ['the date within its own second', AT, { ...STRONG, now: CHANGED + 100 }, false],
  ['the date once its second is over', AT, { ...STRONG, now: CHANGED + 1000 }, true],
  ['a date, where there is none', AT, BARE, false],
  ['neither', 'now', STRONG, false],
  ['a list of tags', '"now", "old"', STRONG, false],
])('If-Range: %s', (_name, ifRange, facts, expected) => {
  expect(rangeApplies(ifRange, facts)).toBe(expected)
})
