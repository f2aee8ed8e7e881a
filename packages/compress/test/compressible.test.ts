import { expect, test } from 'vitest'
import { isCompressible } from '../src/index.ts'

test.each([
  'text/html',
  'text/css',
  'text/event-stream',
  'application/json',
  'application/ld+json',
  'application/manifest+json',
  'image/svg+xml',
  'application/wasm',
  'font/ttf',
  'application/xml',
  'text/javascript',
])('%s shrinks', (essence) => {
  expect(isCompressible(essence)).toBe(true)
})

test.each([
  '',
  'image/jpeg',
  'image/png',
  'image/webp',
  'video/mp4',
  'audio/mpeg',
  'font/woff2',
  'application/zip',
  'application/gzip',
  'application/pdf',
  'application/octet-stream',
  'textual/html',
  'x-text/html',
  'application/jsonx',
])('%j does not', (essence) => {
  expect(isCompressible(essence)).toBe(false)
})
