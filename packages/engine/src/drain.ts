import type { Core } from './core.ts'

export interface CloseOptions {
  /** Milliseconds that requests in flight may take to finish before they are cut. 0: everything ends at once. @default 10_000 */
  grace?: number
  /**
   * Milliseconds that a connection has to be silent before it is ended, at most half of `grace`. Until
   * then a request that comes on it, or was on its way, is answered, with `Connection: close`.
   * 0: at once. @default 1_000
   */
  idleGrace?: number
}

export interface CloseSummary {
  /** Connections that ended with nothing owed to them while the server drained. */
  finished: number
  /** Connections cut in the middle of a request or its answer when the grace was over. */
  cut: number
}

/** Milliseconds: most answers take far less, and process managers kill after 10 to 30 s. */
const DEFAULT_GRACE = 10_000

/**
 * Milliseconds: a client in the midst of its work asks again sooner, and is told; one that does not was
 * hardly about to. Many times the way of a packet, so that what was sent before the end was decided is here.
 */
const DEFAULT_IDLE_GRACE = 1_000

/** Milliseconds between looks at the deadlines of a server that ends: somebody waits for it. */
const DRAIN_TICK = 50

/** Milliseconds, 24 days: a timer for longer would go off at once. */
const MAX_TIMER = 2 ** 31 - 1

/** @throws {TypeError} for a time that is no number of milliseconds */
export function resolveCloseOptions({
  grace = DEFAULT_GRACE,
  idleGrace = DEFAULT_IDLE_GRACE,
}: CloseOptions): Required<CloseOptions> {
  for (const [name, value] of Object.entries({ grace, idleGrace })) {
    if (!(value >= 0))
      throw new TypeError(`close: ${name} must be a number of milliseconds, got ${String(value)}`)
  }
  return { grace, idleGrace: Math.min(idleGrace, grace / 2) }
}

/**
 * Lets all connections end: each answer is now its connection's last and says so, and who is silent
 * is let go (RFC 9112 §9.6). What is left when the grace is over is cut, by `cutAll`.
 */
export class Drain {
  readonly done: Promise<CloseSummary>
  readonly #core: Core
  readonly #cutAll: () => void
  #cut = 0
  #cutAt = Infinity
  #timer: NodeJS.Timeout | undefined

  constructor(core: Core, times: Required<CloseOptions>, cutAll: () => void) {
    this.#core = core
    this.#cutAll = cutAll
    const before = core.opened - core.connections.size
    core.tick() // the time that is counted from must not be half a second old
    core.draining = true
    this.done = this.#empty().then(() => ({ finished: core.opened - before - this.#cut, cut: this.#cut }))
    this.shorten(times)
  }

  /** From now on no more than these times; those that would have been over sooner stay. */
  shorten({ grace, idleGrace }: Required<CloseOptions>): void {
    const core = this.#core
    core.idleTimeout = Math.min(core.idleTimeout, idleGrace)
    for (const connection of core.connections) connection.shutDown()
    const cutAt = core.options.clock.now() + grace
    if (core.connections.size === 0 || cutAt >= this.#cutAt) return
    this.#cutAt = cutAt
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#cutOff(), Math.min(grace, MAX_TIMER))
  }

  async #empty(): Promise<void> {
    const core = this.#core
    if (core.connections.size === 0) return
    const stopTicking = core.options.clock.every(DRAIN_TICK, () => core.tick())
    await new Promise<void>((resolve) => (core.onEmpty = resolve))
    clearTimeout(this.#timer)
    stopTicking()
  }

  #cutOff(): void {
    for (const connection of this.#core.connections) if (connection.owesAnswer) this.#cut++
    this.#cutAll()
  }
}
