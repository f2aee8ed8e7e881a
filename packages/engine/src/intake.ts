import type { ParseEvent, RequestHead } from '@tsws/parser'
import { ParseError, RequestParser } from '@tsws/parser'
import type { Duplex } from 'node:stream'
import type { Core } from './core.ts'
import type { Deadlines } from './deadlines.ts'
import type { RequestExchange } from './exchange.ts'

/** What is being read. */
export type Reading =
  | 'idle' // between requests: nothing of the next one has come
  | 'head' // part of a head has come
  | 'body' // a request is here, its body not yet to the end
  | 'whole' // a request is here, with all of its body
  | 'discard' // the rest of a body that nobody wanted is read past
  | 'ended' // nothing more can be read: its bytes make no sense, or the last answer is out

/**
 * Bytes that a packet waiting to be read is counted as beside its own: about what its objects take,
 * so that a client of one-byte packets is held back before it has filled memory with them.
 */
const PACKET_COST = 256

const HEAD = Buffer.from('HEAD ')

/** The reading side of a connection: bytes in, heads and bodies out, and a deadline for each wait between. */
export class Intake {
  reading: Reading = 'idle'
  /** The client's side is closed: what has not come will not come. */
  clientEnded = false
  bytesRead = 0
  readonly parser: RequestParser
  readonly #core: Core
  readonly #stream: Duplex
  readonly #deadlines: Deadlines
  /** Bytes that came since all was read, and what their packets cost. */
  #ahead = 0
  #discarded = 0

  constructor(core: Core, stream: Duplex, deadlines: Deadlines) {
    this.parser = new RequestParser(core.options.limits)
    this.#core = core
    this.#stream = stream
    this.#deadlines = deadlines
    deadlines.armRead('keep-alive', core.idleTimeout)
  }

  /** Takes what arrived. False when it is of no use any more. */
  take(bytes: Uint8Array): boolean {
    this.bytesRead += bytes.length
    if (this.reading === 'ended') return false
    this.#ahead += bytes.length + PACKET_COST
    this.parser.push(bytes)
    return true
  }

  /** Nobody reads just now: what comes beyond the limit has to wait with the client. */
  holdBack(): void {
    if (this.#ahead >= this.#core.options.maxBufferedBytes) this.#stream.pause()
  }

  /** All that came is read: the client may send on. */
  takeMore(): void {
    this.#ahead = 0
    if (this.#stream.isPaused()) this.#stream.resume()
  }

  /**
   * The next request's head; null while it has not come in full, or when none will: then `reading` is `ended`.
   * @throws {ParseError}
   */
  nextHead(): RequestHead | null {
    const { parser } = this
    if (this.reading === 'discard' && !this.#readPastBody()) return null
    if (parser.next() !== 'head') {
      this.#awaitHead()
      return null
    }
    const { head } = parser
    this.#deadlines.disarmRead()
    this.reading = 'body'
    if (head.contentLength === 0) {
      parser.next() // the end of a message that is only its head
      this.reading = 'whole'
    }
    return head
  }

  /** Whether what could not be read began as a HEAD: then its answer has no content either (RFC 9110 §9.3.2). */
  get beginsHead(): boolean {
    const bytes = this.parser.rest()
    return HEAD.every((byte, at) => bytes[at] === byte)
  }

  /** The request is answered: on to the next, past what was left of its body. */
  finishRequest(): void {
    this.#discarded = 0
    this.reading = this.reading === 'whole' ? 'idle' : 'discard'
  }

  /** Whatever comes now is read past unseen. */
  end(): void {
    this.reading = 'ended'
    this.#deadlines.disarmRead()
    if (this.#stream.isPaused()) this.#stream.resume()
  }

  #awaitHead(): void {
    const { idleTimeout, options } = this.#core
    if (this.clientEnded) {
      this.parser.finish()
      this.reading = 'ended'
    } else if (!this.parser.idle) {
      if (this.#deadlines.read !== 'head') this.#deadlines.armRead('head', options.headTimeout)
      this.reading = 'head'
    } else {
      // Once: empty lines, which are no request, must not keep a connection open.
      if (this.#deadlines.read === null) this.#deadlines.armRead('keep-alive', idleTimeout)
      this.reading = 'idle'
    }
  }

  /** Reads past what a handler left of its body; false while more has to come, and when it is too much or broken. */
  #readPastBody(): boolean {
    const { bodyTimeout, maxDiscardBytes } = this.#core.options
    for (let event = this.#nextOfUnread(); event !== 'end'; event = this.#nextOfUnread()) {
      if (event === 'data') this.#discarded += this.parser.data.length
      else if (event === null) return false
      else if (!this.clientEnded) {
        if (this.#deadlines.read === null) this.#deadlines.armRead('body', bodyTimeout)
        return false
      }
      if (event !== 'data' || this.#discarded > maxDiscardBytes) {
        this.reading = 'ended'
        return false
      }
    }
    this.#deadlines.disarmRead()
    this.reading = 'idle'
    return true
  }

  /** Null where the body breaks its framing: its request has its answer, and a second one would pass for the next one's. */
  #nextOfUnread(): ParseEvent | null {
    try {
      return this.parser.next()
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      this.reading = 'ended'
      return null
    }
  }

  // ── A body that a handler reads ──────────────────────────────────────────────────────────────

  /** Body bytes are waited for: lets them come, and starts their deadline. */
  awaitBody(exchange: RequestExchange): void {
    const { bodyTimeout, minBodyRate } = this.#core.options
    // What came earns time, and waiting spends it. Without a rate each wait has the whole timeout.
    const earned = minBodyRate === 0 ? exchange.bodyWaited : (exchange.bodyReceived * 1000) / minBodyRate
    exchange.waitingSince = this.#core.now
    this.#deadlines.armRead('body', Math.max(0, bodyTimeout + earned - exchange.bodyWaited))
    this.takeMore()
  }

  /** They came, or never will. */
  bodyArrived(exchange: RequestExchange): void {
    exchange.bodyWaited += this.#core.now - exchange.waitingSince
    this.#deadlines.disarmRead()
  }

  /** The body is here to its end. */
  bodyEnded(): void {
    this.reading = 'whole'
  }

  /** The body breaks its framing, or is not to be waited for: nothing after it can be read. */
  bodyBroken(): void {
    this.reading = 'ended'
  }
}
