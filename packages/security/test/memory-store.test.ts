import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { memoryStore, sharedCounters } from '../src/index.ts'
import type { Counted, MemoryStoreOptions } from '../src/index.ts'

const HOUR = 3_600_000

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 }))
afterEach(() => void vi.useRealTimers())

function counter(limit: number, window: number, options?: MemoryStoreOptions) {
  const store = memoryStore(options)({ limit, window })
  return (key: string): Counted => store.count(key) as Counted
}

test('each key is counted for itself, up to one beyond the limit', () => {
  const count = counter(2, HOUR)
  expect([1, 2, 3, 4].map(() => count('a').used)).toEqual([1, 2, 3, 3])
  expect(count('b').used).toBe(1)
})

test('a window ends when it said it would, and the next one counts from one', () => {
  const count = counter(5, 60_000)
  for (let at = 0; at < 5; at++) count('a')
  const { used, resetIn } = count('a')
  expect(used).toBe(6)
  expect(resetIn).toBeGreaterThan(0)
  expect(resetIn).toBeLessThanOrEqual(60_000)
  vi.setSystemTime(Date.now() + resetIn - 1)
  expect(count('a')).toEqual({ used: 6, resetIn: 1 })
  vi.setSystemTime(Date.now() + 1)
  expect(count('a')).toEqual({ used: 1, resetIn: 60_000 })
})

test('windows of different keys begin at different times', () => {
  const count = counter(5, 60_000)
  const resets = new Set(Array.from({ length: 20 }, (_, at) => count(`key ${at}`).resetIn))
  expect(resets.size).toBeGreaterThan(10)
})

test('the highest limit can be reached, and is held', () => {
  const count = counter(1_048_574, HOUR)
  for (let at = 1; at < 1_048_574; at++) count('a')
  expect([1, 2, 3].map(() => count('a').used)).toEqual([1_048_574, 1_048_575, 1_048_575])
})

test('a flood of keys forgets itself first: who has asked most stays known', () => {
  const count = counter(100, HOUR, { maxKeys: 64 })
  for (let at = 0; at < 50; at++) count('known')
  for (let at = 0; at < 10_000; at++) count(`flood ${at}`)
  expect(count('known').used).toBe(51)
})

test('a full table has places again when windows are over', () => {
  const count = counter(100, 1000, { maxKeys: 8 })
  for (let at = 0; at < 8; at++) for (let times = 0; times < 10; times++) count(`old ${at}`)
  vi.setSystemTime(Date.now() + 1000)
  for (let at = 0; at < 8; at++) count(`new ${at}`)
  expect(Array.from({ length: 8 }, (_, at) => count(`new ${at}`).used)).toEqual(Array(8).fill(2))
})

test('with room for all, it counts like a map from key to count', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (keys) => {
      const count = counter(1000, HOUR)
      const model = new Map<string, number>()
      for (const key of keys) {
        model.set(key, (model.get(key) ?? 0) + 1)
        expect(count(key).used).toBe(model.get(key))
      }
    }),
  )
})

test('threads with the same memory let through as many as the limit says, together', async () => {
  const memory = sharedCounters(64)
  const policy = { limit: 30_000, window: 24 * HOUR }
  const threads = Array.from(
    { length: 3 },
    () =>
      new Worker(new URL('count-in-thread.ts', import.meta.url), {
        workerData: { memory, key: 'a', times: 20_000, policy },
      }),
  )
  const passed = await Promise.all(
    threads.map(async (thread) => (await once(thread, 'message'))[0] as number),
  )
  expect(passed.reduce((sum, one) => sum + one)).toBe(30_000)
})

test.each([0, 1.5, 2 ** 24 + 1, NaN, '64'])('maxKeys %j is refused', (maxKeys) => {
  expect(() => memoryStore({ maxKeys: maxKeys as number })).toThrow(/maxKeys must be a whole number from 1/)
  expect(() => sharedCounters(maxKeys as number)).toThrow(TypeError)
})

test('memory that sharedCounters did not make is refused', () => {
  expect(() => memoryStore({ memory: new SharedArrayBuffer(64) })).toThrow(/must come from sharedCounters/)
})
