import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { Backoff } from './backoff.ts'
import { PoolError } from './errors.ts'
import { openListeners } from './open-listeners.ts'
import { Seat, startFailure } from './seat.ts'
import type { SeatEndReason } from './seat.ts'
import type { ResolvedServerOptions } from './server-options.ts'
import type { ListenAt } from './server-protocol.ts'
import type { Strategy } from './server-strategy.ts'
import { toError } from './to-error.ts'

/** What each thread runs. */
export interface Program {
  /** URL */
  readonly module: string
  readonly data: unknown
}

export interface ServerCrewEvents {
  /** A thread serves. */
  ready(seat: Seat): void
  /** @param pause ms until another takes its place; undefined when none does */
  ended(seat: Seat, reason: SeatEndReason, error: Error | undefined, pause: number | undefined): void
  message(seat: Seat, value: unknown): void
  returned(socket: Socket, listener: number): void
}

/** The threads of a server pool: starts them, makes good for those that break, replaces them one by one, ends them. */
export class ServerCrew {
  readonly seats = new Set<Seat>()
  /** Threads that died or hung. */
  crashed = 0
  /** Connections accepted by threads that have ended. */
  acceptedBefore = 0
  /** Where each thread listens for itself (`reusePort`). */
  listenAt: readonly ListenAt[] = []

  readonly #strategy: Strategy
  readonly #options: ResolvedServerOptions
  readonly #events: ServerCrewEvents
  readonly #adding = new Set<Promise<Seat>>()
  readonly #backoff = new Backoff()
  readonly #timers = new Set<NodeJS.Timeout>()
  #program: Program
  #nextId = 1
  #closed = false

  constructor(
    program: Program,
    strategy: Strategy,
    options: ResolvedServerOptions,
    events: ServerCrewEvents,
  ) {
    this.#program = program
    this.#strategy = strategy
    this.#options = options
    this.#events = events
  }

  /**
   * Starts a thread. Fulfilled when it serves.
   * @param from the thread whose place it takes, with its listening sockets
   * @throws PoolError `ERR_POOL_SERVER_START` when it does not come up, `ERR_POOL_CLOSED`
   */
  add(from?: Seat): Promise<Seat> {
    const adding = this.#start(from)
    const done = (): void => void this.#adding.delete(adding)
    this.#adding.add(adding)
    adding.then(done, done)
    return adding
  }

  /** Starts a thread after so many ms, and if it does not come up, again and again, each time later. */
  addAfter(pause: number): void {
    if (this.#closed) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      const began = performance.now()
      this.add().catch(() => this.addAfter(this.#backoff.afterCrash(performance.now() - began)))
    }, pause)
    this.#timers.add(timer)
  }

  /**
   * Replaces the threads one by one: each successor serves before its predecessor drains. Fulfilled when the last
   * of these has ended. When a successor does not start, those that were not replaced yet go on.
   */
  async replaceAll(change: Partial<Program>, grace: number): Promise<void> {
    this.#assertOpen()
    // What is starting starts with what was: it has to be here to be replaced.
    await Promise.allSettled(this.#adding)
    this.#assertOpen()
    const before = this.#program
    this.#program = { ...before, ...change }
    const ended: Promise<void>[] = []
    try {
      for (const seat of Array.from(this.seats)) {
        this.#assertOpen()
        // One that broke before its turn is made good for by one of the new kind.
        if (seat.state !== 'serving') continue
        await this.#succeed(seat)
        ended.push(this.#retire(seat, grace))
      }
    } catch (error) {
      if (ended.length === 0) this.#program = before
      throw error
    } finally {
      await Promise.all(ended)
    }
  }

  /** Ends all threads, each when it has drained or after `grace` ms, and starts no more. */
  async close(grace: number): Promise<void> {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    await Promise.all(
      Array.from(this.seats, async (seat) => {
        if (seat.state === 'starting') seat.end('closed')
        else {
          seat.leave()
          await seat.drain(grace)
        }
        await seat.gone
      }),
    )
  }

  async #start(from: Seat | undefined): Promise<Seat> {
    this.#assertOpen()
    const seat = this.#take()
    this.seats.add(seat)
    await seat.ready
    if (this.#strategy === 'reusePort') await openListeners(seat, from, this.listenAt)
    // What a thread said and that it has ended can arrive in one turn.
    if (!seat.serve()) throw startFailure(new Error('It ended as soon as it was ready'))
    this.#events.ready(seat)
    return seat
  }

  #take(): Seat {
    const { listen, heartbeatInterval, startTimeout, resourceLimits } = this.#options
    try {
      const seat: Seat = new Seat(
        {
          ...this.#program,
          id: this.#nextId++,
          strategy: this.#strategy,
          listeners: listen.map(({ allowHalfOpen = false, noDelay = false }) => ({ allowHalfOpen, noDelay })),
          heartbeatInterval,
          resourceLimits,
        },
        startTimeout,
        {
          ended: (ended, reason, error) => this.#ended(ended, reason, error),
          returned: (socket, listener) => this.#events.returned(socket, listener),
          message: (value) => this.#events.message(seat, value),
        },
      )
      return seat
    } catch (error) {
      throw startFailure(toError(error)) // no thread to be had, or data that cannot be cloned
    }
  }

  #ended(seat: Seat, reason: SeatEndReason, error: Error | undefined): void {
    this.seats.delete(seat)
    this.acceptedBefore += seat.member.accepted
    const broke = reason === 'crashed' || reason === 'hung'
    if (broke) this.crashed++
    // One that has not served yet fails whoever waits for it, and one that has a successor is made good for by that.
    const isMissed = broke && seat.served && !seat.replaced && !this.#closed
    const pause = isMissed ? this.#backoff.afterCrash(performance.now() - seat.startedAt) : undefined
    if (pause !== undefined) this.addAfter(pause)
    this.#events.ended(seat, reason, error, pause)
  }

  /** Starts the thread that takes the place of this one, which may break meanwhile. */
  async #succeed(seat: Seat): Promise<void> {
    seat.replaced = true
    try {
      await this.add(seat)
    } catch (error) {
      seat.replaced = false
      if (seat.state === 'ended') this.addAfter(0)
      throw error
    }
  }

  /** No new connections from now on; then drain. */
  async #retire(seat: Seat, grace: number): Promise<void> {
    if (!seat.leave()) return
    seat.member.send({ kind: 'stopListening' })
    const { handoverTime } = this.#options
    await Promise.race([seat.gone, new Promise((resolve) => setTimeout(resolve, handoverTime).unref())])
    await seat.drain(grace)
  }

  #assertOpen(): void {
    if (this.#closed) throw new PoolError('ERR_POOL_CLOSED', 'The server pool is closed')
  }
}
