import { answerError } from '@tsws/http'
import type { ConnectionInfo, HttpRequest, HttpResponse } from '@tsws/http'
import type { ParserLimits } from '@tsws/parser'
import type { Duplex } from 'node:stream'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import type { Observer } from './observer.ts'

/** Times are milliseconds, sizes are bytes. `Infinity` switches a limit off, where that is said. */
export interface EngineOptions {
  /** Limits on request heads, chunk lines and trailers; see @tsws/parser. */
  limits?: ParserLimits
  /**
   * Bytes a request body may have before reading it fails with 413; a handler may change it for
   * its own request. `Infinity`: none.
   * @default 16_777_216
   */
  maxBodyBytes?: number
  /**
   * Bytes of an unread request body that are read past to keep the connection; a longer rest
   * closes it.
   * @default 262_144
   */
  maxDiscardBytes?: number
  /**
   * Bytes that one connection may send ahead of what is being read (a body that waits for its
   * handler, pipelined requests that wait for their turn) before the client is held back.
   * @default 65_536
   */
  maxBufferedBytes?: number
  /**
   * Answers to pipelined requests in a row, before other connections get their turn.
   * @default 64
   */
  maxAnswersInRow?: number
  /**
   * Open connections. `Infinity`: as many as the system gives. A tenth of the open files that the
   * process may have is kept from them, where the system says how many (`ulimit -n`).
   * @default 20_000
   */
  maxConnections?: number
  /**
   * Open connections of one remote address. `Infinity`: no cap, which is right behind a proxy.
   * @default Infinity
   */
  maxConnectionsPerAddress?: number
  /**
   * Bytes that all connections together may hold: received and unread, or gathered for a handler (`bytes()`, `text()`,
   * `json()`), or answered and unsent. Beyond it new requests are answered 503, and so are bodies that are being
   * gathered. Looked at twice a second. `Infinity`: no cap.
   * @default 268_435_456
   */
  maxBytesInFlight?: number
  /**
   * What a connection beyond a cap gets: `answer` a 503 that says close, `refuse` nothing at all,
   * which is cheaper under attack.
   * @default 'answer'
   */
  overload?: 'answer' | 'refuse'
  /**
   * From a request's first byte to the end of its head, however the bytes dribble in. 408.
   * @default 20_000
   */
  headTimeout?: number
  /**
   * Wait for body bytes allowed to every request before `minBodyRate` counts. 408.
   * @default 10_000
   */
  bodyTimeout?: number
  /**
   * Bytes a second that a body must keep up on average, after `bodyTimeout`, while somebody waits
   * for it: time in which the handler holds the client back does not count. 0: no minimum,
   * but `bodyTimeout` for each wait.
   * @default 500
   */
  minBodyRate?: number
  /**
   * From the complete head to the handler's answer. 503. `Infinity`: handlers may take for ever.
   * @default Infinity
   */
  handlerTimeout?: number
  /**
   * Time in which a client that is being sent to takes not one byte. The connection is cut.
   * @default 30_000
   */
  writeTimeout?: number
  /**
   * Silence between requests, or before the first one. Closed without a word.
   * @default 75_000
   */
  keepAliveTimeout?: number
  /**
   * Reading on after the last answer, so that a client still sending gets to read it (RFC 9112 §9.6).
   * @default 5_000
   */
  lingerTimeout?: number
  /**
   * Requests on one connection; the last is answered with `Connection: close`. `Infinity`: no cap.
   * @default Infinity
   */
  maxRequestsPerConnection?: number
  /** Watches requests, answers and failures, for logs and metrics. */
  observer?: Observer | readonly Observer[] | null
  /**
   * Turns a failure into an answer; `request` is null where the bytes were none. The connection tells
   * whether the answer goes through TLS.
   * @default answerError of @tsws/http
   */
  errorResponse?: (error: unknown, request: HttpRequest | null, connection: ConnectionInfo) => HttpResponse
  /**
   * Takes over a connection whose client asked to upgrade (RFC 9110 §7.8): the socket, its
   * listeners removed, and the bytes that came after the head. Without it `Upgrade` is ignored.
   */
  upgrade?: ((request: HttpRequest, socket: Duplex, rest: Uint8Array) => void) | null
  /** The same for CONNECT (RFC 9110 §9.3.6). Without it CONNECT is answered 501. */
  connect?: ((request: HttpRequest, socket: Duplex, rest: Uint8Array) => void) | null
  /**
   * Reads and writes TCP, TLS and Unix sockets below their stream layer, which costs more than the rest of a
   * request. Where this Node does not allow it, or for any other stream, it changes nothing. False: only
   * what Node documents, as for tools that watch or replace the `data` events and `write` of sockets.
   * @default true
   */
  directSockets?: boolean
  /** Time, for tests that turn it by hand. @default the system's */
  clock?: Clock
}

