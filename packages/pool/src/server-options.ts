import type { Server } from 'node:net'
import type { ResourceLimits } from 'node:worker_threads'
import { usableParallelism } from './parallelism.ts'
import type { Strategy } from './server-strategy.ts'

/** Where to listen, and how the sockets are made. */
export interface ServerListenOptions {
  /** TCP port; 0 takes a free one. Either this, `path` or `server`. */
  port?: number
  /** Address to bind. @default all addresses */
  host?: string
  /** Unix socket or Windows pipe; served by processes only (strategy `cluster`). */
  path?: string
  /**
   * A server that listens already, made with `pauseOnConnect`: this process answers until the threads are there. From
   * the moment the first of them serves, its connections go to the threads, and whoever listened to them before hears of no
   * more. It is closed with the pool. Not with `reusePort`, whose threads listen for themselves.
   */
  server?: Server
  /** Connections the kernel queues until they are accepted. @default 4096 */
  backlog?: number
  /** Binds IPv6 only. @default false */
  ipv6Only?: boolean
  /** The server's side stays open when the client ends its own. @default false */
  allowHalfOpen?: boolean
  /** Sends small writes at once (TCP_NODELAY). @default false */
  noDelay?: boolean
}

export interface ServerPoolOptions {
  /** One listener or several. */
  listen: ServerListenOptions | readonly ServerListenOptions[]
  /**
   * Threads, or `'auto'` for what can really run at once: available parallelism, cgroup CPU quota included.
   * @default 'auto'
   */
  threads?: number | 'auto'
  /**
   * Threads that serve before `start()` resolves and the port is open; the others follow at once. 0, which needs a
   * `server` that listens already: none is waited for, and one that does not come up is tried again.
   * @default all
   */
  startWith?: number
  /** How connections reach the threads. @default 'auto': the first that works here of transfer, reusePort, cluster */
  strategy?: Strategy | 'auto'
  /** Given to `startThread` of each thread; cloned. @default undefined */
  data?: unknown
  /**
   * Longest that connections may take to finish on `close()` and `reload()`, ms; what is left is cut.
   * @default 10_000
   */
  grace?: number
  /**
   * How long (ms) a thread that is replaced goes on as before, after its last connection was given to it and before
   * it is told to drain: time for the first request of that connection to arrive.
   * @default 200
   */
  handoverTime?: number
  /** Time between two heartbeats, ms. @default 500 */
  heartbeatInterval?: number
  /** A thread without a heartbeat for this long (ms) is hung: it is ended and replaced. @default 10_000 */
  heartbeatTimeout?: number
  /** Longest a thread may take to be ready, ms. @default 30_000 */
  startTimeout?: number
  /**
   * Memory of each thread, MiB, as for `new Worker`: a thread that needs more crashes and is replaced. A process of
   * `cluster` heeds `maxOldGenerationSizeMb` only. @default Node's
   */
  resourceLimits?: ResourceLimits
}

export const SERVER_DEFAULTS = Object.freeze({
  startWith: Infinity,
  threads: 'auto' satisfies number | 'auto' as number | 'auto',
  strategy: 'auto' satisfies Strategy | 'auto' as Strategy | 'auto',
  /** What orchestrators leave between SIGTERM and SIGKILL is 10 to 30 s. */
  grace: 10_000,
  /** A round trip across the world. */
  handoverTime: 200,
  /** Two wake-ups a second a thread: not measurable, and late threads are passed over after one second. */
  heartbeatInterval: 500,
  /** Longer than any garbage collection or synchronous work that may pass as healthy. */
  heartbeatTimeout: 10_000,
  startTimeout: 30_000,
})

export interface ResolvedServerOptions extends Required<
  Omit<ServerPoolOptions, 'threads' | 'listen' | 'data' | 'resourceLimits'>
> {
  threads: number
  listen: readonly ServerListenOptions[]
  data: unknown
  resourceLimits: ResourceLimits | undefined
}

/**
 * As many as Linux allows unless it is set otherwise (`somaxconn`). With Node's 511 the rest of a burst has to knock again, a
 * second later and more.
 */
