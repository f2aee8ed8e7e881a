import { EventEmitter } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { Acceptor, probeAddresses } from './acceptor.ts'
import { Backoff } from './backoff.ts'
import { PoolError } from './errors.ts'
import { HungWatch } from './hung-watch.ts'
import { leastBusy } from './least-busy.ts'
import { moduleUrl } from './module-url.ts'
import { openListeners } from './open-listeners.ts'
import { Seat } from './seat.ts'
import type { SeatEndReason } from './seat.ts'
import { resolveServerOptions } from './server-options.ts'
import type { ResolvedServerOptions, ServerPoolOptions } from './server-options.ts'
import type { ListenAt } from './server-protocol.ts'
import { askSeats, summary } from './server-stats.ts'
import type { ServerPoolEvents, ServerPoolStats } from './server-stats.ts'
import { chooseStrategy, transfersSockets } from './server-strategy.ts'
import type { Strategy } from './server-strategy.ts'

/**
 * Serves on several threads, each running the same module (`StartThread`), behind the same listeners. A thread that
 * crashes or hangs loses its own connections only and is replaced; the listeners stay open.
 */
export class ServerPool extends EventEmitter<ServerPoolEvents> implements AsyncDisposable {
  readonly strategy: Strategy
  /** How many threads serve when all is well. */
  readonly size: number
  /** In the order of the `listen` option. */
  readonly addresses: readonly (AddressInfo | string)[] = []

  readonly #options: ResolvedServerOptions
  readonly #acceptor: Acceptor
  readonly #seats = new Set<Seat>()
  readonly #hungWatch: HungWatch
  readonly #adding = new Set<Promise<Seat>>()
  readonly #backoff = new Backoff()
  readonly #timers = new Set<NodeJS.Timeout>()
  #module: string
  #data: unknown
  #listenAt: readonly ListenAt[] = []
  #nextId = 1
  #nextTurn = 0
  #crashed = 0
  #acceptedBefore = 0
  #started = false
  #reloading: Promise<unknown> = Promise.resolve()
  #closing: Promise<{ cut: number }> | undefined

  /**
   * Starts the threads (all of them, or `startWith`), then listens.
   * @throws TypeError when an option is wrong or the forced strategy cannot work here; PoolError
   *   `ERR_POOL_SERVER_START` when a thread does not come up (its error is the `cause`); what listening fails with
   */
  static async start(module: URL | string, options: ServerPoolOptions): Promise<ServerPool> {
    const pool = new ServerPool(module, resolveServerOptions(options))
    try {
      await pool.#start()
    } catch (error) {
      await pool.close({ grace: 0 })
      throw error
    }
    return pool
  }

  private constructor(module: URL | string, options: ResolvedServerOptions) {
    super()
    this.#options = options
    this.#hungWatch = new HungWatch(this.#seats, options)
    this.#module = moduleUrl(module)
    this.#data = options.data
    this.size = options.threads
    this.strategy = chooseStrategy(options.strategy, {
      node: process.versions.node,
      platform: process.platform,
      transfers: transfersSockets(),
      onlyTcp: options.listen.every(({ path }) => path === undefined),
    })
    this.#acceptor = new Acceptor((socket, listener) => this.#give(socket, listener))
  }

  /**
   * Replaces the threads one by one by new ones, with new code and, if given, new data. Each new thread serves before
   * the old one is asked to drain. Fulfilled when the last old thread has ended; calls wait for each other.
   * @throws PoolError `ERR_POOL_SERVER_START` when a new thread does not come up: the old ones go on
   */
  reload(change: { data?: unknown; module?: URL | string; grace?: number } = {}): Promise<void> {
    const reload = this.#reloading.then(() => this.#reload(change))
    this.#reloading = reload.catch(() => undefined)
    return reload
  }

