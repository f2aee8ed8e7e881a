import { describe, expect, it } from 'vitest'
import { createPlanner, serveStatic } from '../src/index.ts'
import { ask, makeTree, OLD_DATE } from './support.ts'

const NOW = Date.now()
const YEAR = 365 * 24 * 60 * 60 * 1000

describe('an entity tag', () => {
  const plan = createPlanner()
  const tagOf = (path: string, mtimeMs: number, ctimeMs = mtimeMs, size = 10): string => {
    const planned = plan({ method: 'GET', headers: new Headers() }, { path, size, mtimeMs, ctimeMs })
    return planned.headers.find(([name]) => name === 'ETag')?.[1] ?? ''
  }

  it.each(['/a.mp4', '/a.webm', '/a.wav', '/a.png', '/a.zip', '/a.woff2', '/a.bin'])(
    'of %s is strong once the file is older than a tick of the clock',
    (path) => {
      expect(tagOf(path, NOW - YEAR)).toMatch(/^"[^"]+"$/)
      expect(tagOf(path, NOW - 500)).toMatch(/^W\/"/)
      expect(tagOf(path, NOW - YEAR, NOW - 500)).toMatch(/^W\/"/)
      expect(tagOf(path, NOW + YEAR)).toMatch(/^W\/"/)
    },
  )

  it.each(['/a.html', '/a.txt', '/a.js', '/a.svg', '/a.json', '/a.wasm'])(
    'of %s is weak: it may be sent compressed',
    (path) => {
      expect(tagOf(path, NOW - YEAR)).toMatch(/^W\/"[^"]+"$/)
    },
  )

  it('differs with the size, and with a microsecond of the time', () => {
    const tags = [
      tagOf('/a.mp4', NOW - YEAR),
      tagOf('/a.mp4', NOW - YEAR, NOW - YEAR, 11),
      tagOf('/a.mp4', NOW - YEAR + 0.001),
    ]
    expect(new Set(tags).size).toBe(3)
  })

  it('of a file from the first day of 1970, as reproducible builds make them, is by the time it was put there', () => {
    expect(tagOf('/a.mp4', 1000, NOW - YEAR)).not.toBe(tagOf('/a.mp4', 1000, NOW - YEAR + 1))
  })
})

describe('ranges of a file with a strong tag', () => {
  const settledTree = async (): Promise<string> => {
    const root = makeTree({ 'a.mp4': '0123456789' })
    await new Promise((resolve) => setTimeout(resolve, 2_100)) // its ctime cannot be set
    return root
  }

  it(
    'are joined by it, as Chromium asks to when it seeks, and by nothing else',
    { timeout: 20_000 },
    async () => {
      const middleware = serveStatic(await settledTree())
      const etag = (await ask(middleware, 'GET', '/a.mp4')).header('etag') as string
      const partBy = async (ifRange: string): Promise<[number, string]> => {
        const answer = await ask(middleware, 'GET', '/a.mp4', { Range: 'bytes=2-3', 'If-Range': ifRange })
        return [answer.status, answer.text]
      }
      expect(etag).toMatch(/^"/)
      expect(await partBy(etag)).toEqual([206, '23'])
      expect(await partBy(OLD_DATE)).toEqual([206, '23'])
      expect(await partBy(`W/${etag}`)).toEqual([200, '0123456789'])
      expect(await partBy('"other"')).toEqual([200, '0123456789'])
    },
  )

  it('satisfies If-Match, which compares strongly', { timeout: 20_000 }, async () => {
    const middleware = serveStatic(await settledTree())
    const etag = (await ask(middleware, 'GET', '/a.mp4')).header('etag') as string
    const status = async (ifMatch: string): Promise<number> =>
      (await ask(middleware, 'GET', '/a.mp4', { 'If-Match': ifMatch })).status
    expect([await status(etag), await status(`W/${etag}`)]).toEqual([200, 412])
    const revalidated = await ask(middleware, 'GET', '/a.mp4', { 'If-None-Match': `W/${etag}` })
    expect(revalidated.status).toBe(304) // the weak one it had while it was new
  })
})