const BACKLOG = 4096

/** More than this is a slip of the pen. */
const MOST_THREADS = 1024

/** @throws TypeError that names the option, what was expected and what was given */
export function resolveServerOptions(options: ServerPoolOptions): ResolvedServerOptions {
  if (typeof options !== 'object' || options === null)
    throw new TypeError('ServerPool: the options must be an object with `listen`')
  for (const key of Object.keys(options)) {
    if (!KNOWN.has(key))
      throw new TypeError(`ServerPool: unknown option '${key}'. Known are: ${[...KNOWN].join(', ')}`)
  }
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as ServerPoolOptions
  const merged = { ...SERVER_DEFAULTS, data: undefined, resourceLimits: undefined, ...given }
  const listen = Array.isArray(merged.listen)
    ? (merged.listen as readonly ServerListenOptions[])
    : [merged.listen as ServerListenOptions]
  if (listen.length === 0)
    throw new TypeError(`ServerPool: option 'listen' is empty, expected at least one { port } or { path }`)
  for (const where of listen) checkListen(where)
  const threads = merged.threads === 'auto' ? usableParallelism() : merged.threads
  if (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS) {
    throw new TypeError(
      `ServerPool: option 'threads' must be 'auto' or a whole number from 1 to ${MOST_THREADS}, got ${String(threads)}`,
    )
  }
  const { startWith } = merged
  const least = listen.every(({ server }) => server !== undefined) ? 0 : 1
  if (!(startWith >= least) || (!Number.isInteger(startWith) && startWith !== Infinity)) {
    throw new TypeError(
      `ServerPool: option 'startWith' must be a whole number from ${least} on, got ${String(startWith)}`,
    )
  }
  for (const key of [
    'grace',
    'handoverTime',
    'heartbeatInterval',
    'heartbeatTimeout',
    'startTimeout',
  ] as const) {
    const value: unknown = merged[key]
    if (typeof value !== 'number' || !(value >= 0) || value > LONGEST) {
      throw new TypeError(
        `ServerPool: option '${key}' must be a number of milliseconds from 0 to ${LONGEST}, got ${String(value)}`,
      )
    }
  }
  if (merged.heartbeatInterval < 1 || merged.heartbeatTimeout < merged.heartbeatInterval * 2) {
    const limit = merged.heartbeatInterval * 2
    throw new TypeError(
      `ServerPool: option 'heartbeatTimeout' must be at least twice 'heartbeatInterval' (${limit}), got ${merged.heartbeatTimeout}`,
    )
  }
  if (merged.resourceLimits !== undefined) checkLimits(merged.resourceLimits)
  const withBacklog = listen.map((where) => ({ ...where, backlog: where.backlog ?? BACKLOG }))
  return { ...merged, listen: withBacklog, threads }
}

/** The longest delay a Node timer can have, ms. */
const LONGEST = 0x7fffffff

const KNOWN = new Set(['listen', 'data', 'resourceLimits', ...Object.keys(SERVER_DEFAULTS)])

function checkLimits(limits: unknown): void {
  if (
    typeof limits === 'object' &&
    limits !== null &&
    Object.values(limits).every((limit) => typeof limit === 'number' && limit > 0)
  )
    return
  throw new TypeError(
    `ServerPool: option 'resourceLimits' must be an object of positive numbers of MiB, as for new Worker, got ${JSON.stringify(limits)}`,
  )
}

function checkListen(where: unknown): void {
  const { port, path, server } = (where ?? {}) as ServerListenOptions
  const isPort = Number.isInteger(port) && port! >= 0 && port! <= 65_535
  const given = [port, path, server].filter((one) => one !== undefined).length
  if (given === 1 && (isPort || server?.listening || (typeof path === 'string' && path !== ''))) return
  const got = server === undefined ? (JSON.stringify(where) ?? 'nothing') : 'a server that does not listen'
  throw new TypeError(
    `ServerPool: option 'listen' must name a 'port' from 0 to 65535, a 'path' or a 'server' that listens, got ${got}`,
  )
}
