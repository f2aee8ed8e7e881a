import { availableParallelism } from 'node:os'

/**
 * Lets a few in at a time; the others wait in line.
 *
 * libuv's pool, four threads unless `UV_THREADPOOL_SIZE` says otherwise, also reads files and looks up names. Compressions
 * that took all of it would hold up every static file of the server.
 */
export class Gate {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #inside = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Resolves when there is room. Each entry needs one `leave`. How many wait is the caller's to bound. */
  enter(): Promise<void> {
    if (this.#inside < this.#limit) {
      this.#inside++
      return Promise.resolve()
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#inside--
    else next() // takes over the place
  }
}

/** All threads of libuv's pool but one, and no more than can run: those in excess would only take each other's caches. */
export function threadsToUse(): number {
  const size = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4)
  return Math.max(1, Math.min((Number.isInteger(size) ? size : 4) - 1, availableParallelism()))
}

/** For long streams: a processor is left to the event loop too, or every other answer waits for its share of one. */
export function threadsForStreams(): number {
  return Math.max(1, Math.min(threadsToUse(), availableParallelism() - 1))
}
