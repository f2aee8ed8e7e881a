import { EventEmitter } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { Acceptor, probeAddresses } from './acceptor.ts'
import { HungWatch } from './hung-watch.ts'
import { leastBusy } from './least-busy.ts'
import { moduleUrl } from './module-url.ts'
import { ServerCrew } from './server-crew.ts'
import { resolveServerOptions } from './server-options.ts'
import type { ResolvedServerOptions, ServerPoolOptions } from './server-options.ts'
import { askSeats, summary } from './server-stats.ts'
import type { ServerPoolEvents, ServerPoolStats } from './server-stats.ts'
import { strategyHere } from './server-strategy.ts'
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
  readonly #crew: ServerCrew
  readonly #hungWatch: HungWatch
  #nextTurn = 0
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
    this.size = options.threads
    this.strategy = strategyHere(options.strategy, {
      onlyTcp: options.listen.every(({ path }) => path === undefined),
      listens: options.listen.some(({ server }) => server !== undefined),
    })
    this.#acceptor = new Acceptor((socket, listener) => this.#give(socket, listener))
    this.#crew = new ServerCrew({ module: moduleUrl(module), data: options.data }, this.strategy, options, {
      ready: ({ id }) => {
        this.#acceptor.takeOver()
        this.emit('threadReady', { id })
        this.#acceptor.release()
      },
      ended: ({ id, member: { connections } }, reason, error, pause) =>
        this.emit('threadExit', {
          id,
          reason,
          connections,
          ...(error && { error }),
          ...(pause !== undefined && { pause }),
        }),
      message: ({ id }, value) => this.emit('message', { id, value }),
      returned: (socket, listener) => this.#acceptor.takeBack(socket, listener),
    })
    this.#hungWatch = new HungWatch(this.#crew.seats, options)
  }

  /**
   * Replaces the threads one by one by new ones, with new code and, if given, new data. Each new thread serves before
   * the old one is asked to drain. Fulfilled when the last old thread has ended; calls wait for each other.
   * @throws PoolError `ERR_POOL_SERVER_START` when a new thread does not come up: the old ones go on;
   *   `ERR_POOL_CLOSED` when the pool is closed before all have been replaced
   */
  reload({
    data,
    module,
    grace = this.#options.grace,
  }: { data?: unknown; module?: URL | string; grace?: number } = {}): Promise<void> {
    const change = {
      ...(module !== undefined && { module: moduleUrl(module) }),
      ...(data !== undefined && { data }),
    }
    const reload = this.#reloading.then(() => this.#crew.replaceAll(change, grace))
    this.#reloading = reload.catch(() => undefined)
    return reload
  }

  /** Sends a value to every thread's `message`. */
  broadcast(value: unknown): void {
    for (const seat of this.#crew.seats)
      if (seat.state !== 'starting') seat.member.send({ kind: 'message', value })
  }

  /** Sends a value to `message` of one thread. @returns false when it has ended, or has not begun to serve */
  send(id: number, value: unknown): boolean {
    for (const seat of this.#crew.seats) {
      if (seat.id !== id || seat.state === 'starting') continue
      seat.member.send({ kind: 'message', value })
      return true
    }
    return false
  }

  /** Asks every thread. One that does not answer within a second is listed without its own figures. */
  async stats(): Promise<ServerPoolStats> {
    const threads = await askSeats(this.#crew.seats)
    return summary(threads, {
      strategy: this.strategy,
      acceptedBefore: this.#crew.acceptedBefore,
      held: this.#acceptor.held,
      refused: this.#acceptor.refused,
      crashed: this.#crew.crashed,
    })
  }

  /**
   * Stops listening, lets every thread finish its connections within `grace` ms, ends the threads.
   * A second call with a grace of 0 cuts what a first one still waits for.
   * @returns how many connections were cut
   */
  close({ grace = this.#options.grace }: { grace?: number } = {}): Promise<{ cut: number }> {
    if (this.#closing && grace === 0) for (const seat of this.#crew.seats) seat.end('drained')
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
      this.#crew.listenAt = listen.map(({ host, backlog, ipv6Only }, index) => ({
        port: addresses[index]!.port,
        ...(host !== undefined && { host }),
        ...(backlog !== undefined && { backlog }),
        ...(ipv6Only !== undefined && { ipv6Only }),
      }))
      this.#setAddresses(addresses)
    }
    await Promise.all(Array.from({ length: first }, () => this.#crew.add()))
    if (this.strategy !== 'reusePort') this.#setAddresses(await this.#acceptor.listen(listen))
    if (first > 0) this.#acceptor.takeOver()
    this.#started = true
    for (let more = first; more < threads; more++) this.#crew.addAfter(0)
    this.#hungWatch.start()
  }

  #setAddresses(addresses: readonly (AddressInfo | string)[]): void {
    Object.assign(this, { addresses: Object.freeze([...addresses]) })
  }

  #give(socket: Socket, listener: number): boolean {
    const seat = leastBusy(this.#crew.seats, this.#nextTurn++, this.#options.heartbeatInterval * 2)
    if (seat === undefined) return false
    try {
      seat.member.handOver(socket, listener)
    } catch {
      socket.destroy() // reset by the client, or the thread went this moment
    }
    return true
  }

  async #close(grace: number): Promise<{ cut: number }> {
    this.#hungWatch.stop()
    const noMore = this.#acceptor.close()
    let cut = 0
    this.on('threadExit', ({ connections }) => (cut += connections))
    await this.#crew.close(grace)
    await noMore
    return { cut: this.#started ? cut : 0 }
  }
}
