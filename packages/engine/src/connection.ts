import { closeBody, HttpRequest } from '@tsws/http'
import type { HttpHeaders, HttpResponse } from '@tsws/http'
import { ParseError } from '@tsws/parser'
import type { RequestHead } from '@tsws/parser'
import type { Duplex } from 'node:stream'
import { frameAnswer } from './answer-framing.ts'
import type { AnswerFraming } from './answer-framing.ts'
import { listenForFinish } from './attach.ts'
import type { Core } from './core.ts'
import { Deadlines } from './deadlines.ts'
import { bodyAfterHead, encodeHead, encodeInterim } from './encode-head.ts'
import * as errors from './errors.ts'
import { RequestExchange } from './exchange.ts'
import type { ExchangeHost } from './exchange.ts'
import { answerFailure, giveUp, refusal } from './failure-response.ts'
import { handOver, takerFor } from './hand-over.ts'
import type { Taker } from './hand-over.ts'
import { Intake } from './intake.ts'
import { IDLE_LINGER, needsNoLinger } from './linger.ts'
import { Output } from './output.ts'
import { mayPersist } from './persistence.ts'
import type { Member } from './roster.ts'
import { targetText } from './recent-targets.ts'
import { checkResponse, isThenable } from './response-check.ts'
import { sendBody } from './send-body.ts'
import { Transport } from './transport.ts'

/** What is being written. What is being read is `Reading`, in `intake.ts`. */
export type Writing =
  | 'idle' // nothing is owed
  | 'handler' // a request is with the handler
  | 'body' // the body of an answer is on its way
  | 'full' // answers are out, but the client is slow to take them
  | 'turn' // it had its turn of answers, and others have theirs
  | 'closing' // the last answer is out; reading on so that the client gets it
  | 'closed' // also: handed over to another protocol

/**
 * One connection, from its first byte to its last. First the story of a request, from `receive` down to
 * `#finish`; then the other ways it can go; then what the client does besides, and the deadlines.
 */
export class Connection extends Transport implements ExchangeHost, Member {
  place = -1
  writing: Writing = 'idle'
  requests = 0
  readonly openedAt: number
  readonly intake: Intake
  readonly #core: Core
  readonly #deadlines: Deadlines
  readonly #output: Output
  #exchange: RequestExchange | null = null
  #answersInRow = 0
  #lingerTimeout: number
  /** The end of the connection is the end of the body that goes out (RFC 9112 §6.3). */
  #endsBody = false

  constructor(core: Core, stream: Duplex, encrypted: boolean) {
    super(stream, encrypted)
    this.openedAt = core.now
    this.#core = core
    this.#lingerTimeout = core.options.lingerTimeout
    this.#deadlines = new Deadlines(core)
    this.intake = new Intake(core, stream, this.#deadlines)
    this.#output = new Output(stream, this.#deadlines, core)
  }

  /** Bytes arrived. */
  receive(bytes: Uint8Array): void {
    if (!this.intake.take(bytes)) return
    if (this.writing === 'idle') {
      this.#answersInRow = 0
      this.#serve()
    } else if (this.#exchange?.waitsForBody) this.#exchange.feed()
    else this.intake.holdBack()
  }

  /** Answers one request after another, for as long as nothing has to be waited for. */
  #serve(): void {
    while (this.writing === 'idle' && !this.#output.isFull) {
      if (this.#answersInRow >= this.#core.options.maxAnswersInRow) {
        this.writing = 'turn'
        setImmediate(() => this.#goOn('turn'))
        break
      }
      const head = this.#nextHead()
      if (head === null) break
      this.#answersInRow++
      this.#answer(head)
    }
    const taken = this.#output.flush()
    if (this.writing !== 'idle') return
    if (taken) return this.intake.takeMore()
    this.writing = 'full'
    this.#deadlines.disarmRead() // nothing is read before the client has taken what it asked for
    this.#output.expectProgress()
  }

  /** What held the connection back is over. */
  #goOn(from: 'full' | 'turn'): void {
    if (this.writing !== from) return
    this.writing = 'idle'
    this.#answersInRow = 0
    this.#serve()
  }

  /** The next request's head; null while it has not come in full. */
  #nextHead(): RequestHead | null {
    try {
      const head = this.intake.nextHead()
      if (head === null && this.intake.reading === 'ended') this.#close()
      return head
    } catch (error) {
      this.#refuse(error instanceof ParseError ? errors.fromParseError(error) : error)
      return null
    }
  }

