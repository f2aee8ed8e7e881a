import { AsyncResource } from 'node:async_hooks'
import { performance } from 'node:perf_hooks'
import { channels } from './diagnostics.ts'
import { PoolError } from './errors.ts'
import type { HistogramSummary } from './histogram.ts'
import { mapTasks } from './map-tasks.ts'
import type { MapTarget } from './map-tasks.ts'
import { moduleUrl } from './module-url.ts'
import { resolveOptions } from './options.ts'
import type { PoolOptions, ResolvedPoolOptions } from './options.ts'
import { checkRunOptions } from './run-options.ts'
import { Scheduler } from './scheduler.ts'
import { Task } from './task.ts'
import type { MapItem, MapOptions, RunOptions, TaskArgs, TaskName, TaskResult } from './types.ts'

/** A reading of the pool; times in milliseconds. */
export interface PoolStats {
  readonly name: string
  /** Threads alive, those still starting included; of them ready and without a task. */
  readonly threads: number
  readonly idleThreads: number
  /** Tasks in the queue, in the waiting line, and held by threads. */
  readonly queued: number
  readonly waiting: number
  readonly running: number
  readonly completed: number
  readonly failed: number
  /** Threads that died by themselves. */
  readonly crashedThreads: number
  /** From `run()` to when a thread began the task, and how long it ran there. */
  readonly waitTime: HistogramSummary
  readonly runTime: HistogramSummary
  /** Share of the threads' lives, 0 to 1, in which they ran tasks. */
  readonly utilisation: number
}

/**
 * Worker threads that run the exported functions of a module.
 * @typeParam M the module: `new Pool<typeof import('./worker.ts')>(new URL('./worker.ts', import.meta.url))`
 */
export class Pool<M = Record<string, (...args: never[]) => unknown>> implements AsyncDisposable {
  readonly #options: ResolvedPoolOptions
  readonly #scheduler: Scheduler
  #closing: Promise<void> | undefined

  /**
   * @param module the module the threads load: a URL, or an absolute path
   * @throws TypeError when an option is not what it should be
   */
  constructor(module: URL | string, options: PoolOptions = {}) {
    this.#options = resolveOptions(options)
    this.#scheduler = new Scheduler(moduleOf(module), this.#options)
  }

