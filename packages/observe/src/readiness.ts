/** Resolves when the thing works; throws or rejects when not. `signal` aborts at the time-out. */
export type ReadinessCheck = (signal: AbortSignal) => unknown

export interface CheckResult {
  readonly status: 'ok' | 'failed' | 'timeout'
  readonly durationMs: number
}

export interface ReadinessReport {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, CheckResult>>
}

export interface ReadinessOptions {
  /** Milliseconds a check may take. @default 2000 */
  timeout?: number
  /** Milliseconds a report stays good, so that many probes cost one round of checks. @default 1000 */
  maxAge?: number
  /** Told why a check failed; the answer does not say it. */
  onFailure?: (name: string, error: unknown) => void
}

export const READINESS_DEFAULTS = Object.freeze({
  // Below the probe time-out that people set (a few seconds), so that the answer names the slow check.
  timeout: 2000,
  maxAge: 1000,
})

/**
 * The things this server needs before it can do its work. However many ask, each check runs at
 * most once at a time: one that hangs is reported, and not started again until it ends.
 */
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>()
  readonly #running = new Map<string, Promise<unknown>>()
  readonly #timeout: number
  readonly #maxAge: number
  readonly #onFailure: (name: string, error: unknown) => void
  #current: Promise<ReadinessReport> | null = null
  #reportedAt = Number.NEGATIVE_INFINITY

  /** @throws {TypeError} for a time that is no number of milliseconds */
  constructor(options: ReadinessOptions = {}) {
    this.#timeout = milliseconds('timeout', options.timeout ?? READINESS_DEFAULTS.timeout, 1)
    this.#maxAge = milliseconds('maxAge', options.maxAge ?? READINESS_DEFAULTS.maxAge, 0)
    this.#onFailure = options.onFailure ?? (() => {})
  }

  /** Adds a check; the function returned takes it away. @throws {TypeError} for a name that is taken */
  add(name: string, check: ReadinessCheck): () => void {
    if (this.#checks.has(name))
      throw new TypeError(`readiness: there is already a check ${JSON.stringify(name)}`)
    if (typeof check !== 'function')
      throw new TypeError(`readiness: check ${JSON.stringify(name)} must be a function`)
    this.#checks.set(name, check)
    this.#current = null
    return () => {
      if (this.#checks.get(name) === check) this.#checks.delete(name)
      this.#current = null
    }
  }

  /** Runs the checks at once, or gives the report of a moment ago. Never rejects. */
  report(): Promise<ReadinessReport> {
    if (this.#current !== null && performance.now() - this.#reportedAt < this.#maxAge) return this.#current
    this.#reportedAt = Number.POSITIVE_INFINITY // good while it is being made
    const current = this.#run().then((report) => {
      if (this.#current === current) this.#reportedAt = performance.now()
      return report
    })
    return (this.#current = current)
  }

  async #run(): Promise<ReadinessReport> {
    const results = await Promise.all(
      [...this.#checks].map(async ([name, check]) => [name, await this.#runOne(name, check)] as const),
    )
    return {
      ready: results.every(([, { status }]) => status === 'ok'),
      checks: Object.fromEntries(results),
    }
  }

  async #runOne(name: string, check: ReadinessCheck): Promise<CheckResult> {
    const start = performance.now()
    const controller = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'timeout'>((resolve) => {
      timer = setTimeout(resolve, this.#timeout, 'timeout')
    })
    let status: CheckResult['status']
    try {
      const first = await Promise.race([
        this.#start(name, check, controller.signal).then(() => 'ok' as const),
        late,
      ])
      status = first
      if (first === 'timeout') {
        const error = new Error(`the check ${name} took longer than ${this.#timeout} ms`)
        controller.abort(error)
        this.#onFailure(name, error)
      }
    } catch (error) {
      status = 'failed'
      this.#onFailure(name, error)
    }
    clearTimeout(timer)
    return { status, durationMs: Math.round(performance.now() - start) }
  }

  #start(name: string, check: ReadinessCheck, signal: AbortSignal): Promise<unknown> {
    const running = this.#running.get(name)
    if (running !== undefined) return running
    const started = (async () => check(signal))()
    const ended = (): void => {
      if (this.#running.get(name) === started) this.#running.delete(name)
    }
    this.#running.set(name, started)
    started.then(ended, ended)
    return started
  }
}

function milliseconds(option: string, value: number, least: number): number {
  if (typeof value === 'number' && value >= least && value < 2 ** 31) return value
  throw new TypeError(
    `readiness: ${option} must be milliseconds from ${least} to 2147483647, got ${String(value)}`,
  )
}
