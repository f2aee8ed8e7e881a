// What piscina's own test suite asks of a pool, file by file, and where it is asked of this one. What is not asked
// here or in the files named has its reason beside it.
//
// abort-task                scheduler.test (abort and timeout), faults.test; here: transfer, listeners, wrong signals
// affinity-balancer, load balancers, custom task queues (queues, task-queue)
//                           not offered: who runs what is the scheduler's to decide, by measured run time
// async-context, issue-513  pool.test (context)
// atomics-optimization      not offered: answers always come through shared memory
// console-log               here
// fixed-queue               parts.test (a linked queue)
// generics, types           types.test
// histogram                 parts.test (a histogram), scheduler.test (statistics)
// idle-timeout              scheduler.test (threads grow and retire); here: Infinity
// iterators                 pool.test (streams)
// load-with-esm, move-test, test-is-buffer-transferred
//                           pool.test (answers): modules are ES modules; transfer there and back
// messages                  not offered: streams carry what a task says before its end
// nice                      not offered: it takes a native add-on
// option-validation         options.test; here: prototypes, options of one call
// pool, workers (events)    here: diagnostics channels tell of threads
// pool-close, pool-destroy  scheduler.test (the end); here: without tasks, without threads, twice
// post-task                 pool.test (answers, errors); `drain` and `needsDrain`: overflow 'wait' and drain() instead
// queued-task-prefers-ready-worker, stricter-fifo
//                           scheduler.test (no task waits behind a slow one); here: order
// ready-message             startTimeout, here
// simple-test               pool.test; here: execArgv, data that cannot be cloned
// test-resourcelimits, test-uncaught-exception-from-handler
//                           scheduler.test (a thread that dies), faults.test
// thread-count              options.test, parallelism.test; here: minThreads beyond the cores
import { spawn } from 'node:child_process'
import diagnostics from 'node:diagnostics_channel'
import { getEventListeners, once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it, vi } from 'vitest'
import { Pool } from '../src/index.ts'
import type { PoolOptions, RunOptions } from '../src/index.ts'
import { open, url } from './open-pool.ts'

describe('options of one call', () => {
  const wrong: [string, unknown, RegExp][] = [
    ['signal', { signal: 42 }, /'signal' must be an AbortSignal, got 42/],
    ['transfer', { transfer: 42 }, /'transfer' must be an array, got 42/],
    ['timeout', { timeout: -1 }, /'timeout' must be a number of 0 or more, got -1/],
    ['timeout', { timeout: 'soon' }, /'timeout' must be a number of 0 or more, got 'soon'/],
    ['overflow', { overflow: 'drop' }, /'overflow' must be 'wait', 'reject' or 'skip', got 'drop'/],
    ['all of them', 1, /the options must be an object, got 1/],
  ]
  it.each(wrong)('of a wrong kind run nothing and name %s', async (_, options, message) => {
    const pool = open({ maxThreads: 1 })
    const shared = new SharedArrayBuffer(4)
    const run = pool.run('count', [shared, 0], options as RunOptions)
    await expect(run).rejects.toThrow(TypeError)
    await expect(run).rejects.toThrow(message)
    await pool.run('nothing', [])
    expect(new Int32Array(shared)[0]).toBe(0)
  })

  it('of map are looked at too', async () => {
    await expect(open().map('add' as never, [], { concurrency: 0 })).rejects.toThrow(/'concurrency'/)
    await expect(open().map('echo', [1], { timeout: -1 })).rejects.toThrow(/'timeout'/)
  })
})

