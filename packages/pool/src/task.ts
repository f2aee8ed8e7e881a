import type { Transferable } from 'node:worker_threads'
import type { Linked } from './linked-queue.ts'
import type { StreamReader } from './stream-reader.ts'
import type { TaskThread } from './thread.ts'

/** One call of `run`, from its start to its answer. It is in one list at a time: waiting, queued or a thread's. */
export class Task implements Linked<Task> {
  readonly name: string
  readonly args: readonly unknown[]
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
  /** When it was handed in, ms on the pool's clock. */
  readonly queuedAt: number
  previous: Task | undefined
  next: Task | undefined
  /** The thread that holds it, and the slot it has there. */
  thread: TaskThread | undefined
  slot = -1
  /** Index of the function in the thread's list. */
  index = -1
  /** What it was reckoned to take (ms) when it was sent; Infinity when unknown. */
  cost = 0
  settled = false
  /** How long it waited and ran, ms; negative when it did not get that far. */
  waitTime = -1
  runTime = -1
  /** Threads that crashed while they held it and had begun nothing. */
  deaths = 0
  transfer: readonly Transferable[] | undefined
  timeout = 0
  timer: NodeJS.Timeout | undefined
  signal: AbortSignal | undefined
  onAbort: (() => void) | undefined
  stream: StreamReader | undefined
  /** Runs a function in the caller's async context; only set when somebody listens to the diagnostics. */
  inContext: (<R>(f: () => R) => R) | undefined

  constructor(
    name: string,
    args: readonly unknown[],
    resolve: (value: unknown) => void,
    reject: (reason: unknown) => void,
    queuedAt: number,
  ) {
    this.name = name
    this.args = args
    this.resolve = resolve
    this.reject = reject
    this.queuedAt = queuedAt
  }
}
