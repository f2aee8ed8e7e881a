/** What a connection can be waiting for on its reading side. */
export type ReadDeadline = 'keep-alive' | 'head' | 'body' | 'linger'
/** And on its answering side. */
export type WriteDeadline = 'handler' | 'write' | 'end of body'

/** The server's idea of now, in milliseconds; as fresh as its last tick. */
export interface CoarseTime {
  readonly now: number
}

/**
 * The two waits a connection may be in at once: for the client's bytes, and for its own answer to
 * be made or taken. Arming one stores two values; the server's tick does the rest.
 */
export class Deadlines {
  read: ReadDeadline | null = null
  write: WriteDeadline | null = null
  readonly #time: CoarseTime
  #readAt = Infinity
  #writeAt = Infinity

  constructor(time: CoarseTime) {
    this.#time = time
  }

  /** `timeout` in milliseconds from now; `Infinity` never comes. */
  armRead(what: ReadDeadline, timeout: number): void {
    this.read = what
    this.#readAt = this.#time.now + timeout
  }

  /** What is waited for stays the same, for at most `timeout` from now. */
  shortenRead(timeout: number): void {
    this.#readAt = Math.min(this.#readAt, this.#time.now + timeout)
  }

  disarmRead(): void {
    this.read = null
    this.#readAt = Infinity
  }

  armWrite(what: WriteDeadline, timeout: number): void {
    this.write = what
    this.#writeAt = this.#time.now + timeout
  }

  disarmWrite(): void {
    this.write = null
    this.#writeAt = Infinity
  }

  get readIsOver(): boolean {
    return this.#time.now >= this.#readAt
  }

  get writeIsOver(): boolean {
    return this.#time.now >= this.#writeAt
  }
}
