import { HttpResponse } from '@tsws/http'
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DiskCache } from '../src/disk-cache.ts'
import { compress } from '../src/index.ts'
import type { EncodeFunction } from '../src/index.ts'
import { encodeBytes } from '../src/encode-bytes.ts'
import { accepting, bytesOf, contentOf, sampleText } from './exchange.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tsws-compress-disk-'))
})
afterEach(() => rm(directory, { recursive: true }))

const TEXT = sampleText(40_000)
const page = (): HttpResponse =>
  new HttpResponse(TEXT, { headers: { 'Content-Type': 'text/plain', ETag: '"v1"' } })

/** Serves the page once, lets the background work end, and tells what the page was sent as and what that took. */
async function run(): Promise<{ first: Buffer; encoded: number; failures: number }> {
  let encoded = 0
  const encode: EncodeFunction = (...work) => {
    encoded++
    return encodeBytes(...work)
  }
  const layer = compress({ cache: { directory, encode } })
  const response = await layer(accepting('br'), page)
  expect(await contentOf(response)).toBe(TEXT)
  await layer.idle()
  await layer.close()
  return { first: await bytesOf(response), encoded, failures: layer.stats.failures }
}

test('the best coding survives a restart: then it is the first answer, and nothing is compressed', async () => {
  const before = await run()
  expect(before.encoded).toBe(1)
  const after = await run()
  expect(after.encoded).toBe(0)
  expect(after.first.length).toBeLessThan(before.first.length)
})

test.each([
  ['emptied', (path: string) => truncate(path, 0)],
  ['cut short', (path: string) => truncate(path, 300)],
  [
    'altered',
    async (path: string) => {
      const bytes = await readFile(path)
      bytes[100] = (bytes[100] as number) ^ 1
      await writeFile(path, bytes)
    },
  ],
  ['replaced by other content', (path: string) => writeFile(path, 'hello')],
])('a file that was %s is not served, and made anew', async (_what, damage) => {
  await run()
  const [name] = await readdir(directory)
  await damage(join(directory, name as string))
  expect((await run()).encoded).toBe(1)
  expect((await run()).encoded).toBe(0)
})

test('a file left half-written by a process that died is never read, and goes when room is made', async () => {
  const cache = new DiskCache(directory, 0)
  const left = join(directory, `${'0'.repeat(64)}.br.1-x.tmp`)
  await writeFile(left, 'half')
  await utimes(left, 1, 1)
  expect(await cache.read('0'.repeat(64), 'br')).toBeNull()
  await cache.write('1'.repeat(64), 'br', Buffer.from('whole'))
  expect(await readdir(directory)).toEqual([])
})

test('a process killed while it writes leaves nothing that is served wrong', async () => {
  for (let round = 0; round < 4; round++) {
    const options = [
      '--conditions=@tsws/source',
      '--no-warnings',
      fileURLToPath(new URL('disk-writer.ts', import.meta.url)),
    ]
    const child = spawn(process.execPath, [...options, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await new Promise((resolve) => setTimeout(resolve, 3 + round * 7))
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
    const cache = new DiskCache(directory, 1e9)
    let found = 0
    for (let number = 0; number < 20; number++) {
      const coded = await cache.read(String(number).padStart(64, '0'), 'br')
      if (coded === null) continue
      found++
      expect(Buffer.compare(coded, Buffer.alloc(500_000 + number, number))).toBe(0)
    }
    expect(found).toBeGreaterThan(0)
  }
})

test('files that are not of the cache are left alone', async () => {
  await writeFile(join(directory, 'precious.txt'), 'mine')
  const cache = new DiskCache(directory, 0)
  await cache.write('1'.repeat(64), 'br', Buffer.from('whole'))
  expect(await readdir(directory)).toEqual(['precious.txt'])
})

test('the folder stays within its bound, and what was used last stays', async () => {
  const cache = new DiskCache(directory, 10_000)
  const digest = (number: number): string => String(number).padStart(64, '0')
  for (let number = 0; number < 30; number++) {
    await cache.write(digest(number), 'gzip', Buffer.alloc(1000, number))
    const long = new Date(Date.now() - (100 - number) * 1000)
    await utimes(join(directory, `${digest(number)}.gzip`), long, long)
    await cache.read(digest(0), 'gzip')
    await expect
      .poll(async () => (await stat(join(directory, `${digest(0)}.gzip`))).mtimeMs)
      .toBeGreaterThan(Date.now() - 10_000)
    const sizes = await Promise.all(
      (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size),
    )
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(10_000)
  }
  expect(await cache.read(digest(29), 'gzip')).toEqual(Buffer.alloc(1000, 29))
  expect(await cache.read(digest(0), 'gzip')).toEqual(Buffer.alloc(1000, 0))
  expect(await cache.read(digest(1), 'gzip')).toBeNull()
})

test('several that fill one folder keep its bound together, but for a sixteenth each', async () => {
  const maxBytes = 100_000
  const caches = Array.from({ length: 4 }, () => new DiskCache(directory, maxBytes))
  for (let number = 0; number < 400; number++) {
    const cache = caches[number % 4] as DiskCache
    await cache.write(String(number).padStart(64, '0'), 'br', Buffer.alloc(1000, number))
    if (number % 20 !== 0) continue
    const names = await readdir(directory)
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(maxBytes * (1 + 4 / 16))
  }
})

test('its files are for their owner only', async () => {
  await new DiskCache(directory, 1e6).write('1'.repeat(64), 'br', Buffer.from('whole'))
  const [name] = await readdir(directory)
  expect((await stat(join(directory, name as string))).mode & 0o777).toBe(0o600)
})

test('the folder is made, for its owner only', async () => {
  const inner = join(directory, 'a', 'b')
  expect(new DiskCache(inner, 1)).toBeInstanceOf(DiskCache)
  expect((await stat(inner)).mode & 0o777).toBe(0o700)
})

test('a folder that cannot be made is an error at start-up', async () => {
  await writeFile(join(directory, 'file'), '')
  expect(() => compress({ cache: { directory: join(directory, 'file', 'below') } })).toThrow(/ENOTDIR/)
})

test('a folder that vanishes later fails no answer', async () => {
  const layer = compress({ cache: { directory } })
  await rm(directory, { recursive: true })
  expect(await contentOf(await layer(accepting('br'), page))).toBe(TEXT)
  await layer.idle()
  expect(layer.stats.failures).toBe(1)
  expect(await contentOf(await layer(accepting('br'), page))).toBe(TEXT)
  await writeFile(directory, '').then(() => rm(directory))
  directory = await mkdtemp(join(tmpdir(), 'tsws-compress-disk-'))
})
