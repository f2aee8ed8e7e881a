import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { pino } from 'pino'
import { afterAll, expect, test } from 'vitest'
import { createLogger, LogDestination } from '../src/index.ts'
import type { LoggerOptions } from '../src/index.ts'

const folder = await mkdtemp(join(tmpdir(), 'tsws-observe-'))
afterAll(() => rm(folder, { recursive: true }))

function fail(): never {
  throw new Error('not today')
}

function collector() {
  const chunks: string[] = []
  return { chunks, write: (text: string) => chunks.push(text) }
}

test('a JSON line has level, time, bindings, fields and message', async () => {
  const stream = collector()
  const log = createLogger({ destination: stream, bindings: { app: 'shop' } })
  log.logger.warn({ a: 1 }, 'hello')
  await log.close()
  expect(JSON.parse(stream.chunks.join(''))).toEqual({
    level: 40,
    time: expect.any(Number),
    app: 'shop',
    a: 1,
    msg: 'hello',
  })
})

test('lines of one turn go out in one write', async () => {
  const stream = collector()
  const log = createLogger({ destination: stream })
  for (let line = 0; line < 100; line++) log.logger.info({ line })
  expect(stream.chunks).toHaveLength(0)
  await log.flush()
  expect(stream.chunks).toHaveLength(1)
  expect(stream.chunks[0]?.trimEnd().split('\n')).toHaveLength(100)
  await log.close()
})

test('a line goes out by itself within a moment', async () => {
  const stream = collector()
  const log = createLogger({ destination: stream })
  log.logger.info('alone')
  await expect.poll(() => stream.chunks.length, { timeout: 1000 }).toBe(1)
  await log.close()
})

test('a file is appended to, and not readable by everyone', async () => {
  const path = join(folder, 'app.log')
  for (const word of ['first', 'second']) {
    const log = createLogger({ destination: path })
    log.logger.info(word)
    await log.close()
  }
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['first', 'second'])
  expect((await stat(path)).mode & 0o007).toBe(0)
})

test('text beyond ASCII arrives as UTF-8', async () => {
  const path = join(folder, 'utf8.log')
  const log = createLogger({ destination: path })
  log.logger.info('Grüße 🎉 世界')
  await log.close()
  expect(JSON.parse(await readFile(path, 'utf8')).msg).toBe('Grüße 🎉 世界')
})

test('flush resolves under a steady stream of lines', async () => {
  const log = createLogger({ destination: join(folder, 'steady.log') })
  const writing = setInterval(() => log.logger.info('again'), 0)
  log.logger.info('mine')
  await log.flush()
  clearInterval(writing)
  expect(await readFile(join(folder, 'steady.log'), 'utf8')).toContain('"mine"')
  await log.close()
})

test('pretty passes each line through prettify', async () => {
  const stream = collector()
  const log = createLogger({
    format: 'pretty',
    destination: stream,
    prettify: (line) => `~ ${JSON.parse(line).msg}\n`,
  })
  log.logger.info('one')
  log.logger.info('two')
  await log.close()
  expect(stream.chunks.join('')).toBe('~ one\n~ two\n')
})

test('a prettify that throws costs its beauty, not the line', async () => {
  const stream = collector()
  const log = createLogger({ format: 'pretty', destination: stream, prettify: fail })
  log.logger.info('plain')
  await log.close()
  expect(JSON.parse(stream.chunks.join('')).msg).toBe('plain')
})

test('off writes nothing and says that no level is enabled', async () => {
  const log = createLogger({ format: 'off' })
  log.logger.error('unheard')
  expect(log.logger.isLevelEnabled('fatal')).toBe(false)
  await log.close()
  expect(log.lostLines).toBe(0)
})

test('the level holds, and can be changed while running', async () => {
  const stream = collector()
  const log = createLogger({ destination: stream, level: 'warn' })
  log.logger.info('too low')
  log.logger.level = 'info'
  log.logger.info('now')
  await log.close()
  expect(stream.chunks.join('')).not.toContain('too low')
  expect(stream.chunks.join('')).toContain('now')
})

test('a stream that fails is told once, and its lines are counted', async () => {
  const told: string[] = []
  const failing = new Writable({
    write(_chunk, _encoding, done) {
      done(new Error('the printer is on fire'))
    },
  })
  const log = createLogger({ destination: failing, onTrouble: (message) => told.push(message) })
  log.logger.info('one')
  await log.flush()
  log.logger.info('two')
  log.logger.info('three')
  expect(log.lostLines).toBe(3)
  expect(told).toEqual([expect.stringContaining('the printer is on fire')])
  await log.close()
  expect(told).toEqual([expect.any(String), '3 log lines were lost'])
})

test('a stream whose write throws is treated the same', async () => {
  const told: string[] = []
  const log = createLogger({ destination: { write: fail }, onTrouble: (message) => told.push(message) })
  log.logger.info('one')
  await log.flush()
  expect(log.lostLines).toBe(1)
  expect(told).toEqual([expect.stringContaining('not today')])
  await log.close()
})

test('a stream that takes nothing fills the buffer up to its limit, and close waits a second at most', async () => {
  const told: string[] = []
  const stuck = new PassThrough({ highWaterMark: 1 })
  stuck.write = (() => false) as typeof stuck.write
  const log = createLogger({ destination: stuck, onTrouble: (message) => told.push(message) })
  const filler = 'x'.repeat(100_000)
  for (let line = 0; line < 100; line++) log.logger.info(filler)
  expect(log.lostLines).toBeGreaterThan(50)
  expect(told).toEqual([expect.stringContaining('not read fast enough')])
  const start = performance.now()
  await log.close()
  expect(performance.now() - start).toBeLessThan(2000)
  expect(log.lostLines).toBe(100)
})

test("the destination serves a logger of one's own too", async () => {
  const stream = collector()
  const destination = new LogDestination(stream)
  pino({ name: 'mine' }, destination).info('hello')
  await destination.close()
  expect(JSON.parse(stream.chunks.join(''))).toMatchObject({ name: 'mine', msg: 'hello' })
})

test('closing twice is closing once', async () => {
  const told: string[] = []
  const log = createLogger({ destination: { write: fail }, onTrouble: (message) => told.push(message) })
  log.logger.info('one')
  await Promise.all([log.close(), log.close()])
  await log.close()
  expect(told).toEqual([expect.stringContaining('not today'), '1 log lines were lost'])
})

test('lines after close are dropped and counted', async () => {
  const stream = collector()
  const log = createLogger({ destination: stream })
  await log.close()
  log.logger.info('late')
  expect(log.lostLines).toBe(1)
  expect(stream.chunks).toEqual([])
})

test.each([
  [{ format: 'xml' }, /'json', 'pretty' or 'off', got "xml"/],
  [{ format: 'pretty' }, /needs prettify/],
])('%j is refused with the reason', (options, message) => {
  expect(() => createLogger(options as LoggerOptions)).toThrow(TypeError)
  expect(() => createLogger(options as LoggerOptions)).toThrow(message)
})
