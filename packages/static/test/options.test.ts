import { describe, expect, it } from 'vitest'
import { serveStatic } from '../src/index.ts'
import type { StaticOptions } from '../src/index.ts'
import { ask, makeTree } from './support.ts'

describe('options', () => {
  it.each<[unknown, RegExp]>([
    [{ dotFiles: 'serve' }, /no option dotFiles; there are index, base/],
    [{ cache: { max: 1 } }, /no option cache\.max/],
    [{ index: 'a/b.html' }, /index must be a file name/],
    [{ index: '..' }, /index must be a file name/],
    [{ base: 'app' }, /base must be a path such as '\/app', got "app"/],
    [{ base: '//host' }, /base must be/],
    [{ base: '/a/../b' }, /base must be/],
    [{ spa: '../secret.html' }, /spa must be the path of a file below the root/],
    [{ notFoundPage: '' }, /notFoundPage must be/],
    [{ dotfiles: 'show' }, /dotfiles must be 'hide' or 'serve', got "show"/],
    [{ precompressed: ['deflate'] }, /precompressed must be 'br' or 'zstd' or 'gzip'/],
    [{ precompressed: true }, /precompressed must be a list/],
    [{ revalidateInterval: -1 }, /revalidateInterval must be a whole number/],
    [{ cache: { maxBytes: 1.5 } }, /cache\.maxBytes must be a whole number/],
    [{ cleanUrls: 'yes' }, /cleanUrls must be true or false/],
    [{ cacheControl: 'a\r\nb: c' }, /Cache-Control/],
    [{ cacheControl: 60 }, /cacheControl must be a field value/],
    [{ cacheControl: [{ path: '*' }] }, /cacheControl\[0\] must be \{ path, value \}/],
    [{ cacheControl: [null] }, /cacheControl\[0\] must be \{ path, value \}/],
    [{ cacheControl: [{ path: '*', value: 'a\r\nb: c' }] }, /Cache-Control/],
    [{ mediaTypes: { x: 'a\nb' } }, /Content-Type/],
    [{ headers: {} }, /headers must be a list/],
    [{ headers: [{ path: '*' }] }, /headers\[0\] must be/],
    [{ headers: [{ path: '*', headers: { ETag: '"x"' } }] }, /headers\[0\] cannot set ETag/],
    [{ headers: [{ path: '*', headers: { 'a b': 'x' } }] }, /field name/],
  ])('%j is refused with a sentence', (options, message) => {
    const root = makeTree({})
    expect(() => serveStatic(root, options as StaticOptions)).toThrow(TypeError)
    expect(() => serveStatic(root, options as StaticOptions)).toThrow(message)
  })

  const field = async (options: StaticOptions, path: string, name: string): Promise<string | null> =>
    (await ask(serveStatic(makeTree({ [path]: 'x' }), options), 'GET', `/${path}`)).header(name)

  it('cacheControl: rules by path over the default, the later winning', async () => {
    const cacheControl = [
      { path: '/fonts/*', value: 'max-age=60' },
      { path: '*.tmp', value: null },
      { path: '/fonts/a.(x)', value: 'max-age=70' },
    ]
    const of = (path: string): Promise<string | null> => field({ cacheControl }, path, 'cache-control')
    expect(await of('fonts/b.woff2')).toBe('max-age=60')
    expect(await of('fonts/a.(x)')).toBe('max-age=70')
    expect(await of('fonts/b.tmp')).toBeNull()
    expect(await of('page.html')).toBe('no-cache')
    expect(await of('app.4f3a9c1b.js')).toBe('public, max-age=31536000, immutable')
    expect(await of('other/fonts/b')).toBe('no-cache')
  })

  it('cacheControl: a value, a function of the path, or none', async () => {
    expect(await field({ cacheControl: 'max-age=60' }, 'a.txt', 'cache-control')).toBe('max-age=60')
    expect(await field({ cacheControl: (path) => `x=${path.length}` }, 'a.txt', 'cache-control')).toBe('x=6')
    expect(await field({ cacheControl: () => null }, 'a.txt', 'cache-control')).toBeNull()
    expect(await field({ cacheControl: false }, 'a.txt', 'cache-control')).toBeNull()
  })

  it('headers: by path, the later rule winning, null taking away', async () => {
    const headers = [
      { path: '/assets/*', headers: { 'Cache-Control': 'max-age=1', 'X-One': 'one' } },
      { path: '*.css', headers: { 'cache-control': 'max-age=2' } },
      { path: '/assets/b.css', headers: { 'X-One': null } },
    ]
    expect(await field({ headers }, 'assets/a.css', 'cache-control')).toBe('max-age=2')
    expect(await field({ headers }, 'assets/a.css', 'x-one')).toBe('one')
    expect(await field({ headers }, 'assets/b.css', 'x-one')).toBeNull()
    expect(await field({ headers }, 'assets/a.js', 'cache-control')).toBe('max-age=1')
    expect(await field({ headers }, 'other.js', 'cache-control')).toBe('no-cache')
    expect(await field({ headers }, 'xassets/a.js', 'x-one')).toBeNull()
  })

  it('mediaTypes: by extension or whole name', async () => {
    const mediaTypes = { md: 'text/plain; charset=utf-8', '.foo': 'application/x-foo', LICENSE: 'text/plain' }
    expect(await field({ mediaTypes }, 'a.md', 'content-type')).toBe('text/plain; charset=utf-8')
    expect(await field({ mediaTypes }, 'a.FOO', 'content-type')).toBe('application/x-foo')
    expect(await field({ mediaTypes }, 'LICENSE', 'content-type')).toBe('text/plain')
  })

  it('dotfiles can be served', async () => {
    expect(await field({ dotfiles: 'serve' }, '.env', 'etag')).not.toBeNull()
  })
})
