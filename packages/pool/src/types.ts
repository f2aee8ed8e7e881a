import type { Transferable } from 'node:worker_threads'
import type { Transferred } from './worker.ts'

type AnyFunction = (...args: never[]) => unknown

/** Names of the functions that a thread's module exports. */
export type TaskName<M> = { [K in keyof M]: M[K] extends AnyFunction ? K : never }[keyof M] & string

/** Arguments of the exported function `K`. */
export type TaskArgs<M, K extends keyof M> = M[K] extends (...args: infer A) => unknown ? A : never

/**
 * What `run` answers for the exported function `K`: its result without promise and `transfer()`; for a function
 * that returns an async iterable (an async generator, a web stream), an iterator over the items.
 */
export type TaskResult<M, K extends keyof M> = M[K] extends (...args: never[]) => infer R
  ? Answer<Awaited<R>>
  : never

type Answer<R> =
  R extends Transferred<infer T>
    ? T
    : R extends AsyncIterable<infer Item>
      ? TaskStream<Item extends Transferred<infer T> ? T : Item>
      : R

/** The one argument of the exported function `K`; `never` when it cannot be called with one. */
export type MapItem<M, K extends keyof M> =
  TaskArgs<M, K> extends readonly [(infer Item)?, ...infer Rest] ? ([] extends Rest ? Item : never) : never

/** The items of a task that streams. Leaving the loop early (`break`, `return()`) stops the source in the thread. */
export type TaskStream<T> = AsyncIterableIterator<T, void, undefined>

export interface RunOptions {
  /** Aborting fails the task with the signal's reason: at once when it waits, by ending its thread when it runs. */
  signal?: AbortSignal
  /** Longest the task may run once begun, ms; 0 is no limit. @default the pool's `timeout` */
  timeout?: number
  /**
   * What is moved to the thread instead of copied. A task with a transfer list is given to a thread only when that
   * can begin it at once.
   */
  transfer?: readonly Transferable[]
  /** As the pool's `overflow`; `'skip'` runs nothing when the queue is full and answers `undefined`. */
  overflow?: 'wait' | 'reject' | 'skip'
}

export interface MapOptions {
  /** Aborts all that is left. */
  signal?: AbortSignal
  /** For each item. @default the pool's `timeout` */
  timeout?: number
  /**
   * Items under way at once: bounds the memory taken by the input.
   * @default 64 for each thread the pool may have
   */
  concurrency?: number
}