export type ResolvedOptions = Required<EngineOptions> & { observer: readonly Observer[] }

export const DEFAULTS = Object.freeze({
  // nginx stops at 1 MiB, Apache at 1 GiB. Bodies that a handler collects are held in memory, so
  // this is what one client can make a process hold; uploads that stream raise it for their route.
  maxBodyBytes: 16 * 1024 * 1024,
  // Reading past this much costs less than a new connection; past more it costs the client's time.
  maxDiscardBytes: 256 * 1024,
  // One read of Node's sockets: the client is at most one read ahead.
  maxBufferedBytes: 64 * 1024,
  // At 1 to 5 µs an answer, others wait a fraction of a millisecond.
  maxAnswersInRow: 64,
  // At ≤ 7 KB each, idle connections take at most 140 MB.
  maxConnections: 20_000,
  // Many clients share an address behind a proxy or a carrier's NAT: only the operator can know.
  maxConnectionsPerAddress: Infinity,
  // A quarter of the smallest common server (1 GiB).
  maxBytesInFlight: 256 * 1024 * 1024,
  overload: 'answer' as const,
  directSockets: true,
  // Apache's mod_reqtimeout gives a head 20 s; a real client needs milliseconds.
  headTimeout: 20_000,
  // Long enough for a phone that changes cells.
  bodyTimeout: 10_000,
  // Apache's mod_reqtimeout: slower than any modem, and slow-body attacks live below it.
  minBodyRate: 500,
  handlerTimeout: Infinity,
  // Half of nginx's send_timeout: a stalled reader holds file descriptors and buffers.
  writeTimeout: 30_000,
  // Longer than the 60 s of common load balancers: the side that may reuse a connection must be
  // the first to close it, or requests meet a closed socket.
  keepAliveTimeout: 75_000,
  // nginx's lingering_timeout.
  lingerTimeout: 5_000,
  maxRequestsPerConnection: Infinity,
})

/** The options with their defaults. @throws {TypeError} naming the option, what it must be and what it was */
export function resolveOptions(options: EngineOptions = {}): ResolvedOptions {
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name))
      throw new TypeError(`engine option ${name} is unknown; known are ${[...KNOWN].join(', ')}`)
  }
  const number = (name: NumberOption, least: number): number => {
    const value = options[name] ?? DEFAULTS[name]
    if (typeof value === 'number' && value >= least) return value
    throw new TypeError(`engine option ${name} must be a number of at least ${least}, got ${String(value)}`)
  }
  const overload = options.overload ?? DEFAULTS.overload
  if (overload !== 'answer' && overload !== 'refuse') {
    throw new TypeError(`engine option overload must be 'answer' or 'refuse', got ${String(overload)}`)
  }
  const directSockets = options.directSockets ?? DEFAULTS.directSockets
  if (typeof directSockets !== 'boolean') {
    throw new TypeError(`engine option directSockets must be true or false, got ${String(directSockets)}`)
  }
  return Object.freeze({
    limits: options.limits ?? {},
    maxBodyBytes: number('maxBodyBytes', 0),
    maxDiscardBytes: number('maxDiscardBytes', 0),
    maxBufferedBytes: number('maxBufferedBytes', 1),
    maxAnswersInRow: number('maxAnswersInRow', 1),
    maxConnections: number('maxConnections', 1),
    maxConnectionsPerAddress: number('maxConnectionsPerAddress', 1),
    maxBytesInFlight: number('maxBytesInFlight', 1),
    overload,
    directSockets,
    headTimeout: number('headTimeout', 1),
    bodyTimeout: number('bodyTimeout', 1),
    minBodyRate: number('minBodyRate', 0),
    handlerTimeout: number('handlerTimeout', 1),
    writeTimeout: number('writeTimeout', 1),
    keepAliveTimeout: number('keepAliveTimeout', 1),
    lingerTimeout: number('lingerTimeout', 0),
    maxRequestsPerConnection: number('maxRequestsPerConnection', 1),
    observer: Array.isArray(options.observer)
      ? options.observer
      : options.observer
        ? [options.observer as Observer]
        : [],
    errorResponse: options.errorResponse ?? answerError,
    upgrade: options.upgrade ?? null,
    connect: options.connect ?? null,
    clock: options.clock ?? systemClock,
  })
}

type NumberOption = {
  [Name in keyof typeof DEFAULTS]: (typeof DEFAULTS)[Name] extends number ? Name : never
}[keyof typeof DEFAULTS]

const KNOWN: ReadonlySet<string> = new Set([
  ...Object.keys(DEFAULTS),
  'limits',
  'observer',
  'errorResponse',
  'upgrade',
  'connect',
  'clock',
])