  /** Sends a value to every thread's `message`. */
  broadcast(value: unknown): void {
    for (const seat of this.#seats)
      if (seat.state !== 'starting') seat.member.send({ kind: 'message', value })
  }

  /** Sends a value to `message` of one thread. @returns false when it has ended, or has not begun to serve */
  send(id: number, value: unknown): boolean {
    for (const seat of this.#seats) {
      if (seat.id !== id || seat.state === 'starting') continue
      seat.member.send({ kind: 'message', value })
      return true
    }
    return false
  }

  /** Asks every thread. One that does not answer within a second is listed without its own figures. */
  async stats(): Promise<ServerPoolStats> {
    const threads = await askSeats(this.#seats)
    return summary(threads, {
      strategy: this.strategy,
      acceptedBefore: this.#acceptedBefore,
      held: this.#acceptor.held,
      refused: this.#acceptor.refused,
      crashed: this.#crashed,
    })
  }

  /**
   * Stops listening, lets every thread finish its connections within `grace` ms, ends the threads.
   * A second call with a grace of 0 cuts what a first one still waits for.
   * @returns how many connections were cut
   */
  close({ grace = this.#options.grace }: { grace?: number } = {}): Promise<{ cut: number }> {
    if (this.#closing && grace === 0) for (const seat of this.#seats) seat.end('drained')
    return (this.#closing ??= this.#close(grace))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close().then(() => undefined)
  }

  async #start(): Promise<void> {
    const { threads, startWith, listen } = this.#options
    const first = Math.min(startWith, threads)
    if (this.strategy === 'reusePort') {
      const addresses = await probeAddresses(listen)
      this.#listenAt = listen.map(({ host, backlog, ipv6Only }, index) => ({
        port: addresses[index]!.port,
        ...(host !== undefined && { host }),
        ...(backlog !== undefined && { backlog }),
        ...(ipv6Only !== undefined && { ipv6Only }),
      }))
      this.#setAddresses(addresses)
    }
    await Promise.all(Array.from({ length: first }, () => this.#addThread()))
    if (this.strategy !== 'reusePort') this.#setAddresses(await this.#acceptor.listen(listen))
    this.#started = true
    for (let more = first; more < threads; more++) this.#replaceAfter(0)
    this.#hungWatch.start()
  }

  #setAddresses(addresses: readonly (AddressInfo | string)[]): void {
    Object.assign(this, { addresses: Object.freeze([...addresses]) })
  }

  /** @param from the thread whose listening sockets the new one takes over */
  #addThread(from?: Seat): Promise<Seat> {
    const adding = this.#startThread(from)
    const done = (): void => void this.#adding.delete(adding)
    this.#adding.add(adding)
    adding.then(done, done)
    return adding
  }

  async #startThread(from: Seat | undefined): Promise<Seat> {
    const { listen, heartbeatInterval, startTimeout, resourceLimits } = this.#options
    const seat = new Seat(
      {
        id: this.#nextId++,
        module: this.#module,
        data: this.#data,
        strategy: this.strategy,
        listeners: listen.map(({ allowHalfOpen = false, noDelay = false }) => ({ allowHalfOpen, noDelay })),
        heartbeatInterval,
        resourceLimits,
      },
      startTimeout,
      {
        ended: (ended, reason, error) => this.#ended(ended, reason, error),
        returned: (socket, listener) => this.#acceptor.takeBack(socket, listener),
        message: (value) => this.emit('message', { id: seat.id, value }),
      },
    )
    this.#seats.add(seat)
    await seat.ready
    if (this.strategy === 'reusePort') await openListeners(seat, from, this.#listenAt)
    seat.serve()
    this.emit('threadReady', { id: seat.id })
    this.#acceptor.release()
    return seat
  }

  #give(socket: Socket, listener: number): boolean {
    const seat = leastBusy(this.#seats, this.#nextTurn++, this.#options.heartbeatInterval * 2)
    if (seat === undefined) return false
    try {
      seat.member.handOver(socket, listener)
    } catch {
      socket.destroy() // reset by the client, or the thread went this moment
    }
    return true
  }

  #ended(seat: Seat, reason: SeatEndReason, error: Error | undefined): void {
    this.#seats.delete(seat)
    this.#acceptedBefore += seat.member.accepted
    const broke = reason === 'crashed' || reason === 'hung'
    // A thread that fails while the pool starts, or while it replaces another, fails that; the rest is replaced.
    const replace = broke && seat.served && !seat.replaced && !this.#closing
    let pause: number | undefined
    if (broke) this.#crashed++
    if (replace) {
      pause = this.#backoff.afterCrash(performance.now() - seat.startedAt)
      this.#replaceAfter(pause)
    }
    this.emit('threadExit', {
      id: seat.id,
      reason,
      connections: seat.member.connections,
      ...(error && { error }),
      ...(pause !== undefined && { pause }),
    })
  }

  #replaceAfter(pause: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      if (this.#closing) return
      const began = performance.now()
      this.#addThread().catch(() => {
        if (!this.#closing) this.#replaceAfter(this.#backoff.afterCrash(performance.now() - began))
      })
    }, pause)
    this.#timers.add(timer)
  }

  async #reload({
    data,
    module,
    grace = this.#options.grace,
  }: {
    data?: unknown
    module?: URL | string
    grace?: number
  }): Promise<void> {
    if (this.#closing) throw new PoolError('ERR_POOL_CLOSED', 'The server pool is closed')
    // What is starting starts with what was: it has to be here to be replaced.
    await Promise.allSettled(this.#adding)
    const before = { module: this.#module, data: this.#data }
    if (module !== undefined) this.#module = moduleUrl(module)
    if (data !== undefined) this.#data = data
    const old = [...this.#seats].filter((seat) => seat.state === 'serving')
    const ended: Promise<void>[] = []
    for (const seat of old) {
      try {
        await this.#addThread(seat)
      } catch (error) {
        // What does not start must not replace what runs.
        if (ended.length === 0) ({ module: this.#module, data: this.#data } = before)
        await Promise.all(ended)
        throw error
      }
      ended.push(this.#retire(seat, grace, this.#options.handoverTime))
    }
    await Promise.all(ended)
  }

  /** No new connections from now on; then drain. */
  async #retire(seat: Seat, grace: number, handoverTime: number): Promise<void> {
    seat.replaced = true
    if (!seat.leave()) return
    seat.member.send({ kind: 'stopListening' })
    await Promise.race([seat.gone, new Promise((resolve) => setTimeout(resolve, handoverTime).unref())])
    await seat.drain(grace)
  }

  async #close(grace: number): Promise<{ cut: number }> {
    this.#hungWatch.stop()
    for (const timer of this.#timers) clearTimeout(timer)
    const noMore = this.#acceptor.close()
    let cut = 0
    this.on('threadExit', ({ connections }) => (cut += connections))
    await Promise.all(
      [...this.#seats].map(async (seat) => {
        if (seat.state === 'starting') seat.end('closed')
        else {
          seat.leave()
          await seat.drain(grace)
        }
        await seat.gone
      }),
    )
    await noMore
    return { cut: this.#started ? cut : 0 }
  }
}
