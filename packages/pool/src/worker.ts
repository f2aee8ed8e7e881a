/**
 * For use inside a thread's module: `import { transfer } from '@tsws/pool/worker'`.
 * Knows nothing of the rest of the pool, so that a thread loads little.
 */
import type { Transferable } from 'node:worker_threads'

const TRANSFER = Symbol.for('@tsws/pool.transfer')
const DATA = Symbol.for('@tsws/pool.data')

/** A value with the list of what is moved instead of copied when it goes to the other side. */
export interface Transferred<T> {
  readonly [TRANSFER]: true
  readonly value: T
  readonly list: readonly Transferable[]
}

/**
 * Return this from a task (or yield it) to move buffers, ports or streams to the caller instead of copying them.
 * The caller gets `value`; what is in `list` can no longer be used in the thread.
 * @example `return transfer(pixels, [pixels.buffer])`
 */
export function transfer<T>(value: T, list: readonly Transferable[]): Transferred<T> {
  return { [TRANSFER]: true, value, list }
}

/** The `data` option of the pool, as this thread received it; undefined outside a pool. */
export function threadData<T = unknown>(): T {
  return (globalThis as { [DATA]?: T })[DATA] as T
}

/** Internal: whether a task returned `transfer(…)`. */
export function isTransferred(value: unknown): value is Transferred<unknown> {
  return typeof value === 'object' && value !== null && (value as { [TRANSFER]?: unknown })[TRANSFER] === true
}

/** Internal: sets what `threadData()` answers. */
export function setThreadData(data: unknown): void {
  ;(globalThis as { [DATA]?: unknown })[DATA] = data
}
