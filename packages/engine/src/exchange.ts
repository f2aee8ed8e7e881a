import type { ConnectionInfo, Exchange, FieldLines, HttpHeaders, HttpRequest } from '@tsws/http'
import { ParseError } from '@tsws/parser'
import type { RequestHead } from '@tsws/parser'
import * as errors from './errors.ts'
import type { Intake } from './intake.ts'

/** What a request needs of the connection it arrives on. */
export interface ExchangeHost extends ConnectionInfo {
  /** Where its body comes from. */
  readonly intake: Intake
  /** Whether this exchange still has its turn. */
  isCurrent(exchange: RequestExchange): boolean
  /** All connections together hold more than they may. */
  readonly isOverloaded: boolean
  sendInterim(exchange: RequestExchange, status: number, headers: HttpHeaders | null): void
}

/** How far an answer got. */
export interface Sent {
  status: number
  /** Body bytes handed to the stream, framing not counted. */
  bytes: number
}

/**
 * One request's turn on a connection. It outlives the turn without harm: a handler that goes on
 * reading after its answer is refused, and never meets the bytes of the next request.
 */
export class RequestExchange implements Exchange, Sent {
  readonly head: RequestHead
  readonly connection: ExchangeHost
  readonly bodyLength: number
  trailers: FieldLines | null = null
  /** Body bytes handed on so far. */
  bodyReceived = 0
  gathered = false
  /** An `Expect` is still unanswered: the client may hold its body back until it is (RFC 9110 §10.1.1). */
  awaitsContinue: boolean
  /** Milliseconds that the body has been waited for: the client's time, not the handler's. */
  bodyWaited = 0
  waitingSince = 0
  /** What is left of this exchange is not worth the connection: a body too large. */
  mustClose = false
  /** The head of the final answer is out: from here a failure can only cut the connection. */
  answered = false
  /** An answer to a failure is being made: another failure gets a bare one. */
  failed = false
  /** Whether the connection goes on after the answer. */
  persist = false
  /** What went out: 499 stands for nothing, as in nginx's logs. */
  status = 499
  bytes = 0
  /** When the head was whole, where somebody times answers. */
  startedAt = 0
  request!: HttpRequest
  #maxBodyBytes: number
  #ended: boolean
  #waiter: { resolve(piece: Uint8Array | null): void; reject(error: unknown): void } | null = null

  constructor(connection: ExchangeHost, head: RequestHead, maxBodyBytes: number) {
    this.connection = connection
    this.head = head
    this.bodyLength = head.contentLength
    this.awaitsContinue = (head.expectContinue || head.expectUnknown) && head.contentLength !== 0
    this.#maxBodyBytes = maxBodyBytes
    this.#ended = head.contentLength === 0
  }

  get maxBodyBytes(): number {
    return this.#maxBodyBytes
  }
  set maxBodyBytes(limit: number) {
    if (!(limit >= 0)) throw new TypeError(`maxBodyBytes must be a number of bytes, got ${String(limit)}`)
    this.#maxBodyBytes = limit
  }

  /** Bytes of the body that are in memory, though they were handed on. */
  get bodyHeld(): number {
    return this.gathered ? this.bodyReceived : 0
  }

  get waitsForBody(): boolean {
    return this.#waiter !== null
  }

  readBody(): Uint8Array | null | Promise<Uint8Array | null> {
    if (this.#ended) return null
    if (!this.connection.isCurrent(this)) throw errors.requestIsOver()
    // RFC 9110 §15.5.14: what announces itself as too large is refused before it is sent.
    if (this.bodyLength > this.#maxBodyBytes) throw this.#tooLarge()
    const here = this.#pull()
    if (here !== undefined) return here
    if (this.connection.intake.clientEnded) throw this.#broken(errors.bodyIncomplete(this.bodyReceived))
    const piece = new Promise<Uint8Array | null>((resolve, reject) => {
      this.#waiter = { resolve, reject }
    })
    this.connection.intake.awaitBody(this)
    // Only now that somebody waits: in memory the body may arrive before `sendInterim` returns. Once
    // the answer's head is out, it is in the client's place to send or not (RFC 9110 §10.1.1).
    if (this.awaitsContinue && !this.answered) this.connection.sendInterim(this, 100, null)
    this.awaitsContinue = false
    return piece
  }

  /** More bytes are with the parser: whoever waits for the body gets them. */
  feed(): void {
    const waiter = this.#waiter
    if (waiter === null) return
    try {
      const piece = this.#pull()
      if (piece === undefined) return
      this.#waiter = null
      this.connection.intake.bodyArrived(this)
      waiter.resolve(piece)
    } catch (error) {
      this.failBody(error)
    }
  }

  /** The body cannot be read on; who waits for it is told why. */
  failBody(error: unknown): void {
    const waiter = this.#waiter
    if (waiter === null) return
    this.#waiter = null
    this.connection.intake.bodyArrived(this)
    waiter.reject(error)
  }

  /** @throws {ResponseError} `ERR_FORBIDDEN_FIELD`: an interim response has no content to frame (RFC 9110 §8.6) */
  sendInformational(status: number, headers: HttpHeaders): void {
    if (headers.has('content-length') || headers.has('transfer-encoding')) {
      throw new errors.ResponseError(
        'ERR_FORBIDDEN_FIELD',
        `an interim response (${status}) cannot carry Content-Length or Transfer-Encoding`,
      )
    }
    if (this.answered || !this.connection.isCurrent(this)) return
    this.connection.sendInterim(this, status, headers)
  }

  /** The next piece, null at the end, undefined where it has not come yet. */
  #pull(): Uint8Array | null | undefined {
    const { parser } = this.connection.intake
    try {
      const event = parser.next()
      if (event === 'need-more') return undefined
      this.awaitsContinue = false // the client did not wait: 100 may be left out (RFC 9110 §10.1.1)
      if (event === 'data') {
        this.bodyReceived += parser.data.length
        if (this.bodyReceived > this.#maxBodyBytes) throw this.#tooLarge()
        if (this.gathered && this.connection.isOverloaded) throw this.#tooMuch()
        return parser.data
      }
    } catch (error) {
      throw error instanceof ParseError ? this.#broken(errors.fromParseError(error)) : error
    }
    this.#ended = true
    this.trailers = parser.trailers
    this.connection.intake.bodyEnded()
    return null
  }

  #tooLarge(): Error {
    this.mustClose = true
    return errors.bodyTooLarge(this.#maxBodyBytes)
  }

  /** Many bodies, each of which may be as large, are more than memory has room for. */
  #tooMuch(): Error {
    this.mustClose = true
    return errors.overloaded()
  }

  #broken(error: Error): Error {
    this.connection.intake.bodyBroken()
    return error
  }
}
