import { LONGEST_DELAY } from './delay.ts'
import { channels } from './diagnostics.ts'
import { Histogram } from './histogram.ts'
import type { Task } from './task.ts'

/** Counts tasks from when they are handed in to when they are settled, and settles them, each once. */
export class Ledger {
  readonly waitTimes = new Histogram()
  readonly runTimes = new Histogram()
  completed = 0
  failed = 0
  /** Tasks handed in and not settled. */
  pending = 0

  readonly #pool: string
  /** The one thing that keeps the process alive while tasks are under way. */
  readonly #keepAlive = setInterval(() => undefined, LONGEST_DELAY).unref()
  readonly #onEmpty: (() => void)[] = []

  constructor(pool: string) {
    this.#pool = pool
  }

  enter(): void {
    if (this.pending++ === 0) this.#keepAlive.ref()
  }

  succeed(task: Task, value: unknown): void {
    if (!this.#close(task, false, undefined)) return
    if (task.stream) task.stream.end()
    else task.resolve(value)
    this.#leave()
  }

  fail(task: Task, reason: unknown): void {
    if (!this.#close(task, true, reason)) return
    if (task.stream) task.stream.fail(reason)
    else task.reject(reason)
    this.#leave()
  }

  /** Resolves when no task is under way. */
  whenEmpty(): Promise<void> {
    return this.pending === 0 ? Promise.resolve() : new Promise((resolve) => this.#onEmpty.push(resolve))
  }

  end(): void {
    clearInterval(this.#keepAlive)
  }

  /** @returns false when the task was settled before */
  #close(task: Task, failed: boolean, error: unknown): boolean {
    if (task.settled) return false
    task.settled = true
    if (task.timer) clearTimeout(task.timer)
    if (task.onAbort) task.signal!.removeEventListener('abort', task.onAbort)
    if (failed) this.failed++
    else this.completed++
    const { name, waitTime, runTime } = task
    if (runTime >= 0) {
      this.waitTimes.record(waitTime)
      this.runTimes.record(runTime)
    }
    task.inContext?.(() =>
      channels.taskEnd.publish({ pool: this.#pool, name, waitTime, runTime, ...(failed && { error }) }),
    )
    return true
  }

  #leave(): void {
    if (--this.pending > 0) return
    this.#keepAlive.unref()
    for (const resolve of this.#onEmpty.splice(0)) resolve()
  }
}
