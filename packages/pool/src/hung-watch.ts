import { performance } from 'node:perf_hooks'
import type { Seat } from './seat.ts'

export interface HungWatchOptions {
  /** ms between two heartbeats, and between two looks. */
  readonly heartbeatInterval: number
  /** ms of silence after which a thread is ended. */
  readonly heartbeatTimeout: number
}

/** Ends threads whose heartbeat has stopped. */
export class HungWatch {
  readonly #seats: Iterable<Seat>
  readonly #options: HungWatchOptions
  #timer: NodeJS.Timeout | undefined
  #lookedAt = 0

  constructor(seats: Iterable<Seat>, options: HungWatchOptions) {
    this.#seats = seats
    this.#options = options
  }

  start(): void {
    this.#lookedAt = performance.now()
    this.#timer = setInterval(() => this.#look(), this.#options.heartbeatInterval).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const now = performance.now()
    const { heartbeatInterval, heartbeatTimeout } = this.#options
    // This thread itself was stuck, or the machine slept: that says nothing of the others.
    const wasStuck = now - this.#lookedAt > heartbeatInterval * 3
    this.#lookedAt = now
    for (const seat of this.#seats) {
      if (wasStuck) seat.forgive(now)
      else if (seat.state !== 'starting' && seat.silentFor(now) > heartbeatTimeout) {
        seat.end('hung', new Error(`No heartbeat for ${Math.round(seat.silentFor(now))} ms`))
      }
    }
  }
}
