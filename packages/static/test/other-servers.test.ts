// What the tests of send (of Express) and of sirv ask of them, as a check-list: what they do is done here too, or stands
// below under `otherwise`, with the reason. Left out is what is about their programming interface alone: events,
// deprecated names, headers that were sent before.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { serveStatic } from '../src/index.ts'
import type { StaticOptions } from '../src/index.ts'
import { ask, makeTree, OLD_DATE, put } from './support.ts'
import type { Answer, Fields } from './support.ts'

const FILES = {
  'name.txt': 'tobi',
  'name.html': '<p>tobi</p>',
  'nums.txt': '123456789',
  'empty.txt': '',
  'some thing.txt': 'hey',
  'do..ts.txt': '...',
  'snow ☃/index.html': 'snow',
  'fünke.txt': 'fünke',
  'UPPER.txt': 'upper',
  'pets/index.html': 'tobi,loki,jane',
  'pets/.hidden': 'secret',
  '.hidden.txt': 'secret',
  '.mine/name.txt': 'tobi',
  '.mine/.hidden': 'secret',
  '.well-known/example': 'known',
  'index.html': '<p>home</p>',
  'index.html.gz': 'gzip html',
  'index.html.br': 'brotli html',
  'bundle.67329.js': 'bundle',
  'test.csv.gz': 'a gzipped csv',
  'contact/index.html': 'contact',
  'blog.html': 'blog',
}
const EARLIER = 'Tue, 02 Jan 2024 03:03:05 GMT'
const HTML: Fields = { Accept: 'text/html' }

interface Expected {
  status: number
  text?: string
  /** Null for a field that must not be there. */
  fields?: Readonly<Record<string, string | RegExp | null>>
}

interface Case {
  it: string
  target: string
  method?: string
  fields?: Fields
  options?: StaticOptions
  expected: Expected
}

/** 404 is what nobody had an answer to: it was passed on. */
const NOT_FOUND: Expected = { status: 404 }

