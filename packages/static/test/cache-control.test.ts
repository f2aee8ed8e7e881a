import { describe, expect, it } from 'vitest'
import { defaultCacheControl, isHashedName } from '../src/cache-control.ts'

describe('a name with a hash of the content', () => {
  it.each([
    '/app.4f3a9c1b.js',
    '/static/js/main.4f3a9c1b.chunk.js',
    '/static/css/main.4f3a9c1b.css.map',
    '/app-4f3a9c1b2d3e4f5a4f3a9c1b2d3e4f5a.css',
    '/4f3a9c1b2d3e4f5a.js',
    '/fonts/inter_4f3a9c1b.woff2',
    '/assets/index-BxY3z12a.js',
    '/assets/logo-D1_x-Q9z.svg',
    '/_app/immutable/chunks/start.Bx3zQ12a.js',
    '/assets/chunk-ABCDEF23.js',
  ])('%s is one', (path) => {
    expect(isHashedName(path)).toBe(true)
    expect(defaultCacheControl(path)).toBe('public, max-age=31536000, immutable')
  })

  it.each([
    '/index.html',
    '/app.js',
    '/app.4f3a9c1b.html',
    '/assets/page-BxY3z12a.html',
    '/report-20240102.pdf',
    '/IMG_20240102.jpg',
    '/jquery-1.2.3.min.js',
    '/main-document.js',
    '/facadefacade.js',
    '/decade.deadbeef.js',
    '/assets/some-Document.pdf',
    '/assets/my-document.js',
    '/report-May2024a.pdf',
    '/4f3a9c1b/app.js',
    '/app.4f3a9c1.js',
  ])('%s is none', (path) => {
    expect(isHashedName(path)).toBe(false)
    expect(defaultCacheControl(path)).toBe('no-cache')
  })
})
