import { closeBody, HttpRequest } from '@tsws/http'
import type { HttpHeaders, HttpResponse } from '@tsws/http'
import { ParseError, RequestParser } from '@tsws/parser'
import type { RequestHead } from '@tsws/parser'
import type { Duplex } from 'node:stream'
import { frameAnswer } from './answer-framing.ts'
import type { AnswerFraming } from './answer-framing.ts'
import type { Core } from './core.ts'
import { Deadlines } from './deadlines.ts'
import { encodeHead, encodeInterim } from './encode-head.ts'
import * as errors from './errors.ts'
import { RequestExchange } from './exchange.ts'
import type { ExchangeHost } from './exchange.ts'
import { bareFailure, failureResponse, giveUp, refusal } from './failure-response.ts'
import { handOver, takerFor } from './hand-over.ts'
import type { Taker } from './hand-over.ts'
import { Output } from './output.ts'
import { mayPersist } from './persistence.ts'
import { checkResponse } from './response-check.ts'
import { sendBody } from './send-body.ts'
import { Transport } from './transport.ts'

/** What is being read. */
export type Reading =
  | 'idle' // between requests: nothing of the next one has come
  | 'head' // part of a head has come
  | 'body' // a request is here, its body not yet to the end
  | 'whole' // a request is here, with all of its body
  | 'discard' // the rest of a body that nobody wanted is read past
  | 'ended' // nothing more can be read: its bytes make no sense, or the last answer is out

/** What is being written. */
export type Writing =
  | 'idle' // nothing is owed
  | 'handler' // a request is with the handler
  | 'body' // the body of an answer is on its way
  | 'full' // answers are out, but the client is slow to take them
  | 'turn' // it had its turn of answers, and others have theirs
  | 'closing' // the last answer is out; reading on so that the client gets it
  | 'closed' // also: handed over to another protocol

/**
 * Bytes that a packet waiting to be read is counted as beside its own: about what its objects take,
 * so that a client of one-byte packets is held back before it has filled memory with them.
 */
const PACKET_COST = 256

/**
 * Milliseconds of reading on after the end of an idle connection, so that a request which was on its
 * way meets an end and no reset, and a last answer not yet read is not lost to one (RFC 9112 §9.6):
 * a round trip around the world, and no more, since a pool may keep its side open until it next looks.
 */
const IDLE_LINGER = 500

/**
 * One connection, from its first byte to its last. First the story of a request, from `receive`
 * down; then what the client may do besides, what a request's body asks for, and the deadlines.
 */
export class Connection extends Transport implements ExchangeHost {
  reading: Reading = 'idle'
  writing: Writing = 'idle'
  requests = 0
  bytesRead = 0
  clientEnded = false
  readonly openedAt: number
  readonly parser: RequestParser
  readonly #core: Core
  readonly #deadlines: Deadlines
  readonly #output: Output
  #exchange: RequestExchange | null = null
  #lingerTimeout: number
  #answersInRow = 0
  /** Bytes that came since all was read, and what their packets cost. */
  #ahead = 0
  #discarded = 0
  /** The end of the connection is the end of the body that goes out (RFC 9112 §6.3). */
  #endsBody = false

  constructor(core: Core, stream: Duplex, encrypted: boolean) {
    super(stream, encrypted)
    this.openedAt = core.now
    this.parser = new RequestParser(core.options.limits)
    this.#core = core
    this.#lingerTimeout = core.options.lingerTimeout
    this.#deadlines = new Deadlines(core)
    this.#output = new Output(stream, this.#deadlines, core)
    this.#deadlines.armRead('keep-alive', core.idleTimeout)
  }

  /** Bytes arrived. */
  receive(bytes: Uint8Array): void {
    this.bytesRead += bytes.length
    if (this.reading === 'ended') return
    this.#ahead += bytes.length + PACKET_COST
    this.parser.push(bytes)
    if (this.writing === 'idle') {
      this.#answersInRow = 0
      this.#serve()
    } else if (this.#exchange?.waitsForBody) this.#exchange.feed()
    else if (this.#ahead >= this.#core.options.maxBufferedBytes) this.stream.pause()
  }

  /** Answers one request after another, for as long as nothing has to be waited for. */
  #serve(): void {
    while (this.writing === 'idle' && !this.#output.isFull) {
      if (this.#answersInRow >= this.#core.options.maxAnswersInRow) {
        this.writing = 'turn'
        setImmediate(() => this.#goOn('turn'))
        break
      }
      const head = this.#readHead()
      if (head === null) break
      this.#answersInRow++
      this.#answer(head)
    }
    const taken = this.#output.flush()
    if (this.writing !== 'idle') return
    if (!taken) {
      this.writing = 'full'
      this.#deadlines.disarmRead() // nothing is read before the client has taken what it asked for
      this.#output.expectProgress()
    } else this.#takeMore()
  }

  /** All that came is read: the client may send on. */
  #takeMore(): void {
    this.#ahead = 0
    if (this.stream.isPaused()) this.stream.resume()
  }

  /** What held the connection back is over. */
  #goOn(from: 'full' | 'turn'): void {
    if (this.writing !== from) return
    this.writing = 'idle'
    this.#answersInRow = 0
    this.#serve()
  }

