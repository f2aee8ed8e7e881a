import { AsyncLocalStorage } from 'node:async_hooks'
import { performance } from 'node:perf_hooks'
import { Backoff } from './backoff.ts'
import { channels } from './diagnostics.ts'
import type { ThreadEndReason } from './diagnostics.ts'
import { PoolError } from './errors.ts'
import { Histogram } from './histogram.ts'
import { LinkedQueue } from './linked-queue.ts'
import type { ResolvedPoolOptions } from './options.ts'
import { State } from './slots.ts'
import type { Task } from './task.ts'
import { clampDelay, TaskThread } from './thread.ts'

/** The thread's program lies beside this file, as source or as built. */
const PROGRAM = new URL(
  import.meta.url.endsWith('.ts') ? './task-thread.ts' : './task-thread.js',
  import.meta.url,
)

/** First and longest interval (ms) at which threads that hold more than they run are looked after. */
const WATCH_FIRST = 1
const WATCH_LONGEST = 50

/**
 * Gives tasks to threads. Once a turn it hands out what is queued, idle threads first; a task that waits behind a
 * slow one is taken back as soon as another thread has nothing to do.
 */
export class Scheduler {
  readonly threads: TaskThread[] = []
  readonly queue = new LinkedQueue<Task>()
  /** Tasks that wait for room in the queue. */
  readonly waiting = new LinkedQueue<Task>()
  readonly waitTimes = new Histogram()
  readonly runTimes = new Histogram()
  completed = 0
  failed = 0
  crashed = 0
  /** Tasks handed in and not settled. */
  pending = 0
  closed = false
  /** Time (ms) ended threads lived and were busy. */
  pastLife = 0
  pastBusy = 0

  readonly #module: string
  readonly #options: ResolvedPoolOptions
  readonly #backoff = new Backoff()
  readonly #inOwnContext = AsyncLocalStorage.snapshot()
  /** The one thing that keeps the process alive while tasks are under way. */
  readonly #keepAlive = setInterval(() => undefined, 0x7fffffff).unref()
  readonly #onEmpty: (() => void)[] = []
  readonly #onExit: (() => void)[] = []
  #flushing = false
  #startNotBefore = 0
  #startTimer: NodeJS.Timeout | undefined
  #idleTimer: NodeJS.Timeout | undefined
  #watchTimer: NodeJS.Timeout | undefined
  #watchInterval = WATCH_FIRST

  constructor(module: string, options: ResolvedPoolOptions) {
    this.#module = module
    this.#options = options
    this.#keepMinimum()
  }

