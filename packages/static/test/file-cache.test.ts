import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CachedFile } from '../src/cached-file.ts'
import { FileCache } from '../src/file-cache.ts'
import { resolveOptions } from '../src/options.ts'
import { createRepresentation } from '../src/representation.ts'

function file(key: string, size: number): CachedFile {
  const facts = { size, mtimeMs: 1e12, ctimeMs: 1e12 }
  const representation = createRepresentation('/a.txt', null, facts, resolveOptions(), 2e12)
  const identity = { ...facts, dev: 1, ino: 1 }
  const variant = { representation, path: '/a.txt', identity, bytes: new Uint8Array(size) }
  return new CachedFile(key, '/a.txt', variant, [], [], { paths: [], folder: null }, 0)
}

describe('FileCache', () => {
  it('drops what was not asked for since the last look, and keeps what was', () => {
    const cache = new FileCache({ maxBytes: 30, maxEntries: 100 })
    for (const key of ['a', 'b', 'c']) cache.set(key, file(key, 10))
    const used = cache.get('a') as CachedFile
    used.used = true
    cache.set('d', file('d', 10))
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c', 'd'])
  })

  it('does not take what alone is too large', () => {
    const cache = new FileCache({ maxBytes: 30, maxEntries: 100 })
    cache.set('a', file('a', 10))
    cache.set('b', file('b', 31))
    expect([cache.get('b'), cache.size, cache.bytes]).toEqual([undefined, 1, 10])
  })

  it('counts a file that takes the place of another once', () => {
    const cache = new FileCache({ maxBytes: 30, maxEntries: 100 })
    cache.set('a', file('a', 10))
    const replacement = file('a', 20)
    const first = cache.get('a') as CachedFile
    cache.set('a', replacement)
    cache.forget(first)
    expect([cache.get('a'), cache.bytes]).toEqual([replacement, 20])
  })

  it('stays within its limits, whatever is put in, used and taken out', () => {
    const action = fc.record({
      what: fc.constantFrom('set', 'use', 'delete'),
      key: fc.integer({ min: 0, max: 20 }).map(String),
      size: fc.integer({ min: 0, max: 40 }),
    })
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const cache = new FileCache({ maxBytes: 100, maxEntries: 8 })
        for (const { what, key, size } of actions) {
          if (what === 'set') {
            cache.set(key, file(key, size))
            expect(cache.get(key)).toBeDefined() // the newest is never the one dropped
          } else if (what === 'delete') cache.delete(key)
          else {
            const known = cache.get(key)
            if (known !== undefined) known.used = true
          }
          expect(cache.bytes).toBeLessThanOrEqual(100)
          expect(cache.size).toBeLessThanOrEqual(8)
          let bytes = 0
          for (let at = 0; at <= 20; at++) bytes += cache.get(String(at))?.bytes ?? 0
          expect(cache.bytes).toBe(bytes)
        }
      }),
    )
  })
})
