import { AsyncLocalStorage } from 'node:async_hooks'
import { performance } from 'node:perf_hooks'
import { Backoff } from './backoff.ts'
import { channels } from './diagnostics.ts'
import type { ThreadEndReason } from './diagnostics.ts'
import type { ResolvedPoolOptions } from './options.ts'
import { clampDelay } from './delay.ts'
import { TaskThread } from './thread.ts'
import type { ThreadEvents } from './thread.ts'

/** The thread's program lies beside this file, as source or as built. */
const PROGRAM = new URL(
  import.meta.url.endsWith('.ts') ? './task-thread.ts' : './task-thread.js',
  import.meta.url,
)

export interface CrewEvents extends Pick<ThreadEvents, 'progressed' | 'settled'> {
  /** A thread is ready, or one may be started again: look whether there is work for it. */
  changed(): void
  /** No thread could be made: the system has none to give, or the options do not allow one. */
  cannotStart(cause: Error): void
  /** What the thread still holds is to be released. */
  ended(thread: TaskThread, reason: ThreadEndReason, cause: Error): void
}

/** The threads of a pool: starts them between minimum and maximum, ends idle ones, replaces crashed ones in time. */
export class Crew {
  readonly threads: TaskThread[] = []
  crashed = 0
  closed = false
  /** Time (ms) that ended threads lived and were busy. */
  pastLife = 0
  pastBusy = 0

  readonly #module: string
  readonly #options: ResolvedPoolOptions
  readonly #events: CrewEvents
  readonly #backoff = new Backoff()
  readonly #inOwnContext = AsyncLocalStorage.snapshot()
  readonly #onGone: (() => void)[] = []
  #isOpen = false
  #startNotBefore = 0
  #startTimer: NodeJS.Timeout | undefined
  #idleTimer: NodeJS.Timeout | undefined

  constructor(module: string, options: ResolvedPoolOptions, events: CrewEvents) {
    this.#module = module
    this.#options = options
    this.#events = events
  }

  /** Threads that are not about to end. */
  get alive(): number {
    let alive = 0
    for (const thread of this.threads) if (!thread.ending) alive++
    return alive
  }

  get mayGrow(): boolean {
    return this.alive < this.#options.maxThreads
  }

  /** Starts so many threads, counting those that are starting, as far as allowed. */
  growFor(tasks: number): void {
    let starting = 0
    for (const thread of this.threads) if (!thread.ready && !thread.ending) starting++
    while (tasks > starting && this.mayGrow && this.start()) starting++
  }

  /**
   * Starts the first threads.
   * @throws what `new Worker` throws: options that no thread can be made with
   */
  open(): void {
    this.keepMinimum()
    this.#isOpen = true
  }

  keepMinimum(): void {
    while (this.alive < this.#options.minThreads && this.start());
  }

  /** @returns false when a crash forbids it for now */
  start(): boolean {
    if (this.closed) return false
    if (this.#mustWait()) return false
    try {
      // In the pool's own context: a thread must not hold on to the store of whoever happened to need it first.
      this.threads.push(
        this.#inOwnContext(() => new TaskThread(PROGRAM, this.#module, this.#options, this.#threadEvents)),
      )
      return true
    } catch (error) {
      if (!this.#isOpen) throw error
      this.#startNotBefore = performance.now() + this.#backoff.afterCrash(0)
      this.#events.cannotStart(error as Error)
      return false
    }
  }

  end(thread: TaskThread, reason: ThreadEndReason): void {
    thread.terminate(reason)
    this.keepMinimum()
  }

  /** Ends all threads and starts no more. */
  async close(): Promise<void> {
    this.closed = true
    clearTimeout(this.#startTimer)
    clearTimeout(this.#idleTimer)
    for (const thread of this.threads) thread.terminate('closed')
    if (this.threads.length > 0) await new Promise<void>((resolve) => this.#onGone.push(resolve))
  }

  readonly #threadEvents: ThreadEvents = {
    progressed: (thread) => this.#events.progressed(thread),
    settled: (task, failed, reason, value) => this.#events.settled(task, failed, reason, value),
    ready: ({ threadId }) => {
      if (channels.threadStart.hasSubscribers) {
        channels.threadStart.publish({ pool: this.#options.name, threadId })
      }
      this.#armIdleTimer()
      this.#events.changed()
    },
    exited: (thread, error, code) => this.#exited(thread, error, code),
  }

  #mustWait(): boolean {
    const pause = this.#startNotBefore - performance.now()
    if (pause <= 0) return false
    this.#startTimer ??= setTimeout(() => this.#startAgain(), Math.ceil(pause)).unref()
    return true
  }

  #startAgain(): void {
    this.#startTimer = undefined
    this.keepMinimum()
    this.#events.changed()
  }

  #exited(thread: TaskThread, error: Error | undefined, code: number): void {
    const lived = performance.now() - thread.startedAt
    this.threads.splice(this.threads.indexOf(thread), 1)
    this.pastLife += lived
    this.pastBusy += thread.busyTime
    const reason = thread.endReason ?? 'crashed'
    const cause = error ?? new Error(`The thread called process.exit(${code})`)
    if (reason === 'crashed') {
      this.crashed++
      this.#startNotBefore = performance.now() + this.#backoff.afterCrash(lived)
    }
    this.#events.ended(thread, reason, cause)
    if (channels.threadEnd.hasSubscribers) {
      const { threadId } = thread
      const failure = reason === 'crashed' && { error: cause }
      channels.threadEnd.publish({ pool: this.#options.name, threadId, reason, ...failure })
    }
    this.keepMinimum()
    if (this.threads.length === 0) for (const resolve of this.#onGone.splice(0)) resolve()
    if (!this.closed) this.#events.changed()
  }

  /** Runs while there are more threads than the minimum. */
  #armIdleTimer(): void {
    const { idleTimeout, minThreads } = this.#options
    if (this.#idleTimer || idleTimeout === Infinity || this.alive <= minThreads || this.closed) return
    this.#idleTimer = setTimeout(
      () => {
        this.#idleTimer = undefined
        const now = performance.now()
        for (const thread of this.threads) {
          const unused = thread.idle && now - thread.idleSince >= idleTimeout
          if (unused && this.alive > minThreads) thread.terminate('idle')
        }
        this.#armIdleTimer()
      },
      clampDelay(Math.max(1, idleTimeout / 2)),
    ).unref()
  }
}
