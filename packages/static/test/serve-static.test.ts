import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DocumentRoot } from '../src/document-root.ts'
import { serveStatic } from '../src/index.ts'
import { ask, makeRequest, makeTree, OLD_DATE, passedOn } from './support.ts'

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'

function site(): string {
  return makeTree({
    'index.html': '<p>root</p>',
    'hello.txt': 'Hello, World!\n',
    'digits.txt': DIGITS,
    'empty.txt': '',
    'dir/index.html': '<p>dir</p>',
    'noindex/file.txt': 'x',
    'pixel.png': 'png',
    '.env': 'SECRET',
    '.git/config': 'SECRET',
    '.well-known/security.txt': 'Contact: x',
    'name with space.txt': 'space',
    '100%.txt': 'percent',
    '%41.txt': 'literal',
    'ünï-日本.txt': 'unicode',
    'back\\slash.txt': 'backslash',
  })
}

describe('serveStatic', () => {
  it('refuses a root that is missing, with the path in the message', () => {
    expect(() => serveStatic('/no/such/folder')).toThrow(
      expect.objectContaining({
        code: 'ERR_ROOT_MISSING',
        message: expect.stringContaining('/no/such/folder'),
      }),
    )
  })

  it('refuses a root that is a file', () => {
    expect(() => serveStatic(join(site(), 'hello.txt'))).toThrow(
      expect.objectContaining({ code: 'ERR_ROOT_NOT_A_DIRECTORY' }),
    )
  })

  it('serves a file with its type, validators, policy and ranges', async () => {
    const answer = await ask(serveStatic(site()), 'GET', '/hello.txt')
    expect(answer.status).toBe(200)
    expect(answer.text).toBe('Hello, World!\n')
    expect(answer.header('content-type')).toBe('text/plain; charset=utf-8')
    expect(answer.header('last-modified')).toBe(OLD_DATE)
    expect(answer.header('etag')).toMatch(/^W\/"[a-z0-9-]+"$/)
    expect(answer.header('accept-ranges')).toBe('bytes')
    expect(answer.header('cache-control')).toBe('no-cache')
    expect(answer.header('vary')).toBe('Accept-Encoding')
  })

  it('answers the second request for a file at once, without a promise', async () => {
    const middleware = serveStatic(site())
    const first = middleware(makeRequest('GET', '/hello.txt'), passedOn)
    expect(first).toBeInstanceOf(Promise)
    await first
    expect(middleware(makeRequest('GET', '/hello.txt'), passedOn)).not.toBeInstanceOf(Promise)
  })

  it('does not vary for what is not worth compressing', async () => {
    expect((await ask(serveStatic(site()), 'GET', '/pixel.png')).header('vary')).toBeNull()
  })

  it.each([
    ['/', '<p>root</p>'],
    ['/dir/', '<p>dir</p>'],
    ['/index.html', '<p>root</p>'],
    ['/empty.txt', ''],
    ['/name%20with%20space.txt', 'space'],
    ['/100%25.txt', 'percent'],
    ['/%2541.txt', 'literal'],
    ['/%C3%BCn%C3%AF-%E6%97%A5%E6%9C%AC.txt', 'unicode'],
    ['/%c3%bcn%c3%af-%e6%97%a5%e6%9c%ac.txt', 'unicode'],
    ['/%68ell%6F.txt', 'Hello, World!\n'],
    ['/hello.txt?v=1&x=%2e%2e', 'Hello, World!\n'],
    ['/hello.txt?file=../../etc/passwd', 'Hello, World!\n'],
    ['/.well-known/security.txt', 'Contact: x'],
    ['//hello.txt', 'Hello, World!\n'],
    ['/dir/../hello.txt', 'Hello, World!\n'],
    ['http://localhost/hello.txt', 'Hello, World!\n'],
  ])('serves %s twice, from disk and from memory', async (target, content) => {
    const middleware = serveStatic(site())
    for (let round = 0; round < 2; round++) {
      const answer = await ask(middleware, 'GET', target)
      expect([answer.status, answer.text]).toEqual([200, content])
    }
  })

  it.each([
    '/no-such-file',
    '/hello.txt/',
    '/hello.txt/extra',
    '/noindex/',
    '/.env',
    '/%2eenv',
    '/.git/config',
    '/dir/.well-known/x',
    '/back\\slash.txt',
    '/back%5Cslash.txt',
    '/dir%2findex.html',
    '/%41.txt',
    '/c:/hello.txt',
    `/${'n'.repeat(300)}`,
    `/${'n/'.repeat(5000)}`,
    '*',
    'localhost:80',
  ])('passes %s on', async (target) => {
    const answer = await ask(serveStatic(site()), 'GET', target)
    expect(answer.header('x-passed')).toBe('on')
  })

  it.each([
    '/%zz',
    '/hello.txt%',
    '/%ff%fe',
    '/hello.txt%00.html',
    '/%c0%ae%c0%ae/x',
    '/../x',
    '/a/../../x',
    '/%u002e',
  ])('calls %s a bad request', async (target) => {
    expect((await ask(serveStatic(site()), 'GET', target)).status).toBe(400)
  })

  it.each([
    ['/dir', '/dir/'],
    ['/dir?a=1&b=//x', '/dir/?a=1&b=//x'],
    ['//dir', '/dir/'],
    ['/./dir', '/dir/'],
    ['http://evil.example/dir', '/dir/'],
  ])('redirects %s to %s', async (target, location) => {
    const answer = await ask(serveStatic(site()), 'GET', target)
    expect([answer.status, answer.header('location')]).toEqual([301, location])
    expect(answer.header('cache-control')).toBe('no-cache')
  })

  it('keeps an unusual name of a directory encoded in Location', async () => {
    const root = makeTree({ 'a b?#%/x.txt': 'x' })
    const answer = await ask(serveStatic(root), 'GET', '/a%20b%3F%23%25')
    expect(answer.header('location')).toBe('/a%20b%3F%23%25/')
  })
})

