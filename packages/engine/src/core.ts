import type { Handler } from '@tsws/http'
import type { Connection } from './connection.ts'
import { Observers } from './observers.ts'
import type { ResolvedOptions } from './options.ts'
import { Roster } from './roster.ts'
import { Slab } from './slab.ts'
import { detach } from './attach.ts'
import type { Duplex } from 'node:stream'

/** How often deadlines are looked at, in milliseconds: they are seconds long, so half a second late is on time. */
export const TICK = 500

/** What all connections of one server share. */
export class Core {
  readonly handler: Handler
  readonly options: ResolvedOptions
  readonly observers: Observers
  readonly slab = new Slab()
  readonly connections = new Roster<Connection>()
  /** Streams that speak another protocol now; cut when the server ends. */
  readonly handedOver = new Set<Duplex>()
  /** Draining: every answer from now on is its connection's last. */
  draining = false
  /** Milliseconds that a connection may wait for a request; less when the server ends. */
  idleTimeout: number
  /** Connections so far. */
  opened = 0
  /** Bytes of connections that have ended. */
  bytesRead = 0
  bytesWritten = 0
  /** More is in flight than `maxBytesInFlight`: new requests are answered 503. */
  overloaded = false
  /** Milliseconds, as of the last tick: what deadlines are counted from. See `startClock`. */
  now: number
  /** Called when the last connection has gone. */
  onEmpty: (() => void) | null = null
  #stopTicking: (() => void) | null = null
  readonly #left: (connection: Connection) => void

  /** `left` hears of each stream that has closed, whatever it spoke in the end. */
  constructor(handler: Handler, options: ResolvedOptions, left: (connection: Connection) => void) {
    this.handler = handler
    this.options = options
    this.idleTimeout = options.keepAliveTimeout
    this.observers = new Observers(options.observer)
    this.now = options.clock.now()
    this.#left = left
  }

  /** To be called before a connection is made: `now` stood still while there was none. */
  startClock(): void {
    if (this.#stopTicking !== null) return
    this.now = this.options.clock.now()
    this.#stopTicking = this.options.clock.every(TICK, () => this.tick())
  }

  add(connection: Connection): void {
    this.connections.add(connection)
    this.opened++
    // Asked for once while it is open: a closed socket has forgotten its address.
    if (this.observers.watchesResponses) void connection.remoteAddress
    this.observers.connectionOpen(connection)
  }

  remove(connection: Connection): void {
    this.#countBytes(connection)
    this.#forget(connection)
    this.observers.connectionClose(connection)
    this.#left(connection)
  }

  /** A connection becomes somebody else's stream. It stays open, and counts as such until it has `ended`. */
  handOver(connection: Connection, ended: () => void): void {
    const { stream } = connection
    detach(stream)
    this.handedOver.add(stream)
    stream.once('close', () => {
      this.handedOver.delete(stream)
      this.#countBytes(connection)
      ended()
      this.observers.connectionClose(connection)
      this.#left(connection)
    })
    this.#forget(connection)
  }

  /** One timer for all connections: no deadline costs more than a number that is set. */
  tick(): void {
    this.now = this.options.clock.now()
    let inFlight = 0
    for (const connection of this.connections) {
      inFlight += connection.bytesHeld
      connection.checkDeadlines()
    }
    this.overloaded = inFlight > this.options.maxBytesInFlight
  }

  #countBytes({ bytesRead, bytesWritten }: Connection): void {
    this.bytesRead += bytesRead
    this.bytesWritten += bytesWritten
  }

  #forget(connection: Connection): void {
    this.connections.delete(connection)
    if (this.connections.size > 0) return
    this.#stopTicking?.()
    this.#stopTicking = null
    this.overloaded = false
    this.onEmpty?.()
  }
}
