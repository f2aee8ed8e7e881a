import { describe, expect, it } from 'vitest'
import { isCompressible, mediaTypeOf } from '../src/media-type.ts'

describe('mediaTypeOf', () => {
  it.each([
    ['/a.html', 'text/html; charset=utf-8'],
    ['/UPPER.HTML', 'text/html; charset=utf-8'],
    ['/a.css', 'text/css; charset=utf-8'],
    ['/a.js', 'text/javascript; charset=utf-8'],
    ['/a.mjs', 'text/javascript; charset=utf-8'],
    ['/a.txt', 'text/plain; charset=utf-8'],
    ['/a.md', 'text/markdown; charset=utf-8'],
    ['/a.json', 'application/json'],
    ['/a.js.map', 'application/json'],
    ['/a.webmanifest', 'application/manifest+json'],
    ['/a.xml', 'text/xml'],
    ['/a.svg', 'image/svg+xml'],
    ['/a.png', 'image/png'],
    ['/a.jpg', 'image/jpeg'],
    ['/a.webp', 'image/webp'],
    ['/a.avif', 'image/avif'],
    ['/favicon.ico', 'image/x-icon'],
    ['/a.wasm', 'application/wasm'],
    ['/a.woff2', 'font/woff2'],
    ['/a.pdf', 'application/pdf'],
    ['/a.mp4', 'video/mp4'],
    ['/a.tar.gz', 'application/gzip'],
    ['/a.xyzzy', 'application/octet-stream'],
    ['/noext', 'application/octet-stream'],
    ['/html', 'application/octet-stream'],
    ['/dir.html/noext', 'application/octet-stream'],
    ['/constructor', 'application/octet-stream'],
    ['/a.constructor', 'application/octet-stream'],
    ['/a.__proto__', 'application/octet-stream'],
    ['/a.', 'application/octet-stream'],
    ['/.well-known/apple-app-site-association', 'application/json'],
  ])('%s is %s', (path, type) => expect(mediaTypeOf(path)).toBe(type))
})

describe('isCompressible', () => {
  it.each([
    'text/html; charset=utf-8',
    'TEXT/CSS',
    'application/json',
    'image/svg+xml',
    'application/manifest+json',
    'application/wasm',
  ])('%s is', (type) => expect(isCompressible(type)).toBe(true))
  it.each([
    'image/png',
    'video/mp4',
    'font/woff2',
    'application/zip',
    'application/octet-stream',
    'application/gzip',
  ])('%s is not', (type) => expect(isCompressible(type)).toBe(false))
})
