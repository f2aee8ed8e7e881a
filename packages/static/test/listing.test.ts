import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { closeBody } from '@tsws/http'
import { describe, expect, it } from 'vitest'
import { serveStatic } from '../src/index.ts'
import { formatSize } from '../src/listing-page.ts'
import { ask, makeRequest, makeTree, OLD, passedOn, put } from './support.ts'
import type { Fields } from './support.ts'

const JSON_ONLY: Fields = { Accept: 'application/json' }

interface Listing {
  path: string
  entries: { name: string; type: string; size: number | null; modified: string | null; reachable?: false }[]
  complete: boolean
}

async function list(root: string, target = '/', fields: Fields = JSON_ONLY): Promise<Listing> {
  const answer = await ask(serveStatic(root, { listing: true }), 'GET', target, fields)
  expect([answer.status, answer.header('content-type')]).toEqual([200, 'application/json'])
  return JSON.parse(answer.text) as Listing
}

const names = (listing: Listing): string[] => listing.entries.map(({ name }) => name)

describe('a listing', () => {
  it('is off by default, and gives way to an index', async () => {
    const root = makeTree({ 'a/x.txt': 'x', 'b/index.html': 'index' })
    expect((await ask(serveStatic(root), 'GET', '/a/')).header('x-passed')).toBe('on')
    const middleware = serveStatic(root, { listing: true })
    expect((await ask(middleware, 'GET', '/a/')).text).toContain('x.txt')
    expect((await ask(middleware, 'GET', '/b/')).text).toBe('index')
    expect((await ask(middleware, 'GET', '/a')).header('location')).toBe('/a/')
    expect((await ask(middleware, 'POST', '/a/')).status).toBe(405)
    expect((await ask(middleware, 'GET', '/c/')).header('x-passed')).toBe('on')
  })

  it('shows name, type, size and time, folders first and numbers in their order', async () => {
    const root = makeTree({ 'file10.txt': '1234567890', 'file9.txt': '123456789', 'B/x': '', 'a/x': '' })
    const listing = await list(root)
    expect(listing.path).toBe('/')
    expect(names(listing)).toEqual(['a', 'B', 'file9.txt', 'file10.txt'])
    expect(listing.entries[2]).toEqual({
      name: 'file9.txt',
      type: 'file',
      size: 9,
      modified: OLD.toISOString(),
    })
    expect(listing.entries[0]).toMatchObject({ type: 'directory', size: null })
  })

  it.each([
    ['?sort=name&order=desc', ['c', 'b', 'a']],
    ['?sort=size', ['b', 'c', 'a']],
    ['?sort=size&order=desc', ['a', 'c', 'b']],
    ['?sort=time', ['c', 'a', 'b']],
    ['?sort=time&order=desc', ['b', 'a', 'c']],
    ['?sort=nonsense&order=nonsense', ['a', 'b', 'c']],
  ])('sorts by %s', async (query, expected) => {
    const root = makeTree({})
    put(root, 'a', 'xxx', new Date(2000))
    put(root, 'b', 'x', new Date(3000))
    put(root, 'c', 'xx', new Date(1000))
    expect(names(await list(root, `/${query}`))).toEqual(expected)
  })

  it('shows nothing that would not be served', async () => {
    const outside = makeTree({ 'secret.txt': 'SECRET' })
    const root = makeTree({ 'a.txt': 'a', '.env': 'SECRET', '.git/config': 'SECRET', '.well-known/x': '' })
    symlinkSync(join(outside, 'secret.txt'), join(root, 'out.txt'))
    symlinkSync(outside, join(root, 'out'))
    symlinkSync('nowhere', join(root, 'dangling'))
    symlinkSync('a.txt', join(root, 'in.txt'))
    execFileSync('mkfifo', [join(root, 'fifo')])
    expect(names(await list(root))).toEqual(['.well-known', 'a.txt', 'in.txt'])
  })

  it('shows names that no URL can have, without a link', async () => {
    const root = makeTree({ 'back\\slash.txt': 'x' })
    writeFileSync(Buffer.from(`${root}/latin1-\xe9.txt`, 'latin1'), 'x')
    const listing = await list(root)
    expect(listing.entries).toEqual([
      { name: 'back\\slash.txt', type: 'file', size: null, modified: null, reachable: false },
      { name: String.raw`latin1-\xe9.txt`, type: 'file', size: null, modified: null, reachable: false },
    ])
    const page = (await ask(serveStatic(root, { listing: true }), 'GET', '/')).text
    expect(page).not.toMatch(/href="[^"]*(?:slash|latin1)/)
  })

  it('is JSON for who prefers it, a page for everyone else', async () => {
    const middleware = serveStatic(makeTree({ 'a.txt': 'a' }), { listing: true })
    for (const [accept, type] of [
      ['application/json', 'application/json'],
      ['application/json, text/html;q=0.5', 'application/json'],
      ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html; charset=utf-8'],
      ['*/*', 'text/html; charset=utf-8'],
    ] as const) {
      const answer = await ask(middleware, 'GET', '/', { Accept: accept })
      expect([answer.header('content-type'), answer.header('vary')]).toEqual([
        type,
        'Accept, Accept-Encoding',
      ])
    }
  })

  it('of an empty folder says so', async () => {
    const root = makeTree({ x: '' })
    mkdirSync(join(root, 'empty'))
    expect(await list(root, '/empty/')).toEqual({ path: '/empty/', entries: [], complete: true })
    expect((await ask(serveStatic(root, { listing: true }), 'GET', '/empty/')).text).toContain(
      'This folder is empty.',
    )
  })

  it('holds nothing open, read to its end, given up, or never begun', async () => {
    const middleware = serveStatic(makeTree({ 'a.txt': 'a' }), { listing: true })
    await ask(middleware, 'GET', '/')
    const before = readdirSync('/proc/self/fd').length
    const unread = await middleware(makeRequest('HEAD', '/'), passedOn)
    await closeBody(unread.body)
    const begun = await middleware(makeRequest('GET', '/'), passedOn)
    const iterator = (begun.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
    await iterator.next()
    await iterator.return?.()
    await ask(middleware, 'GET', '/')
    expect(readdirSync('/proc/self/fd').length).toBe(before)
  })

  it('of 50,000 entries leaves others their turn', async () => {
    const root = makeTree({})
    for (let at = 0; at < 50_000; at++) writeFileSync(join(root, `file ${(at * 7919) % 50_000}.txt`), '')
    const middleware = serveStatic(root, { listing: true })
    // In the thread's own time: a busy machine that lets this process wait must not count.
    let longest = 0
    let last = process.threadCpuUsage().user
    const timer = setInterval(() => {
      const now = process.threadCpuUsage().user
      longest = Math.max(longest, now - last)
      last = now
    }, 1)
    const answer = await ask(middleware, 'GET', '/?sort=size', JSON_ONLY)
    clearInterval(timer)
    expect((JSON.parse(answer.text) as Listing).entries).toHaveLength(50_000)
    // Microseconds. Measured at 20 ms and less; done in one go it would be half a second and more.
    expect(longest).toBeLessThan(150_000)
  }, 60_000)
})

