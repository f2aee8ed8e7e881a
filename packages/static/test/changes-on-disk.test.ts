import { appendFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Middleware } from '@tsws/http'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { DocumentRoot } from '../src/document-root.ts'
import { serveStatic } from '../src/index.ts'
import type { StaticOptions } from '../src/index.ts'
import { ask, makeRequest, makeTree, OLD, passedOn, put } from './support.ts'

afterEach(() => void vi.useRealTimers())

// On a disk of this machine a look is waited for; on what may be far away it is not. What is seen must be the same.
describe.each([
  ['near', 'statNow'],
  ['far', 'stat'],
] as const)('on a disk that is %s', (where, how) => {
  beforeEach(() => {
    const near = vi.spyOn(DocumentRoot.prototype, 'isNear').mockReturnValue(where === 'near')
    onTestFinished(() => near.mockRestore())
  })

  describe.each([
    ['small files', {}],
    ['large files', { cache: { maxEntryBytes: 2 } }],
  ] as const)('a change on disk, %s', (_, options) => {
    const at = (seconds: number): Date => new Date(OLD.getTime() + seconds * 1000)

    it.each<[string, (root: string) => void, string | null]>([
      ['replaced', (root) => put(root, 'a.txt', 'second', at(1)), 'second'],
      ['grown', (root) => appendFileSync(join(root, 'a.txt'), ' and more'), 'first! and more'],
      ['shrunk', (root) => truncateSync(join(root, 'a.txt'), 3), 'fir'],
      ['deleted', (root) => rmSync(join(root, 'a.txt')), null],
      [
        'renamed over with the same size and time, as rsync does',
        (root) => {
          put(root, 'b.tmp', 'FIRST!')
          renameSync(join(root, 'b.tmp'), join(root, 'a.txt'))
        },
        'FIRST!',
      ],
      [
        'rewritten in place with the same size and time',
        (root) => {
          writeFileSync(join(root, 'a.txt'), 'FIRST!')
          utimesSync(join(root, 'a.txt'), OLD, OLD)
        },
        'FIRST!',
      ],
    ])('%s: seen once the interval is over', async (_name, change, expected) => {
      vi.useFakeTimers({ toFake: ['Date'] })
      const root = makeTree({ 'a.txt': 'first!' })
      const middleware = serveStatic(root, options)
      expect((await ask(middleware, 'GET', '/a.txt')).text).toBe('first!')
      change(root)
      vi.setSystemTime(Date.now() + 1000)
      const answer = await ask(middleware, 'GET', '/a.txt')
      if (expected === null) expect(answer.header('x-passed')).toBe('on')
      else expect([answer.text, answer.length]).toEqual([expected, expected.length])
    })

    it('a length never comes with the bytes of another version', async () => {
      const root = makeTree({ 'a.txt': 'x' })
      const middleware = serveStatic(root, { ...options, revalidateInterval: 5 })
      const done = new AbortController()
      const writer = (async () => {
        for (let version = 0; !done.signal.aborted; version++) {
          const size = 100 + ((version * 37) % 400)
          writeFileSync(join(root, 'new'), String(version % 10).repeat(size))
          renameSync(join(root, 'new'), join(root, 'a.txt'))
          await sleep(1)
        }
      })()
      const seen = new Set<string>()
      for (let round = 0; round < 300 || seen.size < 5; round++) {
        const answer = await ask(middleware, 'GET', '/a.txt')
        expect(answer.status).toBe(200)
        expect(answer.text).toBe((answer.text[0] ?? '').repeat(answer.text.length))
        expect(answer.length).toBe(answer.bytes.length)
        seen.add(answer.text)
      }
      done.abort()
      await writer
    })
  })

  describe('what was missing', () => {
    // The folder must count as settled, so the clock is moved on from its making.
    const serveFrom = (root: string, options: StaticOptions = {}): Middleware => {
      vi.useFakeTimers({ toFake: ['Date'] })
      vi.setSystemTime(Date.now() + 60_000)
      return serveStatic(root, options)
    }

    it('is looked for by its folder alone, as long as that is unchanged', async () => {
      const root = makeTree({ 'a.txt': 'a', 'b.txt': 'b' })
      const middleware = serveFrom(root)
      const looks = vi.spyOn(DocumentRoot.prototype, how)
      onTestFinished(() => looks.mockRestore())
      const looked = async (): Promise<string[]> => {
        looks.mockClear()
        vi.setSystemTime(Date.now() + 1100)
        for (const target of ['/a.txt', '/b.txt']) await ask(middleware, 'GET', target)
        return looks.mock.calls.map(([path]) => path).toSorted()
      }
      await looked()
      const siblings = ['/a.txt.br', '/a.txt.gz', '/a.txt.zst', '/b.txt.br', '/b.txt.gz', '/b.txt.zst']
      expect(await looked()).toEqual(['/', '/a.txt', ...siblings.slice(0, 3), '/b.txt', ...siblings.slice(3)])
      expect(await looked()).toEqual(['/', '/a.txt', '/b.txt'])
      put(root, 'other.txt', 'x')
      expect(await looked()).toEqual(['/', '/a.txt', ...siblings.slice(0, 3), '/b.txt', ...siblings.slice(3)])
    })

    it.each([1, 2, 3, 12])('and appears is noticed, after %i looks that found it missing', async (rounds) => {
      const root = makeTree({ 'a.txt': 'a' })
      const middleware = serveFrom(root)
      const coding = async (): Promise<string | null> => {
        vi.setSystemTime(Date.now() + 1100)
        return (await ask(middleware, 'GET', '/a.txt', { 'Accept-Encoding': 'gzip' })).header(
          'content-encoding',
        )
      }
      for (let round = 0; round < rounds; round++) expect(await coding()).toBeNull()
      put(root, 'a.txt.gz', 'coded')
      expect(await coding()).toBe('gzip')
      rmSync(join(root, 'a.txt.gz'))
      expect(await coding()).toBeNull()
    })

    it('and would have come first is noticed', async () => {
      const root = makeTree({ 'about.html': 'page' })
      const middleware = serveFrom(root, { cleanUrls: true })
      for (let round = 0; round < 4; round++) {
        vi.setSystemTime(Date.now() + 1100)
        expect((await ask(middleware, 'GET', '/about')).text).toBe('page')
      }
      put(root, 'about', 'file')
      vi.setSystemTime(Date.now() + 1100)
      expect((await ask(middleware, 'GET', '/about')).text).toBe('file')
    })
  })

  describe('between two looks', () => {
    it('the remembered file is sent, without a look at the disk', async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      const root = makeTree({ 'a.txt': 'first' })
      const middleware = serveStatic(root)
      await ask(middleware, 'GET', '/a.txt')
      rmSync(join(root, 'a.txt'))
      vi.setSystemTime(Date.now() + 400)
      expect((await ask(middleware, 'GET', '/a.txt')).text).toBe('first')
    })

    it('a file in steady use is looked at behind the scenes, and never waited for', async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      const root = makeTree({ 'a.txt': 'first' })
      const started = new Date(Date.now() - 60_000)
      utimesSync(join(root, 'a.txt'), started, started)
      vi.setSystemTime(Date.now() + 10_000) // the file's ctime is settled then
      const middleware = serveStatic(root)
      await ask(middleware, 'GET', '/a.txt')
      for (let round = 0; round < 10; round++) {
        vi.setSystemTime(Date.now() + 800)
        expect(middleware(makeRequest('GET', '/a.txt'), passedOn), `round ${round}`).not.toBeInstanceOf(
          Promise,
        )
        await sleep(20) // real time, for the look
      }
    })

    it('a clock that is set back does not keep an old file alive', async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      const root = makeTree({ 'a.txt': 'first' })
      const middleware = serveStatic(root)
      await ask(middleware, 'GET', '/a.txt')
      put(root, 'a.txt', 'second', new Date(OLD.getTime() + 1000))
      vi.setSystemTime(Date.now() - 3_600_000)
      expect((await ask(middleware, 'GET', '/a.txt')).text).toBe('second')
    })

    it('immutable: the file is looked at once', async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      const root = makeTree({ 'a.txt': 'first' })
      const middleware = serveStatic(root, { immutable: true })
      await ask(middleware, 'GET', '/a.txt')
      rmSync(join(root, 'a.txt'))
      vi.setSystemTime(Date.now() + 1e9)
      expect((await ask(middleware, 'GET', '/a.txt')).text).toBe('first')
    })
  })
})

it('on a near disk a file that nobody asked for for an hour is not waited for either', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const near = vi.spyOn(DocumentRoot.prototype, 'isNear').mockReturnValue(true)
  onTestFinished(() => near.mockRestore())
  const root = makeTree({ 'a.txt': 'first', 'a.txt.gz': 'coded' })
  vi.setSystemTime(Date.now() + 10_000)
  const middleware = serveStatic(root)
  await ask(middleware, 'GET', '/a.txt')
  vi.setSystemTime(Date.now() + 3_600_000)
  expect(middleware(makeRequest('GET', '/a.txt'), passedOn)).not.toBeInstanceOf(Promise)
  put(root, 'a.txt', 'second', new Date(OLD.getTime() + 1000))
  vi.setSystemTime(Date.now() + 3_600_000)
  expect((await ask(middleware, 'GET', '/a.txt')).text).toBe('second')
})