const ALIKE: Case[] = [
  // send: the file
  { it: 'streams the contents', target: '/name.txt', expected: { status: 200, text: 'tobi' } },
  { it: 'streams a file of no bytes', target: '/empty.txt', expected: { status: 200, text: '' } },
  { it: 'decodes the path', target: '/some%20thing.txt', expected: { status: 200, text: 'hey' } },
  { it: 'serves names with dots', target: '/do..ts.txt', expected: { status: 200, text: '...' } },
  { it: 'answers 400 to bad encoding', target: '/some%99thing.txt', expected: { status: 400 } },
  { it: 'answers 400 to a NUL', target: '/some%00thing.txt', expected: { status: 400 } },
  { it: 'answers 404 to what is too long', target: `/${'foobar'.repeat(99)}`, expected: NOT_FOUND },
  { it: 'answers 404 to what is not there', target: '/meow', expected: NOT_FOUND },
  {
    it: 'adds ETag, Last-Modified and Accept-Ranges',
    target: '/name.txt',
    expected: {
      status: 200,
      fields: { etag: /^W\/"[^"]+"$/, 'last-modified': OLD_DATE, 'accept-ranges': 'bytes' },
    },
  },
  {
    it: 'knows the type',
    target: '/name.html',
    expected: { status: 200, fields: { 'content-type': 'text/html; charset=utf-8' } },
  },
  { it: 'resolves .. below the root', target: '/pets/../name.txt', expected: { status: 200, text: 'tobi' } },
  // send: directories
  {
    it: 'redirects a directory to its slash',
    target: '/pets',
    expected: { status: 301, fields: { location: '/pets/' } },
  },
  {
    it: 'never to another host',
    target: '//pets',
    expected: { status: 301, fields: { location: '/pets/' } },
  },
  {
    it: 'with an unusual name encoded',
    target: '/snow%20%E2%98%83',
    expected: { status: 301, fields: { location: '/snow%20%E2%98%83/' } },
  },
  { it: 'serves the index', target: '/pets/', expected: { status: 200, text: 'tobi,loki,jane' } },
  {
    it: 'serves another index',
    target: '/',
    options: { index: 'name.html' },
    expected: { status: 200, text: '<p>tobi</p>' },
  },
  { it: '404 without that index', target: '/pets/', options: { index: 'default.htm' }, expected: NOT_FOUND },
  {
    it: '404 for an index that is a directory',
    target: '/',
    options: { index: 'pets' },
    expected: NOT_FOUND,
  },
  // send: conditions
  { it: 'If-Match: *', target: '/name.txt', fields: { 'If-Match': '*' }, expected: { status: 200 } },
  {
    it: 'If-Match with other tags',
    target: '/name.txt',
    fields: { 'If-Match': ' "foo", "bar" ' },
    expected: { status: 412 },
  },
  {
    it: 'If-Modified-Since, unmodified',
    target: '/name.txt',
    fields: { 'If-Modified-Since': OLD_DATE },
    expected: { status: 304, text: '', fields: { 'content-type': null, 'content-length': null } },
  },
  {
    it: 'If-Modified-Since, modified',
    target: '/name.txt',
    fields: { 'If-Modified-Since': EARLIER },
    expected: { status: 200, text: 'tobi' },
  },
  {
    it: 'If-None-Match with another tag',
    target: '/name.txt',
    fields: { 'If-None-Match': '"123"' },
    expected: { status: 200, text: 'tobi' },
  },
  {
    it: 'If-Unmodified-Since, unmodified',
    target: '/name.txt',
    fields: { 'If-Unmodified-Since': OLD_DATE },
    expected: { status: 200 },
  },
  {
    it: 'If-Unmodified-Since, modified',
    target: '/name.txt',
    fields: { 'If-Unmodified-Since': EARLIER },
    expected: { status: 412 },
  },
  {
    it: 'If-Unmodified-Since that is no date',
    target: '/name.txt',
    fields: { 'If-Unmodified-Since': 'foo' },
    expected: { status: 200 },
  },
  // send: ranges
  ...(
    [
      ['bytes=0-4', 206, '12345', 'bytes 0-4/9'],
      ['bytes=0-0', 206, '1', 'bytes 0-0/9'],
      ['bytes=2-5', 206, '3456', 'bytes 2-5/9'],
      ['bytes=-3', 206, '789', 'bytes 6-8/9'],
      ['bytes=3-', 206, '456789', 'bytes 3-8/9'],
      ['bytes=2-50', 206, '3456789', 'bytes 2-8/9'],
      ['bytes=1-2,3-5', 206, '23456', 'bytes 1-5/9'],
      ['items=0-4', 200, '123456789', null],
      ['asdf', 200, '123456789', null],
    ] as const
  ).map(([range, status, text, contentRange]) => ({
    it: `Range: ${range}`,
    target: '/nums.txt',
    fields: { Range: range },
    expected: { status, text, fields: { 'content-range': contentRange } },
  })),
  {
    it: 'a range past the end',
    target: '/nums.txt',
    fields: { Range: 'bytes=9-50' },
    expected: { status: 416, fields: { 'content-range': 'bytes */9' } },
  },
  {
    it: 'If-Range with the date',
    target: '/nums.txt',
    fields: { 'If-Range': OLD_DATE, Range: 'bytes=0-0' },
    expected: { status: 206, text: '1' },
  },
  ...['"0123"', EARLIER, 'foo'].map((ifRange) => ({
    it: `If-Range: ${ifRange}`,
    target: '/nums.txt',
    fields: { 'If-Range': ifRange, Range: 'bytes=0-0' },
    expected: { status: 200, text: '123456789' },
  })),
  // send and sirv: dotfiles
  ...[
    '/.hidden.txt',
    '/.mine',
    '/.mine/',
    '/.nothere',
    '/.what/name.txt',
    '/pets/.hidden',
    '/.mine/.hidden',
  ].map((target) => ({ it: `hides ${target}`, target, expected: NOT_FOUND })),
  ...(
    [
      ['/.hidden.txt', 'secret'],
      ['/.mine/name.txt', 'tobi'],
      ['/pets/.hidden', 'secret'],
    ] as const
  ).map(([target, text]) => ({
    it: `shows ${target} if told to`,
    target,
    options: { dotfiles: 'serve' } as const,
    expected: { status: 200, text },
  })),
  {
    it: 'always serves .well-known',
    target: '/.well-known/example',
    expected: { status: 200, text: 'known' },
  },
  // send: extensions, cacheControl
  { it: 'adds no extension by default', target: '/blog', expected: NOT_FOUND },
  {
    it: 'does with cleanUrls',
    target: '/blog',
    options: { cleanUrls: true },
    expected: { status: 200, text: 'blog' },
  },
  {
    it: 'adds none to a name that has one',
    target: '/x.html',
    options: { cleanUrls: true },
    expected: NOT_FOUND,
  },
  {
    it: 'can do without Cache-Control',
    target: '/name.txt',
    options: { cacheControl: false },
    expected: { status: 200, fields: { 'cache-control': null } },
  },
  // sirv
  {
    it: 'serves index.html by its name',
    target: '/index.html',
    expected: { status: 200, text: '<p>home</p>' },
  },
  { it: 'serves names beyond ASCII', target: '/f%C3%BCnke.txt', expected: { status: 200, text: 'fünke' } },
  { it: 'keeps to the case of names', target: '/upper.txt', expected: NOT_FOUND },
  { it: 'ignores a query', target: '/name.txt?v=1', expected: { status: 200, text: 'tobi' } },
  {
    it: 'single: a path without a file is the application',
    target: '/foo/bar',
    fields: HTML,
    options: { spa: true },
    expected: { status: 200, text: '<p>home</p>' },
  },
  {
    it: 'single: with a page of its own',
    target: '/foo/bar',
    fields: HTML,
    options: { spa: 'contact/index.html' },
    expected: { status: 200, text: 'contact' },
  },
  {
    it: 'single: what is there is served',
    target: '/bundle.67329.js',
    options: { spa: true },
    expected: { status: 200, text: 'bundle' },
  },
  {
    it: 'brotli before gzip',
    target: '/',
    fields: { 'Accept-Encoding': 'br,gzip' },
    expected: {
      status: 200,
      text: 'brotli html',
      fields: { 'content-encoding': 'br', vary: 'Accept-Encoding' },
    },
  },
  {
    it: 'gzip where that is all',
    target: '/',
    fields: { 'Accept-Encoding': 'gzip' },
    expected: { status: 200, text: 'gzip html', fields: { 'content-encoding': 'gzip' } },
  },
  {
    it: 'an archive by its own name is no coding',
    target: '/test.csv.gz',
    fields: { 'Accept-Encoding': 'gzip' },
    expected: { status: 200, fields: { 'content-encoding': null, 'content-type': 'application/gzip' } },
  },
  {
    it: 'a given Cache-Control',
    target: '/bundle.67329.js',
    options: { cacheControl: 'public,max-age=1234,immutable' },
    expected: { status: 200, fields: { 'cache-control': 'public,max-age=1234,immutable' } },
  },
]