it('large folders wait for their turn, and one that is given up leaves its own to the next', async () => {
  const root = makeTree({})
  // Hidden names among them are not counted, and must not count as more turns.
  for (let at = 0; at < 1500; at++)
    for (const name of [`${at}`, `.${at}`]) writeFileSync(join(root, name), '')
  const middleware = serveStatic(root, { listing: true })
  const begin = async (): Promise<AsyncIterator<Uint8Array>> => {
    const { body } = await middleware(makeRequest('GET', '/', JSON_ONLY), passedOn)
    return (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  }
  const running = await Promise.all([begin(), begin(), begin(), begin()])
  for (const listing of running) await listing.next()
  let begun = false
  const fifth = ask(middleware, 'GET', '/', JSON_ONLY).then((answer) => {
    begun = true
    return answer
  })
  await ask(serveStatic(makeTree({ 'a.txt': '' }), { listing: true }), 'GET', '/') // a small one does not wait
  expect(begun).toBe(false)
  await running[0]?.return?.()
  expect((JSON.parse((await fifth).text) as Listing).entries).toHaveLength(1500)
  for (const listing of running) await listing.return?.()
})

describe('the page', () => {
  const AWKWARD = {
    '<script>alert(1)<': 'x',
    '"quotes" & \'apostrophes\'': 'x',
    'javascript:alert(1)': 'x',
    'a?b#c%41': 'x',
    'invoice\u202efdp.exe': 'x',
    ' leading and trailing ': 'x',
    日本語: 'x',
  }

  it('links every name to the file that has it', async () => {
    const middleware = serveStatic(makeTree(AWKWARD), { listing: true })
    const page = (await ask(middleware, 'GET', '/')).text
    const links = [...page.matchAll(/<a href="(\.\/[^"]*)">/g)].map(([, href]) => href as string)
    expect(links).toHaveLength(Object.keys(AWKWARD).length)
    for (const link of links) {
      const url = new URL(link.replaceAll('&amp;', '&').replaceAll('&#39;', "'"), 'http://x/')
      expect(url.host).toBe('x')
      expect((await ask(middleware, 'GET', url.pathname + url.search)).text, link).toBe('x')
    }
  })

  it('lets no name become markup, a script, or another name', async () => {
    const page = (await ask(serveStatic(makeTree(AWKWARD), { listing: true }), 'GET', '/')).text
    expect(page).not.toContain('<script')
    expect(page).not.toContain('href="javascript')
    expect(page).not.toContain('\u202e')
    expect(page).toContain('invoice\\u{202E}fdp.exe')
    expect(page).toContain('&quot;quotes&quot; &amp; &#39;apostrophes&#39;')
  })

  it('has nothing inline, and a policy that forbids everything but its stylesheet', async () => {
    const middleware = serveStatic(makeTree({ 'a.txt': '' }), { listing: true, base: '/app' })
    const page = await ask(middleware, 'GET', '/app/')
    expect(page.header('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    )
    expect(page.text).not.toMatch(/<style|<script|\sstyle=|\son\w+=/)
    const href = /<link rel="stylesheet" href="([^"]+)">/.exec(page.text)?.[1] as string
    expect(href).toMatch(/^\/app\/\.tsws\//)
    const stylesheet = await ask(middleware, 'GET', href)
    expect([stylesheet.status, stylesheet.header('content-type')]).toEqual([200, 'text/css; charset=utf-8'])
    expect(stylesheet.header('cache-control')).toContain('immutable')
    expect((await ask(middleware, 'POST', href)).status).toBe(405)
  })

  it('shows the way back, and which column it is sorted by', async () => {
    const middleware = serveStatic(makeTree({ 'a b/c/x.txt': '' }), { listing: true, base: '/app' })
    const page = (await ask(middleware, 'GET', '/app/a%20b/c/?sort=size&order=desc')).text
    const nav = /<nav[^>]*>(.*)<\/nav>/.exec(page)?.[1] as string
    expect([...nav.matchAll(/href="([^"]+)"/g)].map(([, href]) => href)).toEqual([
      '/app/',
      '/app/a%20b/',
      '/app/a%20b/c/',
    ])
    expect(page).toContain('<th scope="col" aria-sort="descending"><a href="?sort=size&amp;order=asc">Size')
    expect(page.match(/aria-sort/g)).toHaveLength(1)
    expect(page).toContain('<a href="../">')
  })

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [1536, '1.54 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [734_003_200, '734 MB'],
    [2 ** 53, '9.01 PB'],
  ])('%i bytes are %s', (bytes, text) => expect(formatSize(bytes)).toBe(text))
})
