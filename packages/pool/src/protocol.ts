import type { MessagePort } from 'node:worker_threads'
import type { ThrownRecord } from './error-transport.ts'

/** What a task thread is given when it starts. */
export interface ThreadStart {
  readonly tswsPool: 'task'
  readonly port: MessagePort
  readonly memory: SharedArrayBuffer
  /** URL of the user's module. */
  readonly module: string
  readonly concurrency: number
  readonly data: unknown
  /** `performance.timeOrigin` of the pool, so that both sides tell one time. */
  readonly timeOrigin: number
  /** Microseconds to look for work before sleeping; 0 never spins. */
  readonly spin: number
  /** Whether to report how much heap is in use. */
  readonly watchHeap: boolean
}

/**
 * Pool → thread. Tasks come flat: slot, index of the function, arguments (an array, or its JSON text), and again:
 * one array a turn.
 */
export type ToThread = TaskBatch | StreamControl
export type TaskBatch = unknown[]
export const TASK_FIELDS = 3
/** `credit` more items may be sent; or the reader has gone. */
export type StreamControl =
  | { readonly slot: number; readonly credit: number }
  | { readonly slot: number; readonly cancel: true }

/** Thread → pool. `null` only wakes: the answers are in the shared memory. */
export type FromThread = null | ReadyMessage | FailedMessage | ValueMessage | StreamMessage
export interface ReadyMessage {
  readonly kind: 'ready'
  /** Names of the exported functions; a task names its function by the place in this list. */
  readonly names: readonly string[]
}
export interface FailedMessage {
  readonly kind: 'failed'
  readonly thrown: ThrownRecord
}
/** An answer that does not fit the shared memory, or that moves buffers. */
export interface ValueMessage {
  readonly kind: 'value' | 'thrown' | 'uncloneable'
  readonly slot: number
  readonly value: unknown
}
export interface StreamMessage {
  readonly kind: 'open' | 'item' | 'end'
  readonly slot: number
  readonly value?: unknown
}

/** Items a stream may send ahead of its reader: enough to hide a wake-up, and a bound on what waits unread. */
export const STREAM_WINDOW = 16
