import { channel } from 'node:diagnostics_channel'

/**
 * What the pool publishes on `node:diagnostics_channel`. Nothing is built when nobody listens.
 *
 * - `tsws:pool:task:start`: `{ pool, name }` when a task is handed in, in the caller's async context
 * - `tsws:pool:task:end`: `{ pool, name, error?, waitTime, runTime }` (ms) when it is settled, in the same context
 * - `tsws:pool:thread:start`: `{ pool, threadId }` when a thread is ready
 * - `tsws:pool:thread:end`: `{ pool, threadId, reason, error? }`; `reason` is `'idle'`, `'recycled'`, `'closed'`,
 *   `'aborted'`, `'timeout'` or `'crashed'`
 */
export const channels = {
  taskStart: channel('tsws:pool:task:start'),
  taskEnd: channel('tsws:pool:task:end'),
  threadStart: channel('tsws:pool:thread:start'),
  threadEnd: channel('tsws:pool:thread:end'),
} as const

/** Why a thread ended. */
export type ThreadEndReason = 'idle' | 'recycled' | 'closed' | 'aborted' | 'timeout' | 'crashed'