describe('options of a pool', () => {
  it('that a prototype brings along are not taken', () => {
    const polluted = Object.create({ maxThreads: -1, unknown: true }) as PoolOptions
    expect(() => open(polluted)).not.toThrow()
  })

  it('may keep more threads than there are cores', async () => {
    const pool = open({ minThreads: 5, maxThreads: 5 })
    await vi.waitFor(() => expect(pool.stats.idleThreads).toBe(5), 10_000)
  })

  it('pass execArgv on', async () => {
    expect(await open({ execArgv: ['--no-warnings'] }).run('execArgv', [])).toEqual(['--no-warnings'])
  })

  it('with data that cannot be cloned fail at once when a thread is wanted at once', () => {
    expect(() => new Pool(url, { data: { hello: () => 1 } })).toThrow(/could not be cloned/)
  })

  it('with data that cannot be cloned fail the tasks, and not the process, when threads come later', async () => {
    const pool = open({ minThreads: 0, data: { hello: () => 1 } })
    await expect(pool.run('add', [1, 1])).rejects.toMatchObject({
      code: 'ERR_POOL_THREAD_START',
      cause: { name: 'DataCloneError' },
    })
    await pool.close()
  })

  it('end a thread that does not get its module loaded in time, and say so', async () => {
    const slow = new URL('data:text/javascript,await new Promise((resolve) => setTimeout(resolve, 60000))')
    const pool = new Pool(slow, { startTimeout: 50, minThreads: 0 })
    await expect(pool.run('x', [])).rejects.toMatchObject({
      code: 'ERR_POOL_THREAD_START',
      message: /within 50 ms/ as unknown,
    })
    await pool.close({ force: true })
  })

  it('with an idleTimeout of Infinity keep every thread', async () => {
    const pool = open({ minThreads: 1, maxThreads: 2, idleTimeout: Infinity })
    await Promise.all([pool.run('spend', [50]), pool.run('spend', [50])])
    await vi.waitFor(() => expect(pool.stats.idleThreads).toBe(2), 10_000)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(pool.stats.threads).toBe(2)
  })
})

describe('a signal', () => {
  it('that has aborted leaves what was to be transferred where it is', async () => {
    const buffer = new ArrayBuffer(8)
    const signal = AbortSignal.abort(new Error('too late'))
    await expect(open().run('length', [buffer], { signal, transfer: [buffer] })).rejects.toThrow('too late')
    expect(buffer.byteLength).toBe(8)
  })

  it('has no listener left of a task that is settled, however it ended', async () => {
    const pool = open({ maxThreads: 1, maxQueue: 1 })
    const { signal } = new AbortController()
    await pool.run('add', [1, 1], { signal })
    await pool.run('fail', ['x'], { signal }).catch(() => undefined)
    await pool.run('exit', [1], { signal }).catch(() => undefined)
    await pool.run('echo', [() => 1], { signal }).catch(() => undefined)
    await pool.run('loopForEver', [], { signal, timeout: 20 }).catch(() => undefined)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})

describe('order', () => {
  it('of one thread is that in which tasks were handed in, whatever their kind', async () => {
    const pool = open({ maxThreads: 1 })
    const settled: number[] = []
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const task =
          index % 3 === 0
            ? pool.run('add', [index, 0])
            : index % 3 === 1
              ? pool.run('echo', [{ index, when: new Date() }])
              : pool.run('spend', [0.2])
        await task
        settled.push(index)
      }),
    )
    expect(settled).toEqual(Array.from({ length: 60 }, (_, index) => index))
  })
})

describe('the end', () => {
  it('comes without tasks, without threads, and twice', async () => {
    const pool = open()
    await Promise.all([pool.close(), pool.close()])
    await open({ minThreads: 0 }).close()
    await open().close({ force: true })
    expect(pool.stats.threads).toBe(0)
  })
})

describe('diagnostics channels', () => {
  it('tell of each thread that starts and ends, and why', async () => {
    const told: unknown[] = []
    const started = (message: unknown): void => void told.push(['start', message])
    const ended = (message: unknown): void => void told.push(['end', message])
    diagnostics.subscribe('tsws:pool:thread:start', started)
    diagnostics.subscribe('tsws:pool:thread:end', ended)
    const pool = open({ maxThreads: 1, name: 'watched' })
    const controller = new AbortController()
    const looping = pool.run('loopForEver', [], { signal: controller.signal })
    await vi.waitFor(() => expect(told).toHaveLength(1), 10_000)
    controller.abort()
    await looping.catch(() => undefined)
    await pool.run('exit', [1]).catch(() => undefined)
    await pool.run('add', [1, 1])
    await pool.close()
    diagnostics.unsubscribe('tsws:pool:thread:start', started)
    diagnostics.unsubscribe('tsws:pool:thread:end', ended)
    const start = ['start', { pool: 'watched', threadId: expect.any(Number) as unknown }]
    const end = (reason: string): unknown => ['end', expect.objectContaining({ pool: 'watched', reason })]
    expect(told).toEqual([start, end('aborted'), start, end('crashed'), start, end('closed')])
  })
})

describe('what a task writes to the console', () => {
  it('comes out of the process', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/say.ts')])
    const [output, errors, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    expect({ output, errors, code }).toEqual({ output: 'out loud\n', errors: 'and aside\n', code: 0 })
  })
})