  /** @returns false when there is no room for it and it was not taken */
  submit(task: Task, wait: boolean): boolean {
    if (this.waiting.size > 0 || this.queue.size >= this.#options.maxQueue) {
      if (!this.#squeezeIn(task, wait)) return false
    } else this.queue.push(task)
    if (this.pending++ === 0) this.#keepAlive.ref()
    this.flushSoon()
    return true
  }

  /** Hands out at the end of this turn, so that all that is asked for in one turn goes in one message. */
  flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    process.nextTick(this.#flush)
  }

  /** Stops a task wherever it is; one that runs is stopped by ending its thread. */
  stop(task: Task, reason: unknown, why: ThreadEndReason): void {
    if (task.settled) return
    const { thread } = task
    if (this.dropUnbegun(task, reason) || !thread) return
    // Nothing else may begin on this thread before it ends: then only this task is hit.
    this.#takeAllBack(thread)
    thread.drain()
    if (task.settled) return
    const running = thread.slots.state(task.slot) === State.begun
    this.#settle(task, true, reason, undefined)
    if (running) this.#end(thread, why)
    this.flushSoon()
  }

  /** Fails the task if it has not begun. @returns false when it has */
  dropUnbegun(task: Task, reason: unknown): boolean {
    if (task.settled) return true
    if (task.thread) {
      if (!task.thread.cancel(task)) return false
    } else if (task.slot === WAITING) this.waiting.remove(task)
    else this.queue.remove(task)
    this.#settle(task, true, reason, undefined)
    this.flushSoon()
    return true
  }

  /** Resolves when no task is under way. */
  whenEmpty(): Promise<void> {
    return this.pending === 0 ? Promise.resolve() : new Promise((resolve) => this.#onEmpty.push(resolve))
  }

  /** Ends all threads; tasks still under way fail with the reason. */
  async destroy(reason: unknown): Promise<void> {
    this.closed = true
    clearTimeout(this.#startTimer)
    clearTimeout(this.#idleTimer)
    this.failAll(reason)
    for (const thread of this.threads) this.#end(thread, 'closed')
    if (this.threads.length > 0) await new Promise<void>((resolve) => this.#onExit.push(resolve))
    clearTimeout(this.#watchTimer)
    clearInterval(this.#keepAlive)
  }

  /** Fails every task under way, at once. */
  failAll(reason: unknown): void {
    for (const list of [this.waiting, this.queue]) {
      for (let task = list.shift(); task; task = list.shift()) this.#settle(task, true, reason, undefined)
    }
    for (const thread of this.threads) {
      for (let task = thread.tasks.first; task; task = task.next) this.#settle(task, true, reason, undefined)
    }
  }

  get #alive(): number {
    let alive = 0
    for (const thread of this.threads) if (!thread.ending) alive++
    return alive
  }

  #squeezeIn(task: Task, wait: boolean): boolean {
    this.queue.push(task)
    if (this.waiting.size === 0) this.#handOut()
    if (task.thread || task.settled) return true
    this.queue.remove(task)
    if (!wait || this.waiting.size >= this.#options.maxWaiting) return false
    task.slot = WAITING
    this.waiting.push(task)
    return true
  }

  readonly #flush = (): void => {
    this.#flushing = false
    if (this.closed) return
    this.#handOut()
    if (this.queue.size > 0) this.#grow()
    else this.#balance(false)
    for (const thread of this.threads) thread.post()
    this.#watch()
  }

  /**
   * Queue → threads. First level them: each gets what it holds less than its equal share, so that a turn's tasks go
   * to the thread that has just finished in one large message, not to all in small ones. Then what is left over,
   * because some thread would not take its share, goes to whoever takes it.
   */
  #handOut(): void {
    this.#admit()
    if (this.queue.size === 0) return
    const { threads } = this
    if (threads.length > 1) threads.sort(byTasksHeld)
    let held = this.queue.size
    for (const thread of threads) held += thread.tasks.size
    const level = Math.ceil(held / threads.length)
    for (const thread of threads) this.#fill(thread, level - thread.tasks.size)
    for (const thread of threads) this.#fill(thread, Infinity)
  }

  #fill(thread: TaskThread, most: number): void {
    for (let left = most; left > 0 && this.queue.first && thread.accepts(this.queue.first); left--) {
      const task = this.queue.shift()!
      if (!thread.knows(task.name)) this.#failUnknown(task, thread)
      else this.#give(task, thread)
      if (this.waiting.size > 0) this.#admit()
    }
  }

  #give(task: Task, thread: TaskThread): void {
    thread.assign(task)
    if (task.timeout > 0 && !task.settled) this.#armTimeout(task, thread, task.timeout)
  }

  /** Waiting line → queue, as far as there is room. */
  #admit(): void {
    while (this.waiting.size > 0 && this.queue.size < Math.max(1, this.#options.maxQueue)) {
      const task = this.waiting.shift()!
      task.slot = -1
      this.queue.push(task)
    }
  }

  #failUnknown(task: Task, thread: TaskThread): void {
    const message = `The thread's module exports no function '${task.name}'. It exports: ${thread.names.join(', ') || 'none'}`
    this.#settle(task, true, new PoolError('ERR_POOL_UNKNOWN_TASK', message), undefined)
  }

  /** The limit counts from when the thread began the task, which only the shared memory tells. */
  #armTimeout(task: Task, thread: TaskThread, delay: number): void {
    task.timer = setTimeout(() => {
      if (task.settled || task.thread !== thread) return
      const state = thread.slots.state(task.slot)
      if (state === State.sent) return this.#armTimeout(task, thread, task.timeout)
      const left = thread.slots.beganAt(task.slot) + task.timeout - performance.now()
      if (state === State.begun && left > 0) return this.#armTimeout(task, thread, Math.ceil(left))
      const message = `Task '${task.name}' ran longer than its timeout of ${task.timeout} ms; its thread was terminated`
      this.stop(task, new PoolError('ERR_POOL_TIMEOUT', message), 'timeout')
    }, clampDelay(delay))
  }

  /** A task waits and every thread is busy: start more, as far as allowed. */
  #grow(): void {
    let starting = 0
    for (const thread of this.threads) if (!thread.ready && !thread.ending) starting++
    while (this.queue.size > starting && this.#alive < this.#options.maxThreads && this.#start()) starting++
  }

  #keepMinimum(): void {
    while (this.#alive < this.#options.minThreads && this.#start());
  }