describe('methods', () => {
  it.each(['GET', 'HEAD'])('%s has the same fields, from disk and from memory', async (method) => {
    const middleware = serveStatic(site())
    const get = await ask(middleware, 'GET', '/digits.txt')
    const other = await ask(middleware, method, '/digits.txt')
    expect([...other.headers]).toEqual([...get.headers])
    expect(other.length).toBe(get.length)
  })

  it.each(['POST', 'PUT', 'DELETE', 'FOOBAR', 'TRACE', 'get'])(
    '%s on a file is 405 with Allow',
    async (method) => {
      const middleware = serveStatic(site())
      for (let round = 0; round < 2; round++) {
        const answer = await ask(middleware, method, '/hello.txt')
        expect([answer.status, answer.header('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
      }
    },
  )

  it('OPTIONS on a file is 204 with Allow', async () => {
    const answer = await ask(serveStatic(site()), 'OPTIONS', '/hello.txt')
    expect([answer.status, answer.header('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
  })

  it.each(['POST', 'OPTIONS'])('%s on nothing is passed on', async (method) => {
    expect((await ask(serveStatic(site()), method, '/api')).header('x-passed')).toBe('on')
  })
})

describe('what is not a file below the root', () => {
  it('links out of the root are not followed, links inside it are', async () => {
    const outside = makeTree({ 'secret.txt': 'SECRET' })
    const root = makeTree({ 'hello.txt': 'hello' })
    symlinkSync(join(outside, 'secret.txt'), join(root, 'out.txt'))
    symlinkSync(outside, join(root, 'out'))
    symlinkSync('hello.txt', join(root, 'in.txt'))
    symlinkSync('loop', join(root, 'loop'))
    symlinkSync('nowhere', join(root, 'dangling'))
    const middleware = serveStatic(root)
    for (const target of ['/out.txt', '/out/secret.txt', '/out', '/loop', '/dangling']) {
      expect((await ask(middleware, 'GET', target)).header('x-passed'), target).toBe('on')
    }
    expect((await ask(middleware, 'GET', '/in.txt')).text).toBe('hello')
    const following = serveStatic(root, { followSymlinks: true })
    expect((await ask(following, 'GET', '/out.txt')).text).toBe('SECRET')
    expect((await ask(following, 'GET', '/out/secret.txt')).text).toBe('SECRET')
  })

  it('a file answers to its own name only, and so do folders, whatever the file system lets pass', async () => {
    const root = makeTree({ 'a.txt': 'a', 'dir/b.txt': 'b', 'dir/index.html': 'index' })
    for (const options of [{}, { followSymlinks: true }, { listing: true }]) {
      const middleware = serveStatic(root, options)
      for (const target of ['/A.txt', '/a.TXT', '/DIR/b.txt', '/dir/B.TXT', '/Dir', '/Dir/'])
        expect((await ask(middleware, 'GET', target)).header('x-passed'), target).toBe('on')
      expect((await ask(middleware, 'GET', '/dir/b.txt')).text).toBe('b')
    }
  })

  // To a program, a link of that name looks as the merged names of macOS and Windows do.
  it.each([
    ['linux', false, 'file'],
    ['darwin', false, 'missing'],
    ['darwin', true, 'missing'],
  ])('on %s, links followed out of the root: %s, another spelling is: %s', async (platform, follow, kind) => {
    const folder = makeTree({ 'a.txt': 'a', 'dir/b.txt': 'b' })
    symlinkSync('a.txt', join(folder, 'A.TXT'))
    symlinkSync('dir', join(folder, 'DIR'))
    symlinkSync('dir', join(folder, 'link'))
    const root = new DocumentRoot(folder, follow, platform)
    const kindOf = async (path: string): Promise<string> => {
      const opened = await root.open(path)
      if (opened.kind === 'file') await opened.file.close()
      return opened.kind
    }
    expect(await kindOf('/A.TXT')).toBe(kind)
    expect(await kindOf('/DIR/b.txt')).toBe(kind)
    const directory = await root.openDirectory('/DIR')
    await directory?.close()
    expect(directory === null).toBe(kind === 'missing')
    for (const path of ['/a.txt', '/dir/b.txt', '/link/b.txt']) expect(await kindOf(path)).toBe('file')
  })

  it('a folder whose path merely starts like the root is outside', async () => {
    const parent = makeTree({ 'www/a.txt': 'a', 'www-private/secret.txt': 'SECRET' })
    symlinkSync('../www-private', join(parent, 'www/link'))
    expect((await ask(serveStatic(join(parent, 'www')), 'GET', '/link/secret.txt')).header('x-passed')).toBe(
      'on',
    )
  })

  it('the root may be a link, and may be turned to another folder', async () => {
    const parent = makeTree({ 'v1/a.txt': 'one', 'v2/a.txt': 'two!' })
    symlinkSync('v1', join(parent, 'current'))
    const middleware = serveStatic(join(parent, 'current'), { revalidateInterval: 0 })
    expect((await ask(middleware, 'GET', '/a.txt')).text).toBe('one')
    execFileSync('ln', ['-sfn', 'v2', join(parent, 'current')])
    expect((await ask(middleware, 'GET', '/a.txt')).text).toBe('two!')
  })

  it('a FIFO, a socket and a device are passed on without waiting', async () => {
    const root = makeTree({ 'a.txt': 'a' })
    execFileSync('mkfifo', [join(root, 'fifo')])
    symlinkSync('/dev/zero', join(root, 'zero'))
    const server = createServer()
    await new Promise<void>((done) => server.listen(join(root, 'socket'), done))
    onTestFinished(() => void server.close())
    mkdirSync(join(root, 'sub'))
    execFileSync('mkfifo', [join(root, 'sub/index.html')])
    for (const followSymlinks of [false, true]) {
      const middleware = serveStatic(root, { followSymlinks })
      for (const target of ['/fifo', '/zero', '/socket', '/sub/']) {
        expect((await ask(middleware, 'GET', target)).header('x-passed'), target).toBe('on')
      }
    }
  })
})
