import { evaluatePreconditions } from '@tsws/headers'
import { HttpResponse, respond } from '@tsws/http'
import type { Handler } from '@tsws/http'
import { expect, test } from 'vitest'
import { codedTag, notModifiedTag, plainTag, restoreTags } from '../src/entity-tag.ts'
import { compress } from '../src/index.ts'
import { accepting, request, sampleText } from './exchange.ts'

test.each([
  ['"v7"', 'gzip', 'W/"v7~gzip"'],
  ['""', 'br', 'W/"~br"'],
  ['W/"v7"', 'gzip', 'W/"v7"'],
] as const)('the coded form of %s in %s is %s', (etag, coding, expected) => {
  expect(codedTag(etag, coding)).toBe(expected)
  if (etag.startsWith('"')) expect(plainTag(expected)).toBe(etag)
})

test.each(['"v7"', 'W/"v7"', '"v7~gzip"', 'W/"v7~deflate"', 'W/"a~gzip-2"', 'W/"v7-gzip"'])(
  '%s is not ours',
  (etag) => {
    expect(plainTag(etag)).toBeNull()
  },
)

test.each<[string, string | null]>([
  ['W/"v7~gzip"', '"v7"'],
  ['W/"v7~gzip", W/"v7~br", W/"v6~br"', '"v7", "v6"'],
  ['"x", W/"v7~gzip", W/"y"', '"x", "v7", W/"y"'],
  ['W/"a~b~gzip"', '"a~b"'],
  ['"v7"', null],
  ['W/"a~b"', null],
  ['*', null],
  ['W/"v7~gzip', null],
])('the tags %j are given to the handler as %j', (value, expected) => {
  expect(restoreTags(value)).toBe(expected)
})

test('a 304 carries the tag of the copy the client has', () => {
  expect(notModifiedTag('W/"v7~gzip"', '"v7"', 'gzip')).toBe('W/"v7~gzip"')
  expect(notModifiedTag('W/"v7~gzip"', '"v7"', 'br')).toBe('W/"v7~gzip"')
  expect(notModifiedTag('W/"v7~gzip", W/"v7~br"', '"v7"', 'br')).toBe('W/"v7~br"')
  expect(notModifiedTag('"v7", W/"v7~gzip"', '"v7"', null)).toBe('"v7"')
  expect(notModifiedTag('W/"v6~gzip"', '"v7"', 'gzip')).toBe('"v7"')
})

const layer = compress()
const TEXT = sampleText(5000)

/** A handler with conditions, by the tag it was given. */
const tagged =
  (etag: string): Handler =>
  ({ method, headers }) => {
    const fields = {
      ifMatch: headers.get('if-match'),
      ifNoneMatch: headers.get('if-none-match'),
      ifModifiedSince: null,
      ifUnmodifiedSince: null,
    }
    const outcome = evaluatePreconditions(method, fields, { etag, lastModified: null })
    if (outcome === 'failed') return respond.text('changed\n', { status: 412 })
    if (outcome === 'not-modified') return new HttpResponse(null, { status: 304, headers: { ETag: etag } })
    return respond.text(TEXT, { headers: { ETag: etag } })
  }

test.each(['"v7"', 'W/"v7"'])(
  'an answer with the tag %s revalidates in every coding, and in none',
  async (etag) => {
    for (const coding of ['gzip', 'br', 'identity']) {
      const first = await layer(accepting(coding), tagged(etag))
      const tag = first.headers.get('etag') as string
      const second = await layer(accepting(coding, { 'If-None-Match': tag }), tagged(etag))
      expect(second.status).toBe(304)
      expect(second.headers.get('etag')).toBe(tag)
      expect(second.headers.get('vary')).toBe('Accept-Encoding')
      const third = await layer(accepting(coding, { 'If-None-Match': tag }), tagged(etag.replace('7', '8')))
      expect(third.status).toBe(200)
    }
  },
)

// RFC 9110 §8.8.3.3
test('one strong tag is not shared by two codings', async () => {
  const tags = await Promise.all(
    ['identity', 'gzip', 'br'].map(async (each) =>
      (await layer(accepting(each), tagged('"v7"'))).headers.get('etag'),
    ),
  )
  expect(tags).toEqual(['"v7"', 'W/"v7~gzip"', 'W/"v7~br"'])
})

test('a handler that compares tags as text recognizes its own', async () => {
  const naive: Handler = ({ headers }) =>
    headers.get('if-none-match') === '"v7"'
      ? new HttpResponse(null, { status: 304, headers: { ETag: '"v7"' } })
      : respond.text(TEXT, { headers: { ETag: '"v7"' } })
  expect((await layer(accepting('gzip', { 'If-None-Match': 'W/"v7~gzip"' }), naive)).status).toBe(304)
})

test('what was read compressed can be written back under If-Match, unless it changed', async () => {
  const put = (tag: string): ReturnType<typeof request> =>
    request({ method: 'PUT', headers: { 'If-Match': tag } })
  expect((await layer(put('W/"v7~gzip"'), tagged('"v7"'))).status).toBe(200)
  expect((await layer(put('W/"v6~gzip"'), tagged('"v7"'))).status).toBe(412)
  expect((await layer(put('W/"v7"'), tagged('W/"v7"'))).status).toBe(412) // §13.1.1: weak never matches
})

test('If-Range stays as it came: a part of the plain bytes is no part of the coded ones', async () => {
  const seen: (string | null)[] = []
  await layer(accepting('gzip', { 'If-Range': 'W/"v7~gzip"' }), ({ headers }) => {
    seen.push(headers.get('if-range'))
    return respond.text(TEXT)
  })
  expect(seen).toEqual(['W/"v7~gzip"'])
})
