import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { serveStatic } from '../src/index.ts'
import { ask, makeTree, OLD, put } from './support.ts'

const SCRIPT = 'console.log(1)\n'.repeat(100)
const BR = brotliCompressSync(SCRIPT)
const GZ = gzipSync(SCRIPT)

describe.each([
  ['from memory', {}],
  ['from disk', { cache: false }],
] as const)('precompressed siblings, %s', (_, options) => {
  it('the best one the client accepts is sent, as a coding of the file and not as an archive', async () => {
    const middleware = serveStatic(makeTree({ 'app.js': SCRIPT, 'app.js.br': BR, 'app.js.gz': GZ }), options)
    for (const [accepted, coding, bytes] of [
      ['gzip, deflate, br, zstd', 'br', BR],
      ['gzip', 'gzip', GZ],
      ['br;q=0.1, gzip;q=0.9', 'gzip', GZ],
      ['zstd', null, Buffer.from(SCRIPT)],
      ['gzip;q=0', null, Buffer.from(SCRIPT)],
      ['', null, Buffer.from(SCRIPT)],
      ['*;q=0', null, Buffer.from(SCRIPT)],
      ['gzipped, notbr', null, Buffer.from(SCRIPT)],
    ] as const) {
      const answer = await ask(middleware, 'GET', '/app.js', { 'Accept-Encoding': accepted })
      expect(answer.header('content-encoding'), accepted).toBe(coding)
      expect(answer.bytes.equals(bytes), accepted).toBe(true)
      expect(answer.header('content-type')).toBe('text/javascript; charset=utf-8')
      expect(answer.header('vary')).toBe('Accept-Encoding')
    }
  })

  it('each coding has its own tag, and revalidates with it', async () => {
    const middleware = serveStatic(makeTree({ 'app.js': SCRIPT, 'app.js.br': BR, 'app.js.gz': GZ }), options)
    const tags = new Set<string>()
    for (const coding of ['br', 'gzip', 'identity']) {
      const fields = { 'Accept-Encoding': coding }
      const etag = (await ask(middleware, 'GET', '/app.js', fields)).header('etag') as string
      tags.add(etag)
      const again = await ask(middleware, 'GET', '/app.js', { ...fields, 'If-None-Match': etag })
      expect([again.status, again.header('vary')]).toEqual([304, 'Accept-Encoding'])
    }
    expect(tags.size).toBe(3)
  })

  it('a range is one of the coded bytes', async () => {
    const middleware = serveStatic(makeTree({ 'app.js': SCRIPT, 'app.js.br': BR }), options)
    const answer = await ask(middleware, 'GET', '/app.js', { 'Accept-Encoding': 'br', Range: 'bytes=2-5' })
    expect([answer.status, answer.header('content-encoding'), answer.header('content-range')]).toEqual([
      206,
      'br',
      `bytes 2-5/${BR.length}`,
    ])
    expect(answer.bytes.equals(BR.subarray(2, 6))).toBe(true)
  })

  it('a sibling older than its file, an empty one, and one that leads out of the root are not used', async () => {
    const outside = makeTree({ 'evil.gz': 'SECRET' })
    const root = makeTree({ 'old.js': SCRIPT, 'empty.js': SCRIPT, 'empty.js.gz': '', 'link.js': SCRIPT })
    put(root, 'old.js.gz', GZ, new Date(OLD.getTime() - 1))
    symlinkSync(join(outside, 'evil.gz'), join(root, 'link.js.gz'))
    const middleware = serveStatic(root, options)
    for (const target of ['/old.js', '/empty.js', '/link.js']) {
      const answer = await ask(middleware, 'GET', target, { 'Accept-Encoding': 'gzip' })
      expect([answer.header('content-encoding'), answer.text], target).toEqual([null, SCRIPT])
    }
  })

  it('data of no known type may have siblings too, and then varies', async () => {
    const middleware = serveStatic(
      makeTree({ 'game.data': SCRIPT, 'game.data.br': BR, 'alone.data': 'x' }),
      options,
    )
    const coded = await ask(middleware, 'GET', '/game.data', { 'Accept-Encoding': 'br' })
    expect([coded.header('content-encoding'), coded.header('vary')]).toEqual(['br', 'Accept-Encoding'])
    expect((await ask(middleware, 'GET', '/game.data')).header('vary')).toBe('Accept-Encoding')
    expect((await ask(middleware, 'GET', '/alone.data')).header('vary')).toBeNull()
  })

  it('asked for by its own name, the sibling is an archive', async () => {
    const middleware = serveStatic(makeTree({ 'app.js.gz': GZ }), options)
    const answer = await ask(middleware, 'GET', '/app.js.gz', { 'Accept-Encoding': 'gzip' })
    expect([answer.header('content-encoding'), answer.header('content-type')]).toEqual([
      null,
      'application/gzip',
    ])
  })

  it.each([
    ['Origin', 'Origin, Accept-Encoding'],
    [null, 'Accept-Encoding'],
    ['accept-encoding', 'accept-encoding'],
    ['*', '*'],
  ])('a rule that sets Vary to %s leaves it true', async (vary, expected) => {
    const root = makeTree({ 'app.js': SCRIPT, 'app.js.br': BR, 'a.png': 'image' })
    const middleware = serveStatic(root, { ...options, headers: [{ path: '*', headers: { Vary: vary } }] })
    for (const fields of [{ 'Accept-Encoding': 'br' }, {}, { 'If-None-Match': '*' }] as const)
      expect((await ask(middleware, 'GET', '/app.js', fields)).header('vary')).toBe(expected)
    expect((await ask(middleware, 'GET', '/a.png')).header('vary')).toBe(vary)
  })

  it('can be switched off', async () => {
    const root = makeTree({ 'app.js': SCRIPT, 'app.js.br': BR })
    const middleware = serveStatic(root, { ...options, precompressed: false })
    expect((await ask(middleware, 'GET', '/app.js', { 'Accept-Encoding': 'br' })).text).toBe(SCRIPT)
  })

  it('one that appears, or is outlived by a new file, is noticed', async () => {
    const root = makeTree({ 'app.js': SCRIPT })
    const middleware = serveStatic(root, { ...options, revalidateInterval: 0 })
    const coding = async (): Promise<string | null> =>
      (await ask(middleware, 'GET', '/app.js', { 'Accept-Encoding': 'gzip' })).header('content-encoding')
    expect(await coding()).toBeNull()
    put(root, 'app.js.gz', GZ)
    expect(await coding()).toBe('gzip')
    put(root, 'app.js', 'new', new Date(OLD.getTime() + 1000))
    expect(await coding()).toBeNull()
  })
})