  /**
   * Runs an exported function in a thread.
   *
   * Arguments and result are copied by the structured clone algorithm; do not change the arguments before the task
   * has settled. What the function throws is thrown here, an error with its class name, message, stack, cause,
   * code and own properties. A task that a thread has begun is never run again.
   *
   * @throws PoolError see `PoolErrorCode`; the reason of `signal` when it aborts
   */
  run<K extends TaskName<M>>(
    name: K,
    args: TaskArgs<M, K>,
    options: RunOptions & { overflow: 'skip' },
  ): Promise<TaskResult<M, K> | undefined>
  run<K extends TaskName<M>>(name: K, args: TaskArgs<M, K>, options?: RunOptions): Promise<TaskResult<M, K>>
  run(name: string, args: readonly unknown[], options?: RunOptions): Promise<unknown> {
    return new Promise((resolve, reject) => void this.#submit(name, args, options, resolve, reject))
  }

  /**
   * Runs an exported function for each item, as many at once as keep the threads busy, and answers the results in
   * the order of the items. The first failure stops the rest: items that have not begun are dropped, those that
   * have run to their end.
   */
  async map<K extends TaskName<M>>(
    name: K,
    items: Iterable<MapItem<M, K>> | AsyncIterable<MapItem<M, K>>,
    options: MapOptions = {},
  ): Promise<TaskResult<M, K>[]> {
    const { concurrency = this.#options.maxThreads * MAP_PER_THREAD, ...rest } = options
    if (!(concurrency >= 1))
      throw new TypeError(`Pool.map: option 'concurrency' must be 1 or more, got ${concurrency}`)
    const runOptions: RunOptions = { ...rest, overflow: 'wait' }
    checkRunOptions(runOptions)
    const target: MapTarget = {
      submit: (item, resolve, reject) => this.#submit(name, [item], runOptions, resolve, reject),
      drop: (task, reason) => void this.#scheduler.dropUnbegun(task, reason),
    }
    return (await mapTasks(target, items, concurrency)) as TaskResult<M, K>[]
  }

  /** Resolves when every task handed in so far or meanwhile is settled. The pool stays open. */
  drain(): Promise<void> {
    return this.#scheduler.ledger.whenEmpty()
  }

  /**
   * Takes no more tasks, finishes those it has, then ends the threads.
   * @param options `force` fails all tasks with `ERR_POOL_CLOSED` and ends the threads at once
   */
  close(options: { force?: boolean } = {}): Promise<void> {
    const first = this.#closing === undefined
    this.#closing ??= this.#scheduler.ledger
      .whenEmpty()
      .then(() => this.#scheduler.destroy(closedError(this.#options.name)))
    if (options.force && (first || this.#scheduler.ledger.pending > 0))
      this.#scheduler.failAll(closedError(this.#options.name))
    return this.#closing
  }

  /** The same as `close()`: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get stats(): PoolStats {
    const { queue, waiting, ledger, crew } = this.#scheduler
    const { threads, crashed, pastLife, pastBusy } = crew
    const { completed, failed, waitTimes, runTimes } = ledger
    const now = performance.now()
    const life = threads.reduce((sum, thread) => sum + (now - thread.startedAt), pastLife)
    const busy = threads.reduce((sum, thread) => sum + thread.busyTime, pastBusy)
    return {
      name: this.#options.name,
      threads: threads.filter((thread) => !thread.ending).length,
      idleThreads: threads.filter((thread) => thread.idle).length,
      queued: queue.size,
      waiting: waiting.size,
      running: ledger.pending - queue.size - waiting.size,
      completed,
      failed,
      crashedThreads: crashed,
      waitTime: waitTimes.summary(),
      runTime: runTimes.summary(),
      utilisation: life > 0 ? Math.min(1, busy / life / this.#options.concurrency) : 0,
    }
  }

  /** @returns the task, or undefined when it was settled at once */
  #submit(
    name: string,
    args: readonly unknown[],
    options: RunOptions | undefined,
    resolve: (value: unknown) => void,
    reject: (reason: unknown) => void,
  ): Task | undefined {
    if (this.#closing) return void reject(closedError(this.#options.name))
    if (!Array.isArray(args)) {
      return void reject(
        new TypeError(`Pool.run('${name}'): the arguments must be an array, got ${typeof args}`),
      )
    }
    const task = new Task(name, args, resolve, reject, performance.now())
    task.timeout = this.#options.timeout
    let { overflow }: RunOptions = this.#options
    if (options !== undefined) {
      checkRunOptions(options)
      if (options.signal?.aborted) return void reject(options.signal.reason)
      if (options.transfer && options.transfer.length > 0) task.transfer = options.transfer
      if (options.timeout !== undefined) task.timeout = options.timeout
      overflow = options.overflow ?? overflow
    }
    if (!this.#scheduler.submit(task, overflow === 'wait')) {
      if (overflow === 'skip') return void resolve(undefined)
      return void reject(queueFullError(this.#options, overflow === 'wait'))
    }
    if (options?.signal) this.#listen(task, options.signal)
    if (channels.taskStart.hasSubscribers || channels.taskEnd.hasSubscribers) this.#publishStart(task)
    return task
  }

  #listen(task: Task, signal: AbortSignal): void {
    task.signal = signal
    task.onAbort = () => this.#scheduler.stop(task, signal.reason, 'aborted')
    signal.addEventListener('abort', task.onAbort, { once: true })
  }

  #publishStart(task: Task): void {
    const resource = new AsyncResource('TswsPoolTask')
    task.inContext = (f) => resource.runInAsyncScope(f)
    channels.taskStart.publish({ pool: this.#options.name, name: task.name })
  }
}

/** Items of `map` under way for each thread: two thread wake-ups' worth of the smallest tasks. */
const MAP_PER_THREAD = 64

function moduleOf(module: unknown): string {
  if (module instanceof URL || (typeof module === 'string' && module !== '')) return moduleUrl(module)
  throw new TypeError(`Pool: the module must be a URL or an absolute path, got ${String(module) || "''"}`)
}

function closedError(name: string): PoolError {
  return new PoolError('ERR_POOL_CLOSED', `Pool '${name}' is closed`)
}

function queueFullError(options: ResolvedPoolOptions, waited: boolean): PoolError {
  const what = waited
    ? `waiting line (maxWaiting ${options.maxWaiting})`
    : `queue (maxQueue ${options.maxQueue})`
  return new PoolError(
    'ERR_POOL_QUEUE_FULL',
    `The ${what} of pool '${options.name}' is full; the task was not run`,
  )
}
