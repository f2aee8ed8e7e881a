import type * as FileSystem from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { createLogger } from '../src/index.ts'

// A disk that is full after some bytes, until space is made.
const disk = vi.hoisted(() => ({ space: Number.POSITIVE_INFINITY, code: 'ENOSPC' }))

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof FileSystem>()
  type Done = (error: NodeJS.ErrnoException | null, count: number) => void
  const write = (fd: number, bytes: Uint8Array, at: number, done: Done): void => {
    const length = Math.min(bytes.length - at, disk.space)
    if (length === 0) {
      setImmediate(done, Object.assign(new Error(`${disk.code}: no luck`), { code: disk.code }), 0)
      return
    }
    disk.space -= length
    fs.write(fd, bytes, at, length, done)
  }
  return { ...fs, write }
})

const folder = await mkdtemp(join(tmpdir(), 'tsws-observe-'))
afterAll(() => rm(folder, { recursive: true }))

function numbersIn(text: string): number[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).number)
}

test('when a full disk has space again every line arrives whole, once and in order', async () => {
  const path = join(folder, 'full.log')
  const told: string[] = []
  disk.space = 100 // ends in the middle of a line
  const log = createLogger({ destination: path, onTrouble: (message) => told.push(message) })
  for (let number = 0; number < 5; number++) log.logger.info({ number }, 'before')
  await expect.poll(() => told).toEqual([expect.stringContaining('ENOSPC')])
  expect(await readFile(path, 'utf8')).toHaveLength(100)
  for (let number = 5; number < 10; number++) log.logger.info({ number }, 'while')
  disk.space = Number.POSITIVE_INFINITY
  await log.flush()
  log.logger.info({ number: 10 }, 'after')
  await log.close()
  expect(numbersIn(await readFile(path, 'utf8'))).toEqual(Array.from({ length: 11 }, (_, index) => index))
  expect(log.lostLines).toBe(0)
  expect(told, 'told once').toHaveLength(1)
})

test('a disk that stays full costs what the buffer cannot hold, and close says how much', async () => {
  const told: string[] = []
  disk.space = 0
  const log = createLogger({
    destination: join(folder, 'stays.log'),
    onTrouble: (message) => told.push(message),
  })
  const filler = 'x'.repeat(500_000)
  log.logger.info(filler)
  await expect.poll(() => told.length).toBe(1)
  for (let line = 0; line < 20; line++) log.logger.info(filler)
  expect(log.lostLines, 'eight of 500 kB fit into 4 MiB').toBe(12)
  await log.close()
  expect(told.at(-1)).toBe('21 log lines were lost')
  disk.space = Number.POSITIVE_INFINITY
})

test('a descriptor that was closed (EBADF) is given up at once', async () => {
  const told: string[] = []
  disk.space = 0
  disk.code = 'EBADF'
  const log = createLogger({
    destination: join(folder, 'closed.log'),
    onTrouble: (message) => told.push(message),
  })
  log.logger.info('one')
  await log.flush()
  log.logger.info('two')
  expect(log.lostLines).toBe(2)
  expect(told).toEqual([expect.stringContaining('EBADF')])
  await log.close()
})
