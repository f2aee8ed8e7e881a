import type { ResourceLimits } from 'node:worker_threads'
import { usableParallelism } from './parallelism.ts'
import { show } from './run-options.ts'

/** What to do with a task that finds the queue full. */
export type Overflow = 'wait' | 'reject'

export interface PoolOptions {
  /**
   * Threads kept running even when there is nothing to do. 0 lets the pool fall silent entirely.
   * @default 1
   */
  minThreads?: number
  /**
   * Most threads at once.
   * @default what can really run at once: available parallelism, cgroup CPU quota included
   */
  maxThreads?: number
  /**
   * Tasks one thread runs at the same time. More than 1 only helps tasks that wait for something
   * asynchronous; an abort or timeout then also ends the other tasks of its thread (they fail with
   * `ERR_POOL_THREAD_TERMINATED`).
   * @default 1
   */
  concurrency?: number
  /**
   * Most tasks waiting in the queue, those given to a thread and not begun not counted.
   * @default 65_536
   */
  maxQueue?: number
  /**
   * When the queue is full: `'reject'` fails the task with `ERR_POOL_QUEUE_FULL`; `'wait'` holds it in a waiting
   * line of `maxWaiting` tasks until there is room. One call can also say `'skip'`.
   * @default 'reject'
   */
  overflow?: Overflow
  /**
   * Most tasks in the waiting line of `overflow: 'wait'`.
   * @default 1_048_576
   */
  maxWaiting?: number
  /**
   * Longest a task may run once it has begun, ms; 0 sets no limit. Time in the queue is not counted: for that
   * use `signal: AbortSignal.timeout(ms)`.
   * @default 0
   */
  timeout?: number
  /**
   * A thread beyond `minThreads` that had nothing to do for this long (ms) is ended. `Infinity` keeps all.
   * @default 10_000
   */
  idleTimeout?: number
  /**
   * Longest a thread may take to load its module, ms.
   * @default 30_000
   */
  startTimeout?: number
  /**
   * A thread is replaced after this many tasks (once what it holds is finished).
   * @default Infinity
   */
  maxTasksPerThread?: number
  /**
   * A thread whose JavaScript heap is larger than this (bytes) when it has finished a batch is replaced. A hard
   * limit is `resourceLimits`, at which the thread crashes.
   * @default Infinity
   */
  maxThreadHeap?: number
  /** As for `new Worker`: hard limits; a thread beyond them crashes and is replaced. */
  resourceLimits?: ResourceLimits
  /**
   * Given to each thread, cloned once when it starts: `threadData()` of `@tsws/pool/worker` reads it.
   * @default undefined
   */
  data?: unknown
  /** As for `new Worker`. @default a copy of this process's */
  env?: NodeJS.ProcessEnv
  /** As for `new Worker`. */
  argv?: readonly string[]
  /** As for `new Worker`. @default this process's */
  execArgv?: readonly string[]
  /**
   * Microseconds a thread with nothing to do looks for work before it sleeps (it shortens the look by itself when
   * that does not pay). Saves a wake-up for tasks sent one at a time and burns a core meanwhile.
   * @default 0
   */
  spin?: number
  /** Name of the pool in statistics, diagnostics and thread names. @default 'pool' */
  name?: string
}

export const DEFAULTS = Object.freeze({
  /** One warm thread answers the first task of a burst without the ≈ 20 ms a start takes. */
  minThreads: 1,
  concurrency: 1,
  /** A task in the queue is about 200 bytes and its arguments: some 13 MiB when full. */
  maxQueue: 65_536,
  overflow: 'reject' satisfies Overflow as Overflow,
  maxWaiting: 1_048_576,
  timeout: 0,
  /** Long enough to bridge the gaps of steady traffic, short enough to give ≈ 5 MiB a thread back soon. */
  idleTimeout: 10_000,
  /** A module that needs longer waits for something that will not come. */
  startTimeout: 30_000,
  maxTasksPerThread: Infinity,
  maxThreadHeap: Infinity,
  spin: 0,
  name: 'pool',
})

export type ResolvedPoolOptions = Required<
  Omit<PoolOptions, 'resourceLimits' | 'data' | 'env' | 'argv' | 'execArgv'>
> &
  Pick<PoolOptions, 'resourceLimits' | 'data' | 'env' | 'argv' | 'execArgv'>

/** More threads than this is a slip of the pen: each takes about 5 MiB. */
const MOST_THREADS = 1024

/** @throws TypeError that names the option, what was expected and what was given */
export function resolveOptions(options: PoolOptions = {}): ResolvedPoolOptions {
  for (const key of Object.keys(options)) {
    if (!KNOWN.has(key))
      throw new TypeError(`Pool: unknown option '${key}'. Known are: ${[...KNOWN].join(', ')}`)
  }
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as PoolOptions
  const maxThreads = given.maxThreads ?? Math.max(given.minThreads ?? 1, usableParallelism())
  const resolved: ResolvedPoolOptions = {
    ...DEFAULTS,
    minThreads: Math.min(DEFAULTS.minThreads, maxThreads),
    ...given,
    maxThreads,
  }
  wholeNumber('maxThreads', resolved.maxThreads, 1, MOST_THREADS)
  wholeNumber('minThreads', resolved.minThreads, 0, resolved.maxThreads)
  wholeNumber('concurrency', resolved.concurrency, 1, Infinity)
  wholeNumber('maxQueue', resolved.maxQueue, 0, Infinity)
  wholeNumber('maxWaiting', resolved.maxWaiting, 0, Infinity)
  wholeNumber('maxTasksPerThread', resolved.maxTasksPerThread, 1, Infinity)
  for (const key of ['timeout', 'idleTimeout', 'startTimeout', 'maxThreadHeap', 'spin'] as const) {
    number(key, resolved[key])
  }
  if (resolved.overflow !== 'wait' && resolved.overflow !== 'reject') {
    throw new TypeError(`Pool: option 'overflow' must be 'wait' or 'reject', got ${show(resolved.overflow)}`)
  }
  if (typeof resolved.name !== 'string')
    throw new TypeError(`Pool: option 'name' must be a string, got ${show(resolved.name)}`)
  return resolved
}

const KNOWN = new Set([
  ...Object.keys(DEFAULTS),
  'maxThreads',
  'resourceLimits',
  'data',
  'env',
  'argv',
  'execArgv',
])

function wholeNumber(name: string, value: unknown, least: number, most: number): void {
  const whole = typeof value === 'number' && (Number.isInteger(value) || value === Infinity)
  if (!whole || value < least || value > most) {
    throw new TypeError(
      `Pool: option '${name}' must be a whole number from ${least} to ${most}, got ${show(value)}`,
    )
  }
}

function number(name: string, value: unknown): void {
  if (typeof value !== 'number' || Number.isNaN(value) || value < 0) {
    throw new TypeError(`Pool: option '${name}' must be a number of 0 or more, got ${show(value)}`)
  }
}
