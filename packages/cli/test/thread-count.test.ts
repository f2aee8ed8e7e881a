import { usableParallelism } from '@tsws/pool'
import { availableParallelism } from 'node:os'
import { describe, expect, test } from 'vitest'
import { threadCount } from '../src/thread-count.ts'

const GIB = 1024 ** 3
const left = { threads: null, use: [] }

describe('the number of threads', () => {
  test('is what the command line says, whatever the surroundings', async () => {
    expect(await threadCount({ threads: 5, use: ['a.mjs'] }, true, 0)).toBe(5)
    expect(await threadCount({ threads: 1, use: [] }, false, 64 * GIB)).toBe(1)
  })

  test('is one on a terminal', async () => {
    expect(await threadCount(left, true, 64 * GIB)).toBe(1)
  })

  test('is one with modules, each of which may keep something in memory', async () => {
    expect(await threadCount({ threads: null, use: ['a.mjs'] }, false, 64 * GIB)).toBe(1)
  })

  test('is elsewhere, and for auto, one for each core that the pool finds usable', async () => {
    expect(await threadCount(left, false, 64 * GIB)).toBe(usableParallelism())
    expect(await threadCount({ threads: 'auto', use: ['a.mjs'] }, true, 64 * GIB)).toBe(usableParallelism())
  })

  test('for auto is no more than the free memory is enough for, and at least one', async () => {
    expect(await threadCount(left, false, 0)).toBe(1)
    expect(await threadCount(left, false, GIB / 4)).toBe(1)
    expect(await threadCount(left, false, 2 * 192 * 1024 ** 2)).toBe(Math.min(2, usableParallelism()))
    expect(availableParallelism()).toBeGreaterThanOrEqual(usableParallelism())
  })
})
