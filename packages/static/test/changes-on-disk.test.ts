import { appendFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { serveStatic } from '../src/index.ts'
import { ask, makeRequest, makeTree, OLD, passedOn, put } from './support.ts'

afterEach(() => void vi.useRealTimers())

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
    for (let round = 0; round < 300; round++) {
      const answer = await ask(middleware, 'GET', '/a.txt')
      expect(answer.status).toBe(200)
      expect(answer.text).toBe((answer.text[0] ?? '').repeat(answer.text.length))
      expect(answer.length).toBe(answer.bytes.length)
      seen.add(answer.text)
    }
    done.abort()
    await writer
    expect(seen.size).toBeGreaterThan(2)
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
      expect(middleware(makeRequest('GET', '/a.txt'), passedOn), `round ${round}`).not.toBeInstanceOf(Promise)
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
