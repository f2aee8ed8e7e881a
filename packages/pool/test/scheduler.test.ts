import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { Pool } from '../src/index.ts'
import type { PoolOptions } from '../src/index.ts'
import { open, url } from './open-pool.ts'
import type { Tasks } from './open-pool.ts'

/** A gate that `hold` tasks wait at: they end when it opens, not after some time. */
function gate(): { shared: SharedArrayBuffer; held: () => number; release: () => void } {
  const shared = new SharedArrayBuffer(8)
  const cells = new Int32Array(shared)
  return {
    shared,
    held: () => Atomics.load(cells, 1),
    release: () => {
      Atomics.store(cells, 0, 1)
      Atomics.notify(cells, 0)
    },
  }
}

describe('no task waits behind a slow one while another thread is idle', () => {
  it('whatever the order of slow and quick ones, of the same function or not', async () => {
    const pool = open({ minThreads: 3, maxThreads: 3 })
    // Two tasks block two threads until the gate opens; it opens only after every quick task is answered.
    // A quick task stuck behind a blocked one, or its answer, would make this wait for ever.
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('add', 'echo', 'spend', 'object'), { minLength: 2, maxLength: 120 }),
        fc.nat(),
        fc.nat(),
        fc.boolean(),
        async (kinds, first, second, apart) => {
          const { shared, release } = gate()
          const slowAt = new Set([first % kinds.length, second % kinds.length])
          const slow: Promise<unknown>[] = []
          const quick: Promise<unknown>[] = []
          for (const [index, kind] of kinds.entries()) {
            if (slowAt.has(index)) slow.push(pool.run('hold', [shared]))
            if (kind === 'add') quick.push(pool.run('add', [index, 1]))
            else if (kind === 'echo') quick.push(pool.run('echo', ['text']))
            else if (kind === 'object') quick.push(pool.run('echo', [{ index, date: new Date() }]))
            else quick.push(pool.run('spend', [0.01]))
            if (apart && index % 16 === 0) await new Promise((resolve) => setImmediate(resolve))
          }
          await Promise.all(quick)
          release()
          await Promise.all(slow)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('even when the function was quick a thousand times before it is slow', async () => {
    const pool = open({ minThreads: 2, maxThreads: 2 })
    const open_ = gate()
    open_.release()
    await Promise.all(Array.from({ length: 1000 }, () => pool.run('hold', [open_.shared])))
    for (let round = 0; round < 20; round++) {
      const { shared, release } = gate()
      const tasks = Array.from({ length: 60 }, (_, index) =>
        pool.run('hold', [index === round * 3 ? shared : open_.shared]),
      )
      const [slow] = tasks.splice(round * 3, 1)
      await Promise.all(tasks)
      release()
      await slow
    }
  })

  it('and a thread is started for what is stuck when there is room for one', async () => {
    const pool = open({ minThreads: 1, maxThreads: 2 })
    const open_ = gate()
    open_.release()
    for (let n = 0; n < 100; n++) await pool.run('hold', [open_.shared])
    const { shared, release } = gate()
    const slow = pool.run('hold', [shared])
    await Promise.all(Array.from({ length: 20 }, () => pool.run('hold', [open_.shared])))
    release()
    await slow
  })

  it('mixed tasks of 0.01 and 100 ms: each runs once and each is answered', async () => {
    const pool = open({ minThreads: 2, maxThreads: 2 })
    const shared = new SharedArrayBuffer(4 * 300)
    const tasks = Array.from({ length: 300 }, async (_, index) => {
      await pool.run('count', [shared, index])
      return pool.run('spend', [index % 60 === 7 ? 100 : 0.01])
    })
    expect((await Promise.all(tasks)).filter((spent) => spent === 100)).toHaveLength(5)
    expect([...new Int32Array(shared)].every((runs) => runs === 1)).toBe(true)
  })
})

describe('abort and timeout', () => {
  it('stop a task that loops for ever, and only that task', async () => {
    const pool = open({ minThreads: 1, maxThreads: 1 })
    const controller = new AbortController()
    const started = new SharedArrayBuffer(4)
    const looping = pool.run('loopForEver', [started], { signal: controller.signal })
    const behind = Array.from({ length: 50 }, (_, index) => pool.run('add', [index, 1]))
    await vi.waitFor(() => expect(new Int32Array(started)[0]).toBe(1), 10_000)
    controller.abort(new Error('stop it'))
    await expect(looping).rejects.toThrow('stop it')
    expect(await Promise.all(behind)).toEqual(behind.map((_, index) => index + 1))
  })

  it('of a task that waits does not touch a thread', async () => {
    const pool = open({ maxThreads: 1 })
    const { shared, release } = gate()
    const holding = pool.run('hold', [shared])
    const controller = new AbortController()
    const waiting = pool.run('whoAmI', [], { signal: controller.signal })
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
    release()
    expect(await pool.run('whoAmI', [])).toBe(await holding)
  })

  it('before the start runs nothing', async () => {
    const shared = new SharedArrayBuffer(4)
    const run = open().run('count', [shared, 0], { signal: AbortSignal.abort('no') })
    await expect(run).rejects.toBe('no')
    expect(new Int32Array(shared)[0]).toBe(0)
  })

  it('after the end does nothing', async () => {
    const pool = open({ maxThreads: 1 })
    const controller = new AbortController()
    const thread = await pool.run('whoAmI', [], { signal: controller.signal })
    controller.abort()
    expect(await pool.run('whoAmI', [])).toBe(thread)
  })

  it('by timeout counts from when the task began, not from when it was queued', async () => {
    const pool = open({ maxThreads: 1 })
    const { shared, release, held } = gate()
    const holding = pool.run('hold', [shared])
    const waiting = pool.run('add', [1, 2], { timeout: 50 })
    await vi.waitFor(() => expect(held()).toBe(1), 10_000)
    await new Promise((resolve) => setTimeout(resolve, 120))
    release()
    await holding
    expect(await waiting).toBe(3)
    const looping = pool.run('loopForEver', [], { timeout: 50 })
    await expect(looping).rejects.toMatchObject({ code: 'ERR_POOL_TIMEOUT', message: /50 ms/ as unknown })
    expect(await pool.run('add', [1, 2])).toBe(3)
  })

  it('of the pool applies to every task that says nothing else', async () => {
    const pool = open({ maxThreads: 1, timeout: 50 })
    await expect(pool.run('loopForEver', [])).rejects.toMatchObject({ code: 'ERR_POOL_TIMEOUT' })
    expect(await pool.run('later', ['x', 100], { timeout: 0 })).toBe('x')
  })
})

describe('a thread that dies', () => {
  const faults: [string, (pool: Pool<Tasks>) => Promise<unknown>, PoolOptions, RegExp][] = [
    ['by process.exit', (pool) => pool.run('exit', [3]), {}, /process\.exit\(3\)/],
    ['by an error outside of the task', (pool) => pool.run('throwOutside', []), {}, /thrown outside/],
    [
      'out of memory',
      (pool) => pool.run('outOfMemory', []),
      { resourceLimits: { maxOldGenerationSizeMb: 32 } },
      /memory/,
    ],
  ]
  for (const [how, fault, options, message] of faults) {
    it(`${how} fails its own task and no other`, async () => {
      const pool = open({ minThreads: 2, maxThreads: 2, ...options })
      const shared = new SharedArrayBuffer(4 * 200)
      const before = Array.from({ length: 100 }, (_, index) => pool.run('count', [shared, index]))
      const dying = fault(pool)
      const after = Array.from({ length: 100 }, (_, index) => pool.run('count', [shared, 100 + index]))
      await expect(dying).rejects.toMatchObject({ code: 'ERR_POOL_THREAD_CRASHED', message })
      await Promise.all([...before, ...after])
      expect([...new Int32Array(shared)].every((runs) => runs === 1)).toBe(true)
      expect(pool.stats.crashedThreads).toBe(1)
    })
  }

  it('again and again is replaced each time, later and later, and the queue goes on', async () => {
    const pool = open({ maxThreads: 1 })
    const crashes = await Promise.allSettled([1, 2, 3].map((code) => pool.run('exit', [code])))
    expect(crashes.every(({ status }) => status === 'rejected')).toBe(true)
    expect(await pool.run('add', [1, 1])).toBe(2)
    expect(pool.stats.crashedThreads).toBe(3)
  })
})

describe('the queue', () => {
  it('rejects when it is full', async () => {
    const pool = open({ maxThreads: 1, maxQueue: 2 })
    const { shared, release } = gate()
    await pool.run('nothing', [])
    const holding = pool.run('hold', [shared])
    await new Promise((resolve) => setImmediate(resolve))
    const queued = [pool.run('later', ['a']), pool.run('later', ['b'])]
    await expect(pool.run('later', ['c'])).rejects.toMatchObject({ code: 'ERR_POOL_QUEUE_FULL' })
    expect(await pool.run('later', ['d'], { overflow: 'skip' })).toBeUndefined()
    const waiting = pool.run('later', ['e'], { overflow: 'wait' })
    expect(pool.stats).toMatchObject({ queued: 2, waiting: 1 })
    release()
    await holding
    expect(await Promise.all([...queued, waiting])).toEqual(['a', 'b', 'e'])
  })

  it('of length 0 takes a task only when a thread can begin it', async () => {
    const pool = open({ minThreads: 1, maxThreads: 1, maxQueue: 0 })
    await vi.waitFor(() => expect(pool.stats.idleThreads).toBe(1), 10_000)
    const first = pool.run('later', ['a', 30])
    await expect(pool.run('later', ['b'])).rejects.toMatchObject({ code: 'ERR_POOL_QUEUE_FULL' })
    const waiting = pool.run('later', ['c'], { overflow: 'wait' })
    expect(await first).toBe('a')
    expect(await waiting).toBe('c')
  })

  it('has a waiting line that is bounded too', async () => {
    const pool = open({ maxThreads: 1, maxQueue: 1, maxWaiting: 1, overflow: 'wait' })
    const tasks = ['a', 'b', 'c', 'd'].map((text) => pool.run('later', [text]))
    const settled = await Promise.allSettled(tasks)
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
  })
})

describe('threads', () => {
  it('grow to the maximum under load and retire to the minimum', async () => {
    const pool = open({ minThreads: 1, maxThreads: 3, idleTimeout: 50 })
    const { shared, release, held } = gate()
    const holding = [1, 2, 3, 4].map(() => pool.run('hold', [shared]))
    await vi.waitFor(() => expect(held()).toBe(3), 10_000)
    expect(pool.stats.threads).toBe(3)
    release()
    await Promise.all(holding)
    await vi.waitFor(() => expect(pool.stats.threads).toBe(1), 10_000)
  })

  it('run as many tasks at once as their concurrency', async () => {
    const pool = open({ maxThreads: 1, concurrency: 4 })
    const most = await Promise.all(Array.from({ length: 12 }, () => pool.run('overlap', [])))
    expect(Math.max(...most)).toBe(4)
  })

  it('are replaced after a number of tasks, losing none', async () => {
    const pool = open({ maxThreads: 1, maxTasksPerThread: 10 })
    const ids = await Promise.all(Array.from({ length: 35 }, () => pool.run('whoAmI', [])))
    const each = new Map<number, number>()
    for (const id of ids) each.set(id, (each.get(id) ?? 0) + 1)
    expect([...each.values()]).toEqual([10, 10, 10, 5])
  })

  it('are replaced when their heap has grown beyond the limit', async () => {
    const pool = open({ maxThreads: 1, maxThreadHeap: 64 * 1024 * 1024 })
    const ids = new Set<number>()
    await vi.waitFor(
      async () => {
        ids.add(await pool.run('leakSome', []))
        expect(ids.size).toBeGreaterThan(1)
      },
      { timeout: 15_000, interval: 20 },
    )
    expect(pool.stats.crashedThreads).toBe(0)
  })
})

describe('the end', () => {
  it('drain waits for all tasks and leaves the pool open', async () => {
    const pool = open()
    const settled: string[] = []
    for (const text of ['a', 'b']) void pool.run('later', [text, 20]).then((value) => settled.push(value))
    await pool.drain()
    expect(settled.toSorted()).toEqual(['a', 'b'])
    expect(await pool.run('add', [1, 1])).toBe(2)
  })

  it('close finishes what was handed in and refuses what comes after', async () => {
    const pool = open()
    const task = pool.run('later', ['a', 20])
    const closing = pool.close()
    await expect(pool.run('add', [1, 1])).rejects.toMatchObject({ code: 'ERR_POOL_CLOSED' })
    expect(await task).toBe('a')
    await closing
    expect(pool.stats.threads).toBe(0)
  })

  it('close by force fails what runs and what waits', async () => {
    const pool = open({ maxThreads: 1 })
    const tasks = [pool.run('loopForEver', []), pool.run('add', [1, 1])]
    const settled = Promise.allSettled(tasks)
    await pool.close({ force: true })
    for (const result of await settled) expect(result).toMatchObject({ reason: { code: 'ERR_POOL_CLOSED' } })
  })

  it('of an await using block closes the pool', async () => {
    let kept: Pool<Tasks>
    {
      await using pool = new Pool<Tasks>(url)
      kept = pool
      expect(await pool.run('add', [1, 1])).toBe(2)
    }
    await expect(kept.run('add', [1, 1])).rejects.toMatchObject({ code: 'ERR_POOL_CLOSED' })
  })

  it('statistics count what happened', async () => {
    const pool = open({ maxThreads: 1 })
    await Promise.all([
      pool.run('spend', [5]),
      pool.run('add', [1, 1]),
      pool.run('fail', ['x']).catch(() => undefined),
    ])
    const { completed, failed, runTime, waitTime, utilisation } = pool.stats
    expect({ completed, failed, ran: runTime.count, waited: waitTime.count }).toEqual({
      completed: 2,
      failed: 1,
      ran: 3,
      waited: 3,
    })
    expect(runTime.max).toBeGreaterThanOrEqual(5)
    expect(utilisation).toBeGreaterThan(0)
  })
})
