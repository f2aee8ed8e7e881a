import { describe, expect, it } from 'vitest'
import { serveStatic } from '../src/index.ts'
import type { StaticOptions } from '../src/index.ts'
import { ask, makeTree } from './support.ts'
import type { Fields } from './support.ts'

const FILES = {
  'index.html': 'root',
  '404.html': 'lost',
  'about.html': 'about',
  'both.html': 'both file',
  'both/index.html': 'both folder',
  'docs/index.html': 'docs',
  'docs/intro.html': 'intro',
  exact: 'exact file',
  'exact.html': 'exact page',
  'bare/x.txt': 'x',
  'app.js': 'script',
}
const HTML: Fields = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const SCRIPT: Fields = { Accept: 'text/javascript' }

/** A status with what was served, or where to. `next` is what was left to the application. */
type Outcome = `200 ${string}` | `301 ${string}` | `404 ${string}` | 'next' | '405'

interface Row {
  options: StaticOptions
  rows: readonly (readonly [target: string, outcome: Outcome, fields?: Fields, method?: string])[]
}

const MATRIX: Readonly<Record<string, Row>> = {
  'by default': {
    options: {},
    rows: [
      ['/', '200 root'],
      ['/about', 'next'],
      ['/about.html', '200 about'],
      ['/both', '301 /both/'],
      ['/docs', '301 /docs/'],
      ['/docs/', '200 docs'],
      ['/docs/index.html', '200 docs'],
      ['/bare', '301 /bare/'],
      ['/bare/', 'next'],
      ['/exact', '200 exact file'],
      ['/exact/', 'next'],
      ['/lost', 'next', HTML],
      ['/about.html/', 'next'],
      ['/docs', '405', {}, 'POST'],
    ],
  },
  'with clean URLs': {
    options: { cleanUrls: true },
    rows: [
      ['/', '200 root'],
      ['/about', '200 about'],
      ['/about?x=1', '200 about'],
      ['/about.html', '301 /about'],
      ['/about.html?x=1', '301 /about?x=1'],
      ['/about/', 'next'],
      ['/index.html', '301 /'],
      ['/docs/index.html', '301 /docs/'],
      ['/docs/index', '200 docs'],
      ['/docs/intro', '200 intro'],
      ['/docs/intro.html', '301 /docs/intro'],
      ['/both', '200 both file'],
      ['/both/', '200 both folder'],
      ['/exact', '200 exact file'],
      ['/lost.html', 'next'],
      ['/app.js', '200 script'],
    ],
  },
  'as a single-page application': {
    options: { spa: true },
    rows: [
      ['/', '200 root'],
      ['/users/7', '200 root', HTML],
      ['/users/7?tab=1', '200 root', HTML],
      ['/users/', '200 root', HTML],
      ['/users/7', 'next', SCRIPT],
      ['/missing.js', 'next', HTML],
      ['/v1.2/', 'next', HTML],
      ['/users/7', 'next', HTML, 'POST'],
      ['/.env', 'next', HTML],
      ['/about.html', '200 about', HTML],
    ],
  },
  'as a single-page application with clean URLs': {
    options: { spa: '/index.html', cleanUrls: true, index: 'index.html' },
    rows: [
      ['/about', '200 about', HTML],
      ['/users/7', '200 root', HTML],
    ],
  },
  'with a page for what was not found': {
    options: { notFoundPage: '404.html' },
    rows: [
      ['/lost', '404 lost'],
      ['/.env', '404 lost'],
      ['/bare/', '404 lost'],
      ['/lost', 'next', {}, 'POST'],
      ['/about.html', '200 about'],
    ],
  },
  'with that page missing too': { options: { notFoundPage: 'gone.html' }, rows: [['/lost', 'next']] },
  'as an application whose assets are missed loudly': {
    options: { spa: true, notFoundPage: '404.html' },
    rows: [
      ['/users/7', '200 root', HTML],
      ['/missing.js', '404 lost', HTML],
    ],
  },
  'under a base': {
    options: { base: '/app', cleanUrls: true },
    rows: [
      ['/app/', '200 root'],
      ['/app', '301 /app/'],
      ['/app?x=1', '301 /app/?x=1'],
      ['/app/about', '200 about'],
      ['/app/about.html', '301 /app/about'],
      ['/app/docs', '301 /app/docs/'],
      ['/about', 'next'],
      ['/', 'next'],
      ['/application/about', 'next'],
      ['/app//docs', '301 /app/docs/'],
    ],
  },
  'without an index': {
    options: { index: false },
    rows: [
      ['/', 'next'],
      ['/docs/', 'next'],
      ['/docs', '301 /docs/'],
    ],
  },
  'with another index': {
    options: { index: 'intro.html' },
    rows: [
      ['/docs/', '200 intro'],
      ['/', 'next'],
    ],
  },
}

describe.each(Object.entries(MATRIX))('%s', (_, { options, rows }) => {
  const cases = rows.map(
    ([target, outcome, fields = {}, method = 'GET']) => [target, outcome, fields, method] as const,
  )
  it.each(cases)('%s is %s', async (target, outcome, fields, method) => {
    const middleware = serveStatic(makeTree(FILES), options)
    for (let round = 0; round < 2; round++) {
      const answer = await ask(middleware, method, target, fields)
      if (answer.header('x-passed') === 'on') expect('next').toBe(outcome)
      else if (answer.status === 405) expect('405').toBe(outcome)
      else expect(`${answer.status} ${answer.header('location') ?? answer.text}`).toBe(outcome)
    }
  })
})

describe('the page of an application', () => {
  // RFC 9110 §12.5.5: a cache must not send the page to a script, nor the miss to a navigation.
  it.each([
    ['/users/7', 200, HTML],
    ['/users/7', 304, { ...HTML, 'If-None-Match': '*' }],
    ['/users/7', 206, { ...HTML, Range: 'bytes=0-0' }],
    ['/users/7', 404, SCRIPT],
  ] as const)('%s as %i varies by Accept', async (target, status, fields) => {
    for (const notFoundPage of ['404.html', false] as const) {
      const middleware = serveStatic(makeTree(FILES), { spa: true, notFoundPage })
      const answer = await ask(middleware, 'GET', target, fields)
      expect([answer.status, answer.header('vary')?.split(', ')]).toEqual([
        status,
        expect.arrayContaining(['Accept']),
      ])
    }
  })

  it('is not in the way of what does not: the file itself, and assets that are missed', async () => {
    const middleware = serveStatic(makeTree(FILES), { spa: true, notFoundPage: '404.html' })
    expect((await ask(middleware, 'GET', '/', HTML)).header('vary')).toBe('Accept-Encoding')
    expect((await ask(middleware, 'GET', '/missing.js', HTML)).header('vary')).toBeNull()
  })
})

describe('the page for what was not found', () => {
  it('has no validators of its own, ignores conditions and ranges, and is not kept', async () => {
    const middleware = serveStatic(makeTree(FILES), { notFoundPage: '404.html' })
    const answer = await ask(middleware, 'GET', '/lost', { 'If-None-Match': '*', Range: 'bytes=0-0' })
    expect([answer.status, answer.text]).toEqual([404, 'lost'])
    expect(answer.header('etag')).toBeNull()
    expect(answer.header('accept-ranges')).toBeNull()
    expect(answer.header('cache-control')).toBe('no-cache')
  })

  it('comes from disk when it is too large to keep', async () => {
    const middleware = serveStatic(makeTree(FILES), { notFoundPage: '404.html', cache: false })
    expect((await ask(middleware, 'GET', '/lost')).text).toBe('lost')
  })
})