  /** The next request's head; null while it has not come in full. */
  #readHead(): RequestHead | null {
    try {
      if (this.reading === 'discard' && !this.#readPastBody()) return null
      if (this.parser.next() === 'head') return this.parser.head
      this.#awaitHead()
    } catch (error) {
      this.#refuse(error instanceof ParseError ? errors.fromParseError(error) : error)
    }
    return null
  }

  /** Hands a request to the handler and its answer on, at once where there is nothing to wait for. */
  #answer(head: RequestHead): void {
    const core = this.#core
    const exchange = new RequestExchange(this, head, core.options.maxBodyBytes)
    const request = (exchange.request = new HttpRequest(head, exchange))
    this.#exchange = exchange
    this.#deadlines.disarmRead()
    this.requests++
    this.writing = 'handler'
    this.reading = 'body'
    if (head.contentLength === 0) {
      this.parser.next() // the end of a message that is only its head
      this.reading = 'whole'
    }
    if (core.observers.watchesResponses) exchange.startedAt = performance.now()
    core.observers.request(request)
    try {
      const taker = takerFor(head, core.options)
      if (taker !== null) return this.#handOver(request, taker)
      if (core.overloaded) throw errors.overloaded()
      if (head.expectUnknown) throw errors.expectationFailed()
      const answer = core.handler(request)
      // Any thenable counts, as it does for `await`; made a promise of Node's, which settles once.
      if (isThenable(answer)) this.#await(exchange, Promise.resolve(answer))
      else this.#respond(exchange, answer)
    } catch (error) {
      this.#fail(exchange, error)
    }
  }

  #await(exchange: RequestExchange, answer: Promise<HttpResponse>): void {
    const { handlerTimeout } = this.#core.options
    if (handlerTimeout !== Infinity) this.#deadlines.armWrite('handler', handlerTimeout)
    answer.then(
      (response) => {
        if (!this.isCurrent(exchange)) return giveUp(response) // it comes too late
        this.#respond(exchange, response)
        this.#serve()
      },
      (error: unknown) => {
        if (!this.isCurrent(exchange)) return
        this.#fail(exchange, error)
        this.#serve()
      },
    )
  }

  /** Sends an answer. The head settles everything; the body follows as what it is. */
  #respond(exchange: RequestExchange, response: HttpResponse): void {
    try {
      checkResponse(response)
      const { body, headers, status } = response
      const { method, minorVersion } = exchange.head
      const plan = frameAnswer(response, method, minorVersion)
      exchange.persist = !plan.close && plan.framing !== 'close' && mayPersist(exchange, this, this.#core)
      const option = !exchange.persist
        ? 'Connection: close\r\n'
        : minorVersion === 0
          ? 'Connection: keep-alive\r\n'
          : ''
      this.#deadlines.disarmWrite()
      this.#output.text(encodeHead(status, headers, plan.framing, plan.announced, option, plan.date))
      exchange.answered = true
      this.#endsBody = plan.framing === 'close'
      exchange.sent.status = status
      if (!this.#output.whole(body, plan.length)) return void this.#send(exchange, response, plan)
      if (plan.length === 0 && body !== null) void closeBody(body)
      exchange.sent.bytes = plan.length
      this.#finish(exchange)
    } catch (error) {
      giveUp(response)
      this.#fail(exchange, error)
    }
  }

  /** A body that takes time: it waits for the client, and the client for it. */
  async #send(exchange: RequestExchange, response: HttpResponse, plan: AnswerFraming): Promise<void> {
    this.writing = 'body'
    const failure = await sendBody(this.#output, response, plan.framing, plan.announced, exchange.sent)
    if (!this.isCurrent(exchange)) return
    if (failure !== null) return this.#fail(exchange, failure)
    this.#finish(exchange)
    this.#serve()
  }

  /** An answer's last byte is in the output: on to the next request, or towards the end. */
  #finish(exchange: RequestExchange): void {
    this.#exchange = null
    if (exchange.waitsForBody) exchange.failBody(errors.requestIsOver())
    this.#core.observers.finished(exchange, 'complete')
    // Once bytes were dropped, what comes next cannot be told, whatever the head promised.
    if (!exchange.persist || this.reading === 'ended') return this.#close()
    this.writing = 'idle'
    if (this.reading === 'whole') this.reading = 'idle'
    else {
      this.reading = 'discard'
      this.#discarded = 0
    }
  }

  /** A failure becomes an answer; or, with a head out already, a cut, which alone tells the client (RFC 9112 §8). */
  #fail(exchange: RequestExchange, failure: unknown): void {
    if (!this.isCurrent(exchange) || this.stream.destroyed) return // the client is gone, and `gone` will say so
    if (exchange.answered) {
      this.#core.observers.error(failure, exchange.request, this)
      return this.destroy()
    }
    if (exchange.failed) {
      this.#core.observers.error(failure, exchange.request, this)
      return this.#respond(exchange, bareFailure())
    }
    exchange.failed = true
    this.#respond(exchange, failureResponse(this.#core, failure, exchange.request, this))
  }

  /** What came is no request: one answer, and the end (RFC 9112 §2.2, §9.6). */
  #refuse(failure: unknown): void {
    const { status, head, body } = refusal(this.#core, failure, this)
    this.#output.text(head)
    this.#output.bytes(body)
    this.#core.observers.refused(this, status, body.length)
    this.#close()
  }

  /** The client asked for another protocol or a tunnel: from here on the stream is somebody else's. */
  #handOver(request: HttpRequest, taker: Taker): void {
    this.#output.flush()
    this.#exchange = null
    this.writing = 'closed'
    handOver(this.#core, this, request, taker)
  }

  /** Ends a connection that waits for a request: all was said a while ago. */
  #closeIdle(): void {
    this.#lingerTimeout = Math.min(IDLE_LINGER, this.#lingerTimeout)
    this.#close()
  }

  /** Ends our side once all is out. Reading goes on, or a reset would take the answer from a client still sending. */
  #close(): void {
    this.writing = 'closing'
    this.reading = 'ended'
    this.#deadlines.disarmRead()
    this.#output.flush()
    this.#output.expectProgress()
    this.stream.end()
    if (this.stream.isPaused()) this.stream.resume()
  }

  // ── What the client does besides sending requests ────────────────────────────────────────────

  /** It sends no more; it may still read (RFC 9112 §9.6). */
  receiveEnd(): void {
    this.clientEnded = true
    if (this.writing === 'idle') this.#serve()
    else if (this.#exchange?.waitsForBody) {
      this.reading = 'ended'
      this.#exchange.failBody(errors.bodyIncomplete(this.#exchange.bodyReceived))
    }
  }

  /** It takes more. */
  drain(): void {
    if (this.#deadlines.write === 'write') this.#deadlines.disarmWrite() // and not the next handler's
    this.#output.wake()
    this.#goOn('full')
  }

  /** It is gone, or we cut it off. */
  gone(): void {
    if (this.writing === 'closed') return
    this.writing = 'closed'
    this.reading = 'ended'
    const exchange = this.#exchange
    this.#exchange = null
    this.#output.abandon()
    if (exchange !== null) {
      const error = new errors.ClientGoneError()
      exchange.failBody(error)
      exchange.request.abort(error)
      this.#core.observers.finished(exchange, 'aborted')
    }
    this.#core.remove(this)
  }

  // ── Between two requests ─────────────────────────────────────────────────────────────────────

  #awaitHead(): void {
    const { idleTimeout, options } = this.#core
    if (this.clientEnded) {
      this.parser.finish()
      this.#close()
    } else if (!this.parser.idle) {
      if (this.#deadlines.read !== 'head') this.#deadlines.armRead('head', options.headTimeout)
      this.reading = 'head'
    } else {
      // Once: empty lines, which are no request, must not keep a connection open.
      if (this.#deadlines.read === null) this.#deadlines.armRead('keep-alive', idleTimeout)
      this.reading = 'idle'
    }
  }

  /** Reads past what a handler left of its body; false while more has to come. */
  #readPastBody(): boolean {
    const { bodyTimeout, maxDiscardBytes } = this.#core.options
    for (let event = this.parser.next(); event !== 'end'; event = this.parser.next()) {
      if (event === 'data') this.#discarded += this.parser.data.length
      else if (!this.clientEnded) {
        if (this.#deadlines.read === null) this.#deadlines.armRead('body', bodyTimeout)
        return false
      }
      if (event !== 'data' || this.#discarded > maxDiscardBytes) {
        this.#close()
        return false
      }
    }
    this.#deadlines.disarmRead()
    this.reading = 'idle'
    return true
  }

  // ── What a request's body asks for (ExchangeHost) ────────────────────────────────────────────

  isCurrent(exchange: RequestExchange): boolean {
    return this.#exchange === exchange
  }

  awaitBody(exchange: RequestExchange): void {
    const { bodyTimeout, minBodyRate } = this.#core.options
    // What came earns time, and waiting spends it. Without a rate each wait has the whole timeout.
    const earned = minBodyRate === 0 ? exchange.bodyWaited : (exchange.bodyReceived * 1000) / minBodyRate
    exchange.waitingSince = this.#core.now
    this.#deadlines.armRead('body', Math.max(0, bodyTimeout + earned - exchange.bodyWaited))
    this.#takeMore()
  }

  bodyArrived(exchange: RequestExchange): void {
    exchange.bodyWaited += this.#core.now - exchange.waitingSince
    this.#deadlines.disarmRead()
  }

  bodyEnded(): void {
    this.reading = 'whole'
  }

  bodyBroken(): void {
    this.reading = 'ended'
  }

  sendInterim(exchange: RequestExchange, status: number, headers: HttpHeaders | null): void {
    if (exchange.head.minorVersion === 0) return // RFC 9110 §15.2: no 1xx to HTTP/1.0
    this.#output.text(encodeInterim(status, headers))
    this.#output.flush()
  }

  // ── Deadlines, and the server's wishes ───────────────────────────────────────────────────────

  /** Our side is out to its last byte: from here on we only read, so that no reset overtakes it. */
  finished(): void {
    this.#deadlines.disarmWrite()
    this.#deadlines.armRead('linger', this.#lingerTimeout)
  }

  /** Cuts the connection. Where its end would pass for the end of a body, a reset tells them apart (RFC 9112 §8). */
  override destroy(): void {
    if (this.#endsBody && !this.stream.writableFinished) this.reset()
    else super.destroy()
  }

  checkDeadlines(): void {
    if (this.#deadlines.readIsOver) this.#readingIsOver()
    if (this.#deadlines.writeIsOver) this.#writingIsOver()
  }

  #readingIsOver(): void {
    const { headTimeout, minBodyRate } = this.#core.options
    const what = this.#deadlines.read
    this.#deadlines.disarmRead()
    if (what === 'keep-alive') this.#closeIdle()
    else if (what === 'head') this.#refuse(errors.headTooSlow(headTimeout))
    else if (what === 'linger') this.destroy()
    else if (this.#exchange === null) this.#close()
    else {
      this.reading = 'ended'
      this.#exchange.failBody(errors.bodyTooSlow(minBodyRate))
    }
  }

  #writingIsOver(): void {
    const exchange = this.#exchange
    if (this.#deadlines.write === 'handler' && exchange !== null) {
      const error = errors.handlerTooSlow(this.#core.options.handlerTimeout)
      exchange.request.abort(error)
      this.#fail(exchange, error)
      this.#serve()
    } else if (this.#output.hasProgressed()) this.#output.expectProgress()
    else this.destroy()
  }

  /** Received and unread, answered and unsent; in bytes. */
  get bytesHeld(): number {
    return this.parser.buffered + this.#output.unsent
  }

  /** Whether what comes next is the beginning of a request. */
  get isIdle(): boolean {
    return this.writing === 'idle' && this.reading === 'idle'
  }

  /** Whether the client would miss something, were it cut now. */
  get owesAnswer(): boolean {
    if (this.writing === 'closing') return this.#output.unsent > 0
    return !this.isIdle
  }

  /** The server ends: who waits for a request has less time for it, and everybody goes with the next answer. */
  shutDown(): void {
    const { idleTimeout } = this.#core
    if (this.#deadlines.read !== 'keep-alive') return
    if (idleTimeout === 0) this.#closeIdle()
    else this.#deadlines.shortenRead(idleTimeout)
  }
}

function isThenable(answer: HttpResponse | Promise<HttpResponse>): answer is Promise<HttpResponse> {
  return typeof (answer as Partial<Promise<HttpResponse>> | undefined)?.then === 'function'
}