const OTHERWISE: (Case & { because: string })[] = [
  {
    it: 'send: If-Match with the weak tag is 200',
    because: 'RFC 9110 §13.1.1 has it compared strongly, and a weak tag never passes that',
    target: '/name.txt',
    fields: { 'If-Match': 'W/"anything"' },
    expected: { status: 412 },
  },
  {
    it: 'send: several ranges are answered with the whole',
    because: 'RFC 9110 §14.6 has a format for them',
    target: '/nums.txt',
    fields: { Range: 'bytes=1-1,3-' },
    expected: { status: 206, fields: { 'content-type': /^multipart\/byteranges; boundary=/ } },
  },
  {
    it: 'send: an index that is switched off is 403',
    because: 'nothing is forbidden: there is nothing there (§15.5.4, §15.5.5)',
    target: '/pets/',
    options: { index: false },
    expected: NOT_FOUND,
  },
  {
    it: 'send: a path above the root is 403',
    because: 'no client that resolves references can send it (RFC 3986 §5.2.4): the request is broken',
    target: '/pets/../../send.js',
    expected: { status: 400 },
  },
  {
    it: 'send: a file in a dot directory is served for old times’ sake',
    because: '`.git` and `.aws` are directories',
    target: '/.mine/name.txt',
    expected: NOT_FOUND,
  },
  {
    it: 'send: Cache-Control is `public, max-age=0`',
    because:
      '`no-cache` says that it must be asked for again (RFC 9111 §5.2.2.4); max-age=0 lets a cache offline do otherwise',
    target: '/name.txt',
    expected: { status: 200, fields: { 'cache-control': 'no-cache' } },
  },
  {
    it: 'sirv: /contact serves contact/index.html',
    because: 'links in it relative to its folder would lead elsewhere',
    target: '/contact',
    expected: { status: 301, fields: { location: '/contact/' } },
  },
  {
    it: 'sirv: /blog serves blog.html by default',
    because: 'one content at two addresses has to be asked for: cleanUrls',
    target: '/blog',
    expected: NOT_FOUND,
  },
  {
    it: 'sirv: single answers a missing asset with the application',
    because: 'a script that is a page fails late and far away',
    target: '/bundle.foobar.js',
    fields: HTML,
    options: { spa: true },
    expected: NOT_FOUND,
  },
  {
    it: 'sirv: `bytes=2` is a range',
    because: 'RFC 9110 §14.1.1 wants a hyphen, and what is no range is ignored (§14.2)',
    target: '/nums.txt',
    fields: { Range: 'bytes=2' },
    expected: { status: 200, text: '123456789' },
  },
  {
    it: 'sirv: a range that ends behind the file is 416',
    because: 'RFC 9110 §14.1.2 has it end with the file',
    target: '/nums.txt',
    fields: { Range: 'bytes=0-123456' },
    expected: { status: 206, text: '123456789' },
  },
]

