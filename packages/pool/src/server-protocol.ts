import type { Socket } from 'node:net'
import type { MessagePort, ResourceLimits } from 'node:worker_threads'
import type { ThrownRecord } from './error-transport.ts'
import type { Strategy } from './server-strategy.ts'

/**
 * What the module of a server pool exports as `startThread`: makes one thread ready to serve. Called once in each
 * thread; the thread gets connections when the promise is fulfilled. A rejection counts as a crash.
 */
export type StartThread<Data = unknown> = (
  context: ThreadContext<Data>,
) => ThreadServer | Promise<ThreadServer>

export interface ThreadContext<Data = unknown> {
  /** Number of the thread, from 1 on; a replacement gets a new one. */
  readonly id: number
  /** The `data` option of the pool, or what `reload` was given. */
  readonly data: Data
  readonly strategy: Strategy
  /** Sends a value to the pool, which emits it as `'message'`. */
  readonly send: (value: unknown) => void
}

/** What a thread does. */
export interface ThreadServer {
  /**
   * Serves a new connection. Listen to it at once: its first bytes may come in the next turn.
   * @param listener index of the listener that accepted it, in the pool's `listen` list
   */
  connection(socket: Socket, listener: number): void
  /**
   * No connection comes any more: finish those there are. When the promise is fulfilled, or after `grace` ms, the
   * thread ends and what is still open is cut. Without it, the thread waits until its connections have closed.
   */
  drain?(options: { grace: number }): void | Promise<void>
  /** Anything cloneable, or a promise of it, for `pool.stats()`. */
  stats?(): unknown
  /** A value given to `pool.broadcast()`. */
  message?(value: unknown): void
}

/** How one listener's sockets are to be made. */
export interface SocketOptions {
  readonly allowHalfOpen: boolean
  readonly noDelay: boolean
}

/** Given to a thread or process when it starts. */
export interface MemberStart {
  readonly id: number
  readonly module: string
  readonly data: unknown
  readonly strategy: Strategy
  readonly listeners: readonly SocketOptions[]
  readonly heartbeatInterval: number
  /** Heeded by who makes the thread or process. */
  readonly resourceLimits: ResourceLimits | undefined
}

export interface ListenAt {
  readonly port: number
  readonly host?: string
  readonly backlog?: number
  readonly ipv6Only?: boolean
}

/** Pool → thread or process. A connection's socket comes with the message. */
export type ToMember =
  | { readonly kind: 'connection'; readonly listener: number; readonly socket?: Socket }
  | { readonly kind: 'listen'; readonly at: readonly ListenAt[] }
  /** Send the listening sockets through this port, to the thread that takes over. */
  | { readonly kind: 'handListeners'; readonly port: MessagePort }
  | { readonly kind: 'takeListeners'; readonly port: MessagePort }
  | { readonly kind: 'stopListening' }
  | { readonly kind: 'drain'; readonly grace: number }
  | { readonly kind: 'stats'; readonly question: number }
  | { readonly kind: 'message'; readonly value: unknown }

/** Thread or process → pool. */
export type FromMember =
  /** Of a process only: it listens to messages; what was sent before may be lost (Node 22). */
  | { readonly kind: 'hello' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly thrown: ThrownRecord }
  | { readonly kind: 'listening'; readonly thrown?: ThrownRecord }
  | { readonly kind: 'drained' }
  | { readonly kind: 'stats'; readonly question: number; readonly stats: MemberStats }
  | { readonly kind: 'message'; readonly value: unknown }
  /** The thread ends and had not begun with this connection: another can serve it. */
  | { readonly kind: 'returned'; readonly listener: number; readonly socket: Socket }
  /** Of a process only: the oldest connection on its way has arrived. */
  | { readonly kind: 'taken'; readonly closed: number }
  /** Of a process only: threads count in shared memory. */
  | { readonly kind: 'beat'; readonly closed: number }

export interface MemberStats {
  /** Share of the time, 0 to 1, in which the thread's loop was busy since it was last asked. */
  readonly utilisation: number
  /** Bytes of JavaScript heap in use. */
  readonly heap: number
  /** What the module's own `stats()` answered. */
  readonly own: unknown
}

/** Cells (int32) of the memory shared with a thread. */
export const Counter = { beats: 0, opened: 1, closed: 2, ending: 3 } as const
export const COUNTER_BYTES = 16