  /** Hands a request to the handler and its answer on, at once where there is nothing to wait for. */
  #answer(head: RequestHead): void {
    const core = this.#core
    const exchange = new RequestExchange(this, head, core.options.maxBodyBytes)
    const request = (exchange.request = new HttpRequest(head, exchange, head.targetBy(targetText)))
    this.#exchange = exchange
    this.requests++
    this.writing = 'handler'
    if (core.observers.watchesResponses) exchange.startedAt = performance.now()
    core.observers.request(request)
    try {
      const taker = takerFor(head, core.options)
      if (taker !== null) return this.#handOver(exchange, taker)
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
      const framing = frameAnswer(response, exchange.head)
      exchange.persist = framing.persist && mayPersist(exchange, this, this.#core)
      this.#deadlines.disarmWrite()
      const { persist, head } = exchange
      this.#output.text(encodeHead(response.status, framing, persist, head.minorVersion))
      exchange.answered = true
      this.#endsBody = framing.framing === 'close'
      exchange.status = response.status
      const body = bodyAfterHead(response.body, framing, persist, head.minorVersion)
      if (!this.#output.whole(body, framing.length)) {
        return void this.#send(exchange, response, framing)
      }
      if (framing.length === 0 && response.body !== null) void closeBody(response.body)
      exchange.bytes = framing.length
      this.#finish(exchange)
    } catch (error) {
      giveUp(response)
      this.#fail(exchange, error)
    }
  }

  /** A body that takes time: it waits for the client, and the client for it. */
  async #send(exchange: RequestExchange, response: HttpResponse, framing: AnswerFraming): Promise<void> {
    this.writing = 'body'
    const failure = await sendBody(this.#output, response, framing, exchange)
    if (!this.isCurrent(exchange)) return
    this.#deadlines.disarmWrite()
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
    if (exchange.persist && this.intake.reading !== 'ended') {
      this.writing = 'idle'
      this.intake.finishRequest()
    } else this.#close(needsNoLinger(exchange, this))
  }

  // ── The other ways ───────────────────────────────────────────────────────────────────────────

  /** A failure becomes an answer; or, with a head out already, a cut, which alone tells the client (RFC 9112 §8). */
  #fail(exchange: RequestExchange, failure: unknown): void {
    if (!this.isCurrent(exchange) || this.stream.destroyed) return // the client is gone, and `gone` will say so
    const response = answerFailure(this.#core, failure, exchange)
    if (response === null) this.destroy()
    else this.#respond(exchange, response)
  }

  /** What came is no request: one answer, and the end (RFC 9112 §2.2, §9.6). */
  #refuse(failure: unknown): void {
    const { status, head, rest, length } = refusal(this.#core, failure, this)
    this.#output.text(head)
    this.#output.bytes(rest)
    this.#core.observers.refused(this, status, length)
    this.#close()
  }

  /** The client asked for another protocol or a tunnel: from here on the stream is somebody else's. */
  #handOver(exchange: RequestExchange, taker: Taker): void {
    this.#output.flush()
    this.#output.expectProgress()
    this.#output.whenFree(() => {
      if (!this.isCurrent(exchange) || this.stream.destroyed) return
      this.#deadlines.disarmWrite()
      this.#exchange = null
      this.writing = 'closed'
      handOver(this.#core, this, exchange, taker)
    })
  }

  /** Ends our side once all is out. Reading goes on, or a reset would take the answer from a client still sending. */
  #close(atOnce = false): void {
    this.writing = 'closing'
    this.#output.flush()
    if (atOnce && this.#output.isWithKernel) return super.destroy()
    this.#output.expectProgress()
    listenForFinish(this.stream)
    this.stream.end()
    this.intake.end()
  }

  /** Ends a connection that waits for a request: all was said a while ago. */
  #closeIdle(): void {
    this.#lingerTimeout = Math.min(IDLE_LINGER, this.#lingerTimeout)
    this.#close()
  }

  // ── What the client does besides sending requests ────────────────────────────────────────────

  /** It sends no more; it may still read (RFC 9112 §9.6). */
  receiveEnd(): void {
    this.intake.clientEnded = true
    if (this.writing === 'idle') this.#serve()
    else if (this.#exchange?.waitsForBody) {
      this.intake.bodyBroken()
      this.#exchange.failBody(errors.bodyIncomplete(this.#exchange.bodyReceived))
    }
  }

  /** It takes more. */
  drain(): void {
    // Not the next handler's; nor that of the end, which is still to be taken.
    if (this.#deadlines.write === 'write' && this.writing !== 'closing') this.#deadlines.disarmWrite()
    this.#output.wake()
    this.#goOn('full')
  }

  /** It is gone, or we cut it off. */
  gone(): void {
    if (this.writing === 'closed') return
    this.writing = 'closed'
    this.intake.bodyBroken()
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

  // ── What a request asks of its connection (ExchangeHost) ─────────────────────────────────────

  isCurrent(exchange: RequestExchange): boolean {
    return this.#exchange === exchange
  }

  get isOverloaded(): boolean {
    return this.#core.overloaded
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
      this.intake.bodyBroken()
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
    } else if (this.#deadlines.write === 'write' && this.#output.hasProgressed())
      this.#output.expectProgress()
    else this.destroy()
  }

  /** Received and unread or gathered, answered and unsent; in bytes. */
  get bytesHeld(): number {
    return this.intake.parser.buffered + (this.#exchange?.bodyHeld ?? 0) + this.#output.unsent
  }

  /** Whether what comes next is the beginning of a request. */
  get isIdle(): boolean {
    return this.writing === 'idle' && this.intake.reading === 'idle'
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
