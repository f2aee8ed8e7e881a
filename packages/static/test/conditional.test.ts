import { describe, expect, it } from 'vitest'
import { serveStatic } from '../src/index.ts'
import { ask, makeTree, OLD_DATE } from './support.ts'
import type { Fields } from './support.ts'

const EARLIER = 'Mon, 01 Jan 2024 00:00:00 GMT'
const LATER = 'Wed, 03 Jan 2024 00:00:00 GMT'

// Small files are answered from memory, large ones from disk: every rule must hold for both.
describe.each([
  ['from memory', {}],
  ['from disk', { cache: false }],
] as const)('conditional requests, %s', (_, options) => {
  async function status(fields: (etag: string) => Fields, method = 'GET'): Promise<number> {
    const middleware = serveStatic(makeTree({ 'a.txt': 'content' }), options)
    const etag = (await ask(middleware, 'GET', '/a.txt')).header('etag') as string
    const answer = await ask(middleware, method, '/a.txt', fields(etag))
    if (answer.status === 304) {
      expect(answer.bytes.length).toBe(0)
      expect(answer.header('etag')).toBe(etag)
    }
    return answer.status
  }

  // RFC 9110 §13.1.2: weak comparison
  it.each<[string, number, (etag: string) => string]>([
    ['the tag', 304, (etag) => etag],
    ['the tag without W/', 304, (etag) => etag.slice(2)],
    ['*', 304, () => '*'],
    ['a list that holds it', 304, (etag) => `"a,b", "c" ,${etag}`],
    ['two lines joined', 304, (etag) => `"x", ${etag}`],
    ['another tag', 200, () => '"no-such-tag"'],
    ['a tag that merely contains it', 200, (etag) => `"x${etag.slice(3)}`],
    ['no entity tag at all', 200, () => 'nonsense'],
  ])('If-None-Match with %s is %i', async (_name, expected, value) => {
    expect(await status((etag) => ({ 'If-None-Match': value(etag) }))).toBe(expected)
    expect(await status((etag) => ({ 'If-None-Match': value(etag) }), 'HEAD')).toBe(expected)
  })

  // §13.1.3
  it.each([
    [OLD_DATE, 304],
    [LATER, 304],
    [EARLIER, 200],
    ['Tuesday, 02-Jan-24 03:04:05 GMT', 304],
    ['Tue Jan  2 03:04:05 2024', 304],
    ['yesterday', 200],
  ])('If-Modified-Since %s is %i', async (date, expected) => {
    expect(await status(() => ({ 'If-Modified-Since': date }))).toBe(expected)
  })

  it.each<[string, number, (etag: string) => Fields]>([
    // §13.1.1: strong comparison, which a weak tag never passes
    ['If-Match *', 200, () => ({ 'If-Match': '*' })],
    ['If-Match with another tag', 412, () => ({ 'If-Match': '"no-such-tag"' })],
    ['If-Match with the weak tag', 412, (etag) => ({ 'If-Match': etag })],
    // §13.1.4
    ['If-Unmodified-Since at its time', 200, () => ({ 'If-Unmodified-Since': OLD_DATE })],
    ['If-Unmodified-Since before it', 412, () => ({ 'If-Unmodified-Since': EARLIER })],
    ['If-Unmodified-Since that is no date', 200, () => ({ 'If-Unmodified-Since': 'never' })],
    // §13.2.2: the order
    ['If-Match beats If-Unmodified-Since', 200, () => ({ 'If-Match': '*', 'If-Unmodified-Since': EARLIER })],
    [
      'If-None-Match beats If-Modified-Since',
      200,
      () => ({ 'If-None-Match': '"no"', 'If-Modified-Since': OLD_DATE }),
    ],
    ['a failed If-Match beats If-None-Match', 412, (etag) => ({ 'If-Match': '"no"', 'If-None-Match': etag })],
    ['a 304 beats Range', 304, (etag) => ({ 'If-None-Match': etag, Range: 'bytes=0-0' })],
    ['a 412 beats Range', 412, () => ({ 'If-Match': '"no"', Range: 'bytes=0-0' })],
  ])('%s: %i', async (_name, expected, fields) => {
    expect(await status(fields)).toBe(expected)
  })

  it('a 304 has the ETag, Cache-Control and Vary of the 200, and nothing that describes content', async () => {
    const middleware = serveStatic(makeTree({ 'a.html': '<p>' }), {
      ...options,
      headers: [{ path: '*', headers: { 'Content-Language': 'en', 'X-Mine': 'yes' } }],
    })
    const whole = await ask(middleware, 'GET', '/a.html')
    const unchanged = await ask(middleware, 'GET', '/a.html', { 'If-Modified-Since': OLD_DATE })
    expect(unchanged.status).toBe(304)
    for (const name of ['etag', 'cache-control', 'vary', 'x-mine']) {
      expect(unchanged.header(name), name).toBe(whole.header(name))
      expect(unchanged.header(name), name).not.toBeNull()
    }
    for (const name of [
      'content-type',
      'content-length',
      'content-language',
      'last-modified',
      'accept-ranges',
    ]) {
      expect(unchanged.header(name), name).toBeNull()
    }
  })
})
