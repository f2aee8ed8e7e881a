import { describe, expect, it } from 'vitest'
import { serveStatic } from '../src/index.ts'
import { ask, makeTree, OLD_DATE } from './support.ts'
import type { Answer, Fields } from './support.ts'

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'

describe.each([
  ['from memory', {}],
  ['from disk', { cache: false }],
] as const)('range requests, %s', (_, options) => {
  async function get(fields: Fields, method = 'GET'): Promise<Answer> {
    const middleware = serveStatic(makeTree({ 'digits.txt': DIGITS, 'empty.txt': '' }), options)
    return ask(middleware, method, '/digits.txt', fields)
  }

  it.each([
    ['bytes=0-4', '01234', 'bytes 0-4/36'],
    ['bytes=0-0', '0', 'bytes 0-0/36'],
    ['bytes=30-', 'uvwxyz', 'bytes 30-35/36'],
    ['bytes=-5', 'vwxyz', 'bytes 31-35/36'],
    ['bytes=-100', DIGITS, 'bytes 0-35/36'],
    ['bytes=35-100', 'z', 'bytes 35-35/36'],
    ['bytes=30-99999999999999999999', 'uvwxyz', 'bytes 30-35/36'],
    ['bytes=0-35', DIGITS, 'bytes 0-35/36'],
    ['BYTES=0-4', '01234', 'bytes 0-4/36'],
    ['bytes=0-1,2-4', '01234', 'bytes 0-4/36'], // touching: one
    ['bytes=0-4, 40-50', '01234', 'bytes 0-4/36'], // one of them past the end
  ])('%s is 206 with %s', async (range, content, contentRange) => {
    const answer = await get({ Range: range })
    expect([answer.status, answer.text, answer.header('content-range')]).toEqual([206, content, contentRange])
    expect(answer.length).toBe(content.length)
    expect(answer.header('content-type')).toBe('text/plain; charset=utf-8')
    expect(answer.header('etag')).not.toBeNull()
    expect(answer.header('vary')).toBe('Accept-Encoding')
  })

  it.each(['items=0-4', 'bytes=5-2', 'bytes=a-b', 'bytes=0-4x', 'bytes=', 'bytes=-', 'bytes 0-4'])(
    '%s is ignored',
    async (range) => {
      const answer = await get({ Range: range })
      expect([answer.status, answer.text, answer.header('content-range')]).toEqual([200, DIGITS, null])
    },
  )

  it.each(['bytes=36-', 'bytes=99-100', 'bytes=-0', 'bytes=40-,50-60'])(
    '%s is 416 with the length',
    async (range) => {
      const answer = await get({ Range: range })
      expect([answer.status, answer.header('content-range')]).toEqual([416, 'bytes */36'])
      expect(answer.length).toBe(answer.bytes.length)
      expect(answer.text).not.toContain('0123')
    },
  )

  it('two ranges are parts with their own type and range, in the order asked for', async () => {
    const answer = await get({ Range: 'bytes=34-35,0-1' })
    expect(answer.status).toBe(206)
    expect(answer.header('content-range')).toBeNull()
    const boundary = /^multipart\/byteranges; boundary=(\w+)$/.exec(answer.header('content-type') ?? '')?.[1]
    expect(answer.text).toBe(
      [
        `--${boundary}`,
        'Content-Type: text/plain; charset=utf-8',
        'Content-Range: bytes 34-35/36',
        '',
        'yz',
        `--${boundary}`,
        'Content-Type: text/plain; charset=utf-8',
        'Content-Range: bytes 0-1/36',
        '',
        '01',
        `--${boundary}--`,
        '',
      ].join('\r\n'),
    )
    expect(answer.length).toBe(answer.bytes.length)
  })

  it('hundreds of ranges that overlap are not sent hundreds of times', async () => {
    const answer = await get({ Range: `bytes=${'0-,'.repeat(300)}0-` })
    expect([200, 416]).toContain(answer.status)
    expect(answer.bytes.length).toBeLessThanOrEqual(DIGITS.length)
  })

  it('HEAD tells of the whole, whatever range it names', async () => {
    const answer = await get({ Range: 'bytes=0-4' }, 'HEAD')
    expect([answer.status, answer.header('content-range'), answer.length]).toEqual([200, null, 36])
  })

  it.each<[string, string, number]>([
    ['the date it has', OLD_DATE, 206],
    ['an older date', 'Mon, 01 Jan 2024 00:00:00 GMT', 200],
    ['a later date', 'Wed, 03 Jan 2024 00:00:00 GMT', 200],
    ['another tag', '"no-such-tag"', 200],
    ['nonsense', 'nonsense', 200],
  ])('If-Range with %s', async (_name, ifRange, status) => {
    expect((await get({ Range: 'bytes=0-4', 'If-Range': ifRange })).status).toBe(status)
  })

  it('If-Range with the weak tag sends the whole: only strong validators may join parts (RFC 9110 §13.1.5)', async () => {
    const etag = (await get({})).header('etag') as string
    expect(etag).toMatch(/^W\//)
    expect((await get({ Range: 'bytes=0-4', 'If-Range': etag })).status).toBe(200)
  })

  // The date is that of every coding of the file, and so says nothing of which of them the first part was (RFC 9110 §8.8.1).
  it.each<[string, string, string | null, number]>([
    ['text, of a client that takes codings', '/digits.txt', 'gzip, br', 200],
    ['text, of one that takes any', '/digits.txt', '*', 200],
    ['text, of one that takes none', '/digits.txt', 'identity', 206],
    ['text, of one that says nothing', '/digits.txt', null, 206],
    ['text that has a sibling', '/packed.js', 'br', 200],
    ['an image, which nobody codes', '/a.png', 'gzip, br', 206],
  ])('If-Range with the date of %s', async (_name, path, accepted, status) => {
    const files = { 'digits.txt': DIGITS, 'packed.js': DIGITS, 'packed.js.br': 'coded', 'a.png': DIGITS }
    const middleware = serveStatic(makeTree(files), options)
    const fields = accepted === null ? {} : { 'Accept-Encoding': accepted }
    const part = { ...fields, Range: 'bytes=2-3', 'If-Range': OLD_DATE }
    expect((await ask(middleware, 'GET', path, part)).status).toBe(status)
    // A range that hangs on nothing is of the bytes that its own answer describes.
    expect((await ask(middleware, 'GET', path, { ...fields, Range: 'bytes=2-3' })).status).toBe(206)
  })

  it('a range of an empty file is not satisfiable', async () => {
    const middleware = serveStatic(makeTree({ 'empty.txt': '' }), options)
    const answer = await ask(middleware, 'GET', '/empty.txt', { Range: 'bytes=0-0' })
    expect([answer.status, answer.header('content-range')]).toEqual([416, 'bytes */0'])
  })
})
