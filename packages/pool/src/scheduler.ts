import { AsyncLocalStorage } from 'node:async_hooks'
import { performance } from 'node:perf_hooks'
import { Crew } from './crew.ts'
import { clampDelay } from './delay.ts'
import type { ThreadEndReason } from './diagnostics.ts'
import { PoolError } from './errors.ts'
import { Ledger } from './ledger.ts'
import { LinkedQueue } from './linked-queue.ts'
import type { ResolvedPoolOptions } from './options.ts'
import { State } from './slots.ts'
import type { Task } from './task.ts'
import { deadlyTask, deadlyTaskError, lostTaskError } from './thread-death.ts'
import type { TaskThread } from './thread.ts'

/** First and longest interval (ms) at which threads that hold more than they run are looked after. */
const WATCH_FIRST = 1
const WATCH_LONGEST = 50

/**
 * Gives tasks to threads. Once a turn it hands out what is queued, idle threads first; a task that waits behind a
 * slow one is taken back as soon as another thread has nothing to do.
 */
export class Scheduler {
  readonly queue = new LinkedQueue<Task>()
  /** Tasks that wait for room in the queue. */
  readonly waiting = new LinkedQueue<Task>()
  readonly ledger: Ledger
  readonly crew: Crew

  readonly #options: ResolvedPoolOptions
  readonly #inOwnContext = AsyncLocalStorage.snapshot()
  #flushing = false
  #watchTimer: NodeJS.Timeout | undefined
  #watchInterval = WATCH_FIRST

  constructor(module: string, options: ResolvedPoolOptions) {
    this.#options = options
    this.ledger = new Ledger(options.name)
    this.crew = new Crew(module, options, {
      changed: () => this.flushSoon(),
      progressed: (thread) => this.#progressed(thread),
      settled: (task, failed, reason, value) => {
        if (failed) this.ledger.fail(task, reason)
        else this.ledger.succeed(task, value)
      },
      cannotStart: (cause) => this.#giveUpIfNoneServes(cause),
      ended: (thread, reason, cause) => this.#ended(thread, reason, cause),
    })
    this.crew.open()
  }

  /** @returns false when there is no room for it and it was not taken */
  submit(task: Task, wait: boolean): boolean {
    if (this.waiting.size > 0 || this.queue.size >= this.#options.maxQueue) {
      if (!this.#squeezeIn(task, wait)) return false
    } else this.queue.push(task)
    this.ledger.enter()
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
    this.ledger.fail(task, reason)
    if (running) this.crew.end(thread, why)
    this.flushSoon()
  }

  /** Fails the task if it has not begun. @returns false when it has */
  dropUnbegun(task: Task, reason: unknown): boolean {
    if (task.settled) return true
    if (task.thread) {
      if (!task.thread.cancel(task)) return false
    } else if (task.slot === WAITING) this.waiting.remove(task)
    else this.queue.remove(task)
    this.ledger.fail(task, reason)
    this.flushSoon()
    return true
  }

  /** Ends all threads; tasks still under way fail with the reason. */
  async destroy(reason: unknown): Promise<void> {
    this.failAll(reason)
    await this.crew.close()
    clearTimeout(this.#watchTimer)
    this.ledger.end()
  }

  /** Fails every task under way, at once. */
  failAll(reason: unknown): void {
    for (const list of [this.waiting, this.queue]) {
      for (let task = list.shift(); task; task = list.shift()) this.ledger.fail(task, reason)
    }
    for (const thread of this.crew.threads) {
      for (let task = thread.tasks.first; task; task = task.next) this.ledger.fail(task, reason)
    }
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
    if (this.crew.closed) return
    this.#handOut()
    if (this.queue.size > 0) this.crew.growFor(this.queue.size)
    else this.#balance(false)
    for (const thread of this.crew.threads) thread.post()
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
    const { threads } = this.crew
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
    this.ledger.fail(task, new PoolError('ERR_POOL_UNKNOWN_TASK', message))
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
    if (thread.retiring && thread.tasks.size === 0) this.crew.end(thread, 'recycled')
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
      const idle = this.crew.threads.find((thread) => thread.idle)
      const donor = this.#donor()
      if (!donor) return
      const stuck = watching && donor.seenByWatchdog === donor.finishedTotal
      if (!idle) {
        if (stuck && this.crew.mayGrow) this.crew.start()
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
    for (const thread of this.crew.threads) {
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
    if (this.crew.closed) return
    const { completed, failed } = this.ledger
    for (const thread of this.crew.threads) thread.drain()
    if (this.queue.size === 0) this.#balance(true)
    let moved = this.ledger.completed !== completed || this.ledger.failed !== failed
    for (const thread of this.crew.threads) {
      thread.stuck = thread.seenByWatchdog === thread.finishedTotal && thread.tasks.size > 0
      if (thread.seenByWatchdog !== thread.finishedTotal) moved = true
      thread.seenByWatchdog = thread.finishedTotal
      thread.post()
    }
    this.#watchInterval = moved ? WATCH_FIRST : Math.min(this.#watchInterval * 2, WATCH_LONGEST)
    this.#watch()
    if (this.queue.size > 0) this.flushSoon()
  }

  #ended(thread: TaskThread, reason: ThreadEndReason, cause: Error): void {
    if (reason === 'crashed' && !thread.ready) this.#giveUpIfNoneServes(cause)
    const deadly = reason === 'crashed' ? deadlyTask(thread) : undefined
    if (deadly) this.dropUnbegun(deadly, deadlyTaskError(deadly, cause))
    // What it had not begun is run elsewhere; what it had begun fails, since it may have had effects.
    this.#takeAllBack(thread)
    for (let task = thread.tasks.first; task; task = task.next)
      this.ledger.fail(task, lostTaskError(task, thread, reason, cause))
  }

  /** What could not be started will not be the next time either: say so rather than wait for ever. */
  #giveUpIfNoneServes(cause: Error): void {
    if (this.crew.threads.some((thread) => thread.ready)) return
    const message = `No thread of pool '${this.#options.name}' could be started: ${cause.message}`
    for (const list of [this.queue, this.waiting]) {
      for (let task = list.shift(); task; task = list.shift()) {
        this.ledger.fail(task, new PoolError('ERR_POOL_THREAD_START', message, { cause }))
      }
    }
  }
}

/** Stands in a task's `slot` while it is in the waiting line. */
const WAITING = -2

function byTasksHeld(a: TaskThread, b: TaskThread): number {
  return a.tasks.size - b.tasks.size
}
