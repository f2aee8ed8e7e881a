import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { open } from './open-pool.ts'

type Kind = 'good' | 'exit' | 'loop' | 'throw' | 'unclonable'

describe('faults under load', () => {
  it('fail exactly the tasks that caused them; every other task runs once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 100, max: 300 }),
        // Few that kill a thread: each crash in a row doubles the pause before the next start.
        fc.array(fc.tuple(fc.nat(), fc.constantFrom<Kind>('exit', 'loop')), { maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom<Kind>('throw', 'unclonable')), { maxLength: 30 }),
        async (total, deadly, harmless) => {
          const kinds = Array.from({ length: total }, (): Kind => 'good')
          for (const [at, kind] of [...harmless, ...deadly]) kinds[at % total] = kind
          const pool = open({ minThreads: 2, maxThreads: 2 })
          const runs = new SharedArrayBuffer(4 * kinds.length)
          const start: Record<Kind, (index: number) => Promise<unknown>> = {
            good: (index) => pool.run('count', [runs, index]),
            exit: () => pool.run('exit', [1]),
            loop: () => pool.run('loopForEver', [], { timeout: 30 }),
            throw: () => pool.run('fail', ['x']),
            unclonable: () => pool.run('returnFunction', []),
          }
          const expected: Record<Kind, string | undefined> = {
            good: undefined,
            exit: 'ERR_POOL_THREAD_CRASHED',
            loop: 'ERR_POOL_TIMEOUT',
            throw: 'E_TEAPOT',
            unclonable: 'ERR_POOL_RESULT',
          }
          const settled = await Promise.allSettled(kinds.map((kind, index) => start[kind](index)))
          const codes = settled.map((result) =>
            result.status === 'rejected' ? (result.reason as { code: string }).code : undefined,
          )
          expect(codes).toEqual(kinds.map((kind) => expected[kind]))
          expect([...new Int32Array(runs)]).toEqual(kinds.map((kind) => (kind === 'good' ? 1 : 0)))
          expect(pool.stats).toMatchObject({
            completed: kinds.filter((kind) => kind === 'good').length,
            failed: kinds.filter((kind) => kind !== 'good').length,
            queued: 0,
            waiting: 0,
            running: 0,
          })
          await pool.close()
        },
      ),
      { numRuns: 4 },
    )
  }, 60_000)

  it('aborts at any moment leave every task either run once and answered, or failed', async () => {
    const pool = open({ minThreads: 2, maxThreads: 2 })
    const total = 400
    const runs = new SharedArrayBuffer(4 * total)
    const outcomes = await Promise.all(
      Array.from({ length: total }, async (_, index) => {
        const controller = new AbortController()
        if (index % 4 === 0) {
          const abort = (): void => controller.abort(new Error('enough'))
          if (index % 8 === 0) setTimeout(abort, index % 13)
          else queueMicrotask(abort)
        }
        try {
          await pool.run('count', [runs, index], { signal: controller.signal })
          return 1
        } catch (error) {
          expect(error).toMatchObject({ message: 'enough' })
          return 0
        }
      }),
    )
    const counted = [...new Int32Array(runs)]
    for (const [index, answered] of outcomes.entries()) {
      if (index % 4 !== 0) expect([answered, counted[index]]).toEqual([1, 1])
      else expect(counted[index]).toBeGreaterThanOrEqual(answered)
      expect(counted[index]).toBeLessThanOrEqual(1)
    }
  })

  it('with concurrency, an abort ends the tasks beside it and tells them why', async () => {
    const pool = open({ maxThreads: 1, concurrency: 2 })
    const controller = new AbortController()
    const beside = pool.run('later', ['x', 60_000])
    const aborted = pool.run('later', ['y', 60_000], { signal: controller.signal })
    const both = Promise.allSettled([beside, aborted])
    await vi.waitFor(() => expect(pool.stats.running).toBe(2), 10_000)
    await new Promise((resolve) => setTimeout(resolve, 100))
    controller.abort(new Error('stop'))
    const [first, second] = await both
    expect(first).toMatchObject({ reason: { code: 'ERR_POOL_THREAD_TERMINATED' } })
    expect(second).toMatchObject({ reason: { message: 'stop' } })
    expect(await pool.run('add', [1, 1])).toBe(2)
  })

  it('a thread that dies between two tasks fails none and is replaced', async () => {
    const pool = open({ maxThreads: 1 })
    await pool.run('exitLater', [5])
    await vi.waitFor(() => expect(pool.stats.crashedThreads).toBe(1), 10_000)
    expect(await pool.run('add', [1, 1])).toBe(2)
  })

  it('arguments that no thread has the memory to read fail their task, and no other', async () => {
    const pool = open({ minThreads: 1, maxThreads: 1, resourceLimits: { maxOldGenerationSizeMb: 32 } })
    const many = Array.from({ length: 1_000_000 }, (_, index) => ({ index }))
    const tooLarge = pool.run('nothing', [many] as never)
    const others = Array.from({ length: 20 }, (_, index) => pool.run('add', [index, 1]))
    await expect(tooLarge).rejects.toMatchObject({
      code: 'ERR_POOL_THREAD_CRASHED',
      message: /^3 threads crashed before they had begun task 'nothing'.*memory/ as unknown,
    })
    expect(await Promise.all(others)).toEqual(others.map((_, index) => index + 1))
  }, 60_000)

  it('an error that cannot even be looked at fails its task only', async () => {
    const pool = open({ minThreads: 1, maxThreads: 1 })
    const thread = await pool.run('whoAmI', [])
    await expect(pool.run('failUnreadably', [])).rejects.toThrow('What was thrown cannot be read')
    expect(await pool.run('whoAmI', [])).toBe(thread)
  })

  it('one signal for very many tasks aborts them all without a warning', async () => {
    const warnings: Error[] = []
    const listen = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listen)
    const pool = open({ maxThreads: 1 })
    const controller = new AbortController()
    const blocked = pool.run('loopForEver', [], { signal: controller.signal })
    const tasks = Array.from({ length: 500 }, () => pool.run('nothing', [], { signal: controller.signal }))
    const settled = Promise.allSettled([blocked, ...tasks])
    controller.abort()
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', listen)
    expect(warnings).toEqual([])
  })
})

describe('the process', () => {
  it('lives until the tasks are settled and ends though the pool was not closed', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/leave-open.ts')])
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
    expect({ output, code }).toEqual({ output: 'done', code: 0 })
  })
})