async function check({ target, method = 'GET', fields = {}, options = {}, expected }: Case): Promise<void> {
  const middleware = serveStatic(makeTree(FILES), options)
  for (let round = 0; round < 2; round++) {
    const answer = await ask(middleware, method, target, fields)
    expect(answer.status).toBe(expected.status)
    if (expected.status === 404) expect(answer.header('x-passed')).toBe('on')
    else expect(answer.length).toBe(answer.bytes.length)
    if (expected.text !== undefined) expect(answer.text).toBe(expected.text)
    for (const [name, value] of Object.entries(expected.fields ?? {})) {
      if (value instanceof RegExp) expect(answer.header(name), name).toMatch(value)
      else expect(answer.header(name), name).toBe(value)
    }
  }
}

describe('as send and sirv do', () => {
  it.each(ALIKE)('$it', check)

  it('a tag that was given comes back as 304, in a list too', async () => {
    const middleware = serveStatic(makeTree(FILES))
    const etag = (await ask(middleware, 'GET', '/name.txt')).header('etag') as string
    const status = async (value: string): Promise<number> =>
      (await ask(middleware, 'GET', '/name.txt', { 'If-None-Match': value })).status
    expect([await status(etag), await status(`"foo", ${etag}`)]).toEqual([304, 304])
  })

  it('HEAD has the length of the body it leaves out', async () => {
    const answer = await ask(serveStatic(makeTree(FILES)), 'HEAD', '/name.txt')
    expect([answer.status, answer.length]).toEqual([200, 4])
  })

  it('a file that vanishes between the look and the opening is 404', async () => {
    const root = makeTree(FILES)
    const middleware = serveStatic(root, { cache: false })
    await ask(middleware, 'GET', '/name.txt')
    rmSync(join(root, 'name.txt'))
    expect((await ask(middleware, 'GET', '/name.txt')).header('x-passed')).toBe('on')
  })

  it('a file that appears, and one that changes, is noticed', async () => {
    const root = makeTree({})
    const middleware = serveStatic(root, { revalidateInterval: 0 })
    const get = (): Promise<Answer> => ask(middleware, 'GET', '/foo.bar.js')
    expect((await get()).status).toBe(404)
    put(root, 'foo.bar.js', 'version 1')
    expect((await get()).text).toBe('version 1')
    put(root, 'foo.bar.js', 'version 2', new Date())
    expect((await get()).text).toBe('version 2')
  })
})

describe('otherwise than send and sirv', () => {
  it.each(OTHERWISE)('$it; here it is not, because $because', check)

  it('send: If-Range with the weak tag is 206; here it is not, because parts are joined by strong validators alone', async () => {
    const middleware = serveStatic(makeTree(FILES))
    const etag = (await ask(middleware, 'GET', '/nums.txt')).header('etag') as string
    const answer = await ask(middleware, 'GET', '/nums.txt', { 'If-Range': etag, Range: 'bytes=0-0' })
    expect([answer.status, answer.text]).toEqual([200, '123456789'])
  })

  it('sirv: a `.br` without its file is served; here it is not, because other clients would get nothing', async () => {
    const middleware = serveStatic(makeTree({ 'data.js.br': 'brotli js file' }))
    const answer = await ask(middleware, 'GET', '/data.js', { 'Accept-Encoding': 'br' })
    expect(answer.header('x-passed')).toBe('on')
  })

  it('send: several indexes and extensions; here there is one of each, so that one address has one content', () => {
    for (const options of [{ index: ['default.htm', 'index.html'] }, { extensions: ['htm'] }]) {
      expect(() => serveStatic(makeTree(FILES), options as unknown as StaticOptions)).toThrow(TypeError)
    }
  })
})
