/**
 * Every error the pool itself makes (not those your task throws) is a `PoolError` with one of these codes:
 *
 * - `ERR_POOL_CLOSED`: the pool is closed or closing and takes no new task; or it was destroyed under the task.
 * - `ERR_POOL_QUEUE_FULL`: the queue (or the waiting line) is full; the task was not run.
 * - `ERR_POOL_UNKNOWN_TASK`: the thread's module exports no function of this name; the task was not run.
 * - `ERR_POOL_ARGUMENTS`: the arguments cannot be cloned to a thread; the task was not run.
 * - `ERR_POOL_RESULT`: the task ran, its result (or what it threw) cannot be cloned back.
 * - `ERR_POOL_TIMEOUT`: the task ran longer than its `timeout`; its thread was terminated.
 * - `ERR_POOL_THREAD_START`: no thread could be started (the module failed to load); the task was not run.
 * - `ERR_POOL_THREAD_CRASHED`: the thread died while it ran this task (see `cause`); the task may have had effects.
 * - `ERR_POOL_THREAD_TERMINATED`: the thread was ended because of another task that it ran at the same time
 *   (only with `concurrency` > 1), or while buffers transferred to it could not be sent again.
 * - `ERR_POOL_SERVER_START`: no thread of a server pool came up.
 */
export type PoolErrorCode =
  | 'ERR_POOL_CLOSED'
  | 'ERR_POOL_QUEUE_FULL'
  | 'ERR_POOL_UNKNOWN_TASK'
  | 'ERR_POOL_ARGUMENTS'
  | 'ERR_POOL_RESULT'
  | 'ERR_POOL_TIMEOUT'
  | 'ERR_POOL_THREAD_START'
  | 'ERR_POOL_THREAD_CRASHED'
  | 'ERR_POOL_THREAD_TERMINATED'
  | 'ERR_POOL_SERVER_START'

/** An error made by the pool; `code` is stable, `cause` says what lay behind it. */
export class PoolError extends Error {
  override readonly name = 'PoolError'
  readonly code: PoolErrorCode

  constructor(code: PoolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
