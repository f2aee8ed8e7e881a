import { openSink } from './log-sink.ts'
import type { LogSink, LogTarget } from './log-sink.ts'

export interface LogDestinationOptions {
  /** Told once when lines cannot be written, and once at the end how many were lost. @default writes to stderr */
  onTrouble?: (message: string) => void
}

/** Milliseconds a line may wait for others, so that many go out in one write. */
const BATCH_DELAY = 20
/** Characters that are written without waiting longer. */
const BATCH_SIZE = 64 * 1024
/** Characters kept while the destination does not take them; lines beyond are dropped and counted. */
const MAX_BUFFERED = 4 * 1024 * 1024
/** Milliseconds until a failed write is tried again: a full disk stays full for a while. */
const RETRY_DELAY = 1000
/** Milliseconds `close` waits for the last lines. */
const CLOSE_TIMEOUT = 1000

/**
 * Takes log lines without ever blocking, throwing or growing without bound. Lines of a few
 * milliseconds go out in one write. A full disk is waited for; what a reader no longer takes is
 * dropped and counted.
 */
export class LogDestination {
  readonly #sink: LogSink
  readonly #onTrouble: (message: string) => void
  #pending = ''
  #pendingLines = 0
  #inFlight: Buffer | null = null
  #inFlightLines = 0
  #timer: NodeJS.Timeout | null = null
  /** Whether what is in flight has failed and waits for its next try. */
  #retrying = false
  #pendingWaiters: (() => void)[] = []
  #inFlightWaiters: (() => void)[] = []
  #broken = false
  #closing: Promise<void> | null = null
  #closed = false
  #told = false
  #lostLines = 0

  /** @throws {Error} when a path cannot be opened for writing */
  constructor(target: LogTarget, options: LogDestinationOptions = {}) {
    this.#sink = openSink(target)
    this.#onTrouble = options.onTrouble ?? tellStderr
    flushAtExit(this)
  }

  /** Lines that were dropped so far. */
  get lostLines(): number {
    return this.#lostLines
  }

  /** Takes lines that end in a newline; usually one. */
  write(line: string): void {
    if (this.#broken || this.#closed || this.#pending.length + line.length > MAX_BUFFERED) {
      this.#lostLines++
      if (!this.#closed) this.#tell('the log is not read fast enough; lines are dropped')
      return
    }
    this.#pending += line
    this.#pendingLines++
    if (this.#inFlight !== null) return
    if (this.#pending.length >= BATCH_SIZE) this.#send()
    else this.#timer ??= setTimeout(this.#send, BATCH_DELAY)
  }

  /** Resolves when everything written so far has gone out or is lost. */
  flush(): Promise<void> {
    if (this.#retrying) this.#timer?.ref()
    if (this.#pending === '' && this.#inFlight === null) return Promise.resolve()
    return new Promise((resolve) => {
      if (this.#pending === '') this.#inFlightWaiters.push(resolve)
      else this.#pendingWaiters.push(resolve)
      if (this.#inFlight === null) this.#send()
    })
  }

  /** What can go out without waiting; for the end of the process. */
  flushSync(): void {
    if (this.#broken) return
    // A write that is under way will still finish; one that has failed stands first in line.
    const failed = this.#retrying ? this.#inFlight : null
    const bytes = Buffer.concat([failed ?? NO_BYTES, Buffer.from(this.#pending)])
    if (bytes.length === 0) return
    const lines = this.#pendingLines + (failed === null ? 0 : this.#inFlightLines)
    if (this.#sink.writeSync(bytes) < bytes.length) this.#lostLines += lines
    this.#pending = ''
    this.#pendingLines = 0
    if (failed === null) return
    this.#inFlight = null
    this.#inFlightLines = 0
    this.#retrying = false
  }

  /** Writes what is left, for at most a second; later lines are dropped. */
  close(): Promise<void> {
    return (this.#closing ??= this.#end())
  }

  async #end(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await Promise.race([
      this.flush(),
      new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_TIMEOUT))),
    ])
    clearTimeout(timer)
    this.#closed = true
    this.#dropAll()
    open.delete(this)
    if (this.#lostLines > 0) this.#onTrouble(`${this.#lostLines} log lines were lost`)
    // A write still under way needs the descriptor: its number could soon be another file's.
    if (this.#inFlight === null || this.#retrying) this.#sink.close()
  }

  readonly #send = (): void => {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#retrying = false
    if (this.#inFlight === null) {
      this.#inFlight = Buffer.from(this.#pending)
      this.#inFlightLines = this.#pendingLines
      this.#inFlightWaiters = this.#pendingWaiters
      this.#pending = ''
      this.#pendingLines = 0
      this.#pendingWaiters = []
    }
    this.#sink.write(this.#inFlight, this.#sent)
  }

  readonly #sent = (error: NodeJS.ErrnoException | null, written: number): void => {
    if (this.#closed) return this.#sink.close()
    if (error !== null) return this.#failed(error, written)
    this.#inFlight = null
    this.#inFlightLines = 0
    const waiters = this.#inFlightWaiters
    this.#inFlightWaiters = []
    for (const wake of waiters) wake()
    if (this.#pending.length >= BATCH_SIZE || this.#pendingWaiters.length > 0) this.#send()
    else if (this.#pending !== '') this.#timer = setTimeout(this.#send, BATCH_DELAY)
  }

  #failed(error: NodeJS.ErrnoException, written: number): void {
    if (this.#sink.recovers(error)) {
      // The half of a line that went out must be continued, not begun again.
      this.#inFlight = (this.#inFlight as Buffer).subarray(written)
      this.#retrying = true
      this.#timer = setTimeout(this.#send, RETRY_DELAY)
      if (this.#pendingWaiters.length + this.#inFlightWaiters.length === 0) this.#timer.unref()
      this.#tell(`the log cannot be written (${error.message}); it is tried again every second`)
      return
    }
    this.#broken = true
    this.#dropAll()
    this.#tell(`the log cannot be written any more (${error.message}); lines are dropped`)
  }

  #dropAll(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#lostLines += this.#pendingLines + this.#inFlightLines
    this.#pending = ''
    this.#pendingLines = 0
    this.#inFlightLines = 0
    if (this.#broken) this.#inFlight = null
    for (const wake of [...this.#inFlightWaiters, ...this.#pendingWaiters]) wake()
    this.#inFlightWaiters = []
    this.#pendingWaiters = []
  }

  #tell(message: string): void {
    if (this.#told) return
    this.#told = true
    this.#onTrouble(message)
  }
}

const NO_BYTES = Buffer.alloc(0)

function tellStderr(message: string): void {
  // Standard error may be a closed pipe too: without a listener that would end the process.
  if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => {})
  process.stderr.write(`tsws: ${message}\n`)
}

const open = new Set<LogDestination>()
let listening = false

function flushAtExit(destination: LogDestination): void {
  if (!listening) process.on('exit', flushAll)
  listening = true
  open.add(destination)
}

function flushAll(): void {
  for (const destination of open) destination.flushSync()
}