  /** @returns false when a crash forbids it for now */
  #start(): boolean {
    if (this.closed) return false
    const pause = this.#startNotBefore - performance.now()
    if (pause > 0) {
      this.#startTimer ??= setTimeout(() => {
        this.#startTimer = undefined
        this.#keepMinimum()
        this.flushSoon()
      }, Math.ceil(pause)).unref()
      return false
    }
    // In the pool's own context: a thread must not hold on to the store of whoever happened to need it first.
    this.threads.push(
      this.#inOwnContext(
        () =>
          new TaskThread(PROGRAM, this.#module, this.#options, {
            ready: (thread) => this.#ready(thread),
            progressed: (thread) => this.#progressed(thread),
            settled: (task, failed, reason, value) => this.#settle(task, failed, reason, value),
            exited: (thread, error, code) => this.#exited(thread, error, code),
          }),
      ),
    )
    return true
  }

  #ready(thread: TaskThread): void {
    const { threadId } = thread
    if (channels.threadStart.hasSubscribers)
      channels.threadStart.publish({ pool: this.#options.name, threadId })
    this.#armIdleTimer()
    this.flushSoon()
  }

  #progressed(thread: TaskThread): void {
    this.#recycle(thread)
    if (this.queue.size > 0 || this.waiting.size > 0 || thread.tasks.size === 0) this.flushSoon()
  }

  #recycle(thread: TaskThread): void {
    const { maxTasksPerThread, maxThreadHeap } = this.#options
    if (thread.givenTotal >= maxTasksPerThread || thread.slots.heap > maxThreadHeap) {
      if (!thread.retiring) this.#takeAllBack(thread)
      thread.retiring = thread.givenTotal >= maxTasksPerThread || thread.slots.heap > maxThreadHeap
    }
    if (thread.retiring && thread.tasks.size === 0) this.#end(thread, 'recycled')
  }

  #end(thread: TaskThread, reason: ThreadEndReason): void {
    thread.terminate(reason)
    if (!this.closed) this.#keepMinimum()
  }

  /** Back to the front of the queue, in their order, what the thread has not begun. */
  #takeAllBack(thread: TaskThread, most = Infinity): number {
    let taken = 0
    let task = thread.tasks.last
    while (task && taken < most) {
      const earlier: Task | undefined = task.previous
      if (thread.takeBack(task)) {
        clearTimeout(task.timer)
        this.queue.unshift(task)
        taken++
      }
      task = earlier
    }
    return taken
  }

  /** Nothing is queued: if a thread is idle, it gets what another holds and has not begun. */
  #balance(watching: boolean): void {
    for (;;) {
      const idle = this.threads.find((thread) => thread.idle)
      const donor = this.#donor()
      if (!donor) return
      const stuck = watching && donor.seenByWatchdog === donor.finishedTotal
      if (!idle) {
        if (stuck && this.#alive < this.#options.maxThreads) this.#start()
        return
      }
      // What is nearly done is not worth a wake-up; the watchdog looks again in a moment.
      if (!watching && donor.nearlyDone) return
      const most = stuck ? Infinity : Math.ceil((donor.tasks.size - 1) / 2)
      if (this.#takeAllBack(donor, most) === 0) return
      this.#handOut()
    }
  }

  /** The thread that holds most beyond what it runs. */
  #donor(): TaskThread | undefined {
    let donor: TaskThread | undefined
    for (const thread of this.threads) {
      if (thread.tasks.size > this.#options.concurrency && thread.tasks.size > (donor?.tasks.size ?? 0))
        donor = thread
    }
    return donor
  }

  /** While a thread holds more than it runs, look whether it is stuck: soon at first, then less and less often. */
  #watch(): void {
    if (this.#watchTimer || !this.#donor()) return
    this.#watchTimer = this.#inOwnContext(() => setTimeout(() => this.#look(), this.#watchInterval))
    this.#watchTimer.unref()
  }

  #look(): void {
    this.#watchTimer = undefined
    if (this.closed) return
    const before = this.completed + this.failed
    for (const thread of this.threads) thread.drain()
    if (this.queue.size === 0) this.#balance(true)
    let moved = this.completed + this.failed !== before
    for (const thread of this.threads) {
      if (thread.seenByWatchdog !== thread.finishedTotal) moved = true
      thread.seenByWatchdog = thread.finishedTotal
      thread.post()
    }
    this.#watchInterval = moved ? WATCH_FIRST : Math.min(this.#watchInterval * 2, WATCH_LONGEST)
    this.#watch()
    if (this.queue.size > 0) this.flushSoon()
  }

  #armIdleTimer(): void {
    const { idleTimeout, minThreads } = this.#options
    if (this.#idleTimer || idleTimeout === Infinity || this.#alive <= minThreads || this.closed) return
    this.#idleTimer = setTimeout(
      () => {
        this.#idleTimer = undefined
        const now = performance.now()
        for (const thread of this.threads) {
          const unused = thread.idle && now - thread.idleSince >= idleTimeout
          if (unused && this.#alive > minThreads) thread.terminate('idle')
        }
        this.#armIdleTimer()
      },
      clampDelay(Math.max(1, idleTimeout / 2)),
    ).unref()
  }

  #exited(thread: TaskThread, error: Error | undefined, code: number): void {
    const lived = performance.now() - thread.startedAt
    this.threads.splice(this.threads.indexOf(thread), 1)
    this.pastLife += lived
    this.pastBusy += thread.busyTime
    const reason = thread.endReason ?? 'crashed'
    const cause = error ?? new Error(`The thread called process.exit(${code})`)
    if (reason === 'crashed') this.#afterCrash(thread, lived, cause)
    this.#releaseTasks(thread, reason, cause)
    if (channels.threadEnd.hasSubscribers) {
      const { threadId } = thread
      channels.threadEnd.publish({
        pool: this.#options.name,
        threadId,
        reason,
        ...(reason === 'crashed' && { error: cause }),
      })
    }
    if (this.closed) {
      if (this.threads.length === 0) for (const resolve of this.#onExit.splice(0)) resolve()
      return
    }
    this.#keepMinimum()
    this.flushSoon()
  }

  /** What it had not begun is run elsewhere; what it had begun fails, since it may have had effects. */
  #releaseTasks(thread: TaskThread, reason: ThreadEndReason, cause: Error): void {
    this.#takeAllBack(thread)
    for (let task = thread.tasks.first; task; task = task.next) {
      const begun = thread.slots.state(task.slot) !== State.sent
      const text =
        reason === 'crashed'
          ? `The thread crashed while it held task '${task.name}'${begun ? '' : ', whose transferred buffers are lost'}: ${cause.message}`
          : `The thread was ended (${reason}) because of another task while it ran '${task.name}'`
      const code = reason === 'crashed' ? 'ERR_POOL_THREAD_CRASHED' : 'ERR_POOL_THREAD_TERMINATED'
      this.#settle(task, true, new PoolError(code, text, { cause }), undefined)
    }
  }

  #afterCrash(thread: TaskThread, lived: number, cause: Error): void {
    this.crashed++
    this.#startNotBefore = performance.now() + this.#backoff.afterCrash(lived)
    // A module that cannot be loaded will not load for the next thread either: say so rather than wait for ever.
    if (thread.ready || this.threads.some((other) => other.ready)) return
    const message = `No thread of pool '${this.#options.name}' could be started: ${cause.message}`
    for (const list of [this.queue, this.waiting]) {
      for (let task = list.shift(); task; task = list.shift()) {
        this.#settle(task, true, new PoolError('ERR_POOL_THREAD_START', message, { cause }), undefined)
      }
    }
  }

  #settle(task: Task, failed: boolean, reason: unknown, value: unknown): void {
    if (task.settled) return
    task.settled = true
    if (task.timer) clearTimeout(task.timer)
    if (task.onAbort) task.signal!.removeEventListener('abort', task.onAbort)
    if (failed) this.failed++
    else this.completed++
    if (task.runTime >= 0) {
      this.waitTimes.record(task.waitTime)
      this.runTimes.record(task.runTime)
    }
    if (task.inContext) task.inContext(() => this.#publishEnd(task, failed, reason))
    if (task.stream) {
      if (failed) task.stream.fail(reason)
      else task.stream.end()
    } else if (failed) task.reject(reason)
    else task.resolve(value)
    if (--this.pending === 0) {
      this.#keepAlive.unref()
      for (const resolve of this.#onEmpty.splice(0)) resolve()
    }
  }

  #publishEnd(task: Task, failed: boolean, error: unknown): void {
    const { name, waitTime, runTime } = task
    channels.taskEnd.publish({ pool: this.#options.name, name, waitTime, runTime, ...(failed && { error }) })
  }
}

/** Stands in a task's `slot` while it is in the waiting line. */
const WAITING = -2

function byTasksHeld(a: TaskThread, b: TaskThread): number {
  return a.tasks.size - b.tasks.size
}
