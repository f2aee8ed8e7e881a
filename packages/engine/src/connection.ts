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
import { bareFailure, failureResponse } from './failure-response.ts'
import { Output } from './output.ts'
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
  | 'closing' // the last answer is out; reading on so that the client gets it
  | 'closed' // also: handed over to another protocol

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
  #discarded = 0

  constructor(core: Core, stream: Duplex, encrypted: boolean) {
    super(stream, encrypted)
    this.openedAt = core.now
    this.parser = new RequestParser(core.options.limits)
    this.#core = core
    this.#deadlines = new Deadlines(core)
    this.#output = new Output(stream, core.slab, this.#deadlines, core.options.writeTimeout)
    this.#deadlines.armRead('keep-alive', core.options.keepAliveTimeout)
  }

  /** Bytes arrived. */
  receive(bytes: Uint8Array): void {
    this.bytesRead += bytes.length
    if (this.reading === 'ended') return
    this.parser.push(bytes)
    if (this.writing === 'idle') this.#serve()
    else if (this.#exchange?.waitsForBody) this.#exchange.feed()
    else if (this.parser.buffered >= this.#core.options.maxBufferedBytes) this.stream.pause()
  }

  /** Answers one request after another, for as long as nothing has to be waited for. */
  #serve(): void {
    for (let answers = 0; this.writing === 'idle'; answers++) {
      if (answers >= this.#core.options.maxAnswersInRow) {
        setImmediate(() => this.writing === 'idle' && this.#serve())
        break
      }
      const head = this.#readHead()
      if (head === null) break
      this.#answer(head)
      if (this.stream.writableNeedDrain) break
    }
    const taken = this.#output.flush()
    if (this.writing !== 'idle') return
    if (!taken) {
      this.writing = 'full'
      this.#output.expectProgress()
    } else if (this.stream.isPaused()) this.stream.resume()
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
      if (this.#handOver(exchange)) return
      if (core.overloaded) throw errors.overloaded()
      if (head.expectUnknown) throw errors.expectationFailed()
      const answer = core.handler(request)
      if (answer instanceof Promise) this.#await(exchange, answer)
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
        if (!this.isCurrent(exchange)) return void closeBody(response?.body ?? null) // it comes too late
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
      exchange.persist = !plan.close && plan.framing !== 'close' && this.#mayPersist(exchange)
      const option = !exchange.persist
        ? 'Connection: close\r\n'
        : minorVersion === 0
          ? 'Connection: keep-alive\r\n'
          : ''
      this.#deadlines.disarmWrite()
      this.#output.text(encodeHead(status, headers, plan.framing, plan.announced, option, plan.date))
      exchange.answered = true
      exchange.sent.status = status
      if (plan.length === 0) {
        if (body !== null) void closeBody(body)
      } else if (typeof body === 'string') {
        if (plan.length === body.length) this.#output.text(body)
        else this.#output.bytes(Buffer.from(body))
      } else if (body instanceof Uint8Array) this.#output.bytes(body)
      else return void this.#send(exchange, response, plan)
      exchange.sent.bytes = plan.length
      this.#finish(exchange)
    } catch (error) {
      void closeBody(response?.body ?? null)
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

  /** Whether the connection can outlive this answer (RFC 9112 §9.3); each return is one reason why not. */
  #mayPersist(exchange: RequestExchange): boolean {
    const { options, draining } = this.#core
    if (!exchange.head.keepAlive) return false // the client said so, or speaks HTTP/1.0
    if (draining) return false
    if (this.requests >= options.maxRequestsPerConnection) return false
    if (this.reading === 'ended') return false // the body broke its framing: no border to go on from
    if (this.clientEnded && this.parser.buffered === 0) return false // nothing more will come
    if (exchange.mustClose) return false
    if (this.reading === 'whole') return true
    // Nobody asked for the body: whether it comes or the next head does cannot be told (RFC 9110 §10.1.1).
    if (exchange.awaitsContinue && this.parser.buffered === 0) return false
    return exchange.bodyLength - exchange.bodyReceived <= options.maxDiscardBytes
  }

  /** An answer's last byte is in the output: on to the next request, or towards the end. */
  #finish(exchange: RequestExchange): void {
    this.#exchange = null
    this.#core.observers.finished(exchange, 'complete')
    if (!exchange.persist) return this.#close()
    this.writing = 'idle'
    if (this.reading === 'whole') this.reading = 'idle'
    else {
      this.reading = 'discard'
      this.#discarded = 0
    }
  }

  /** A failure becomes an answer; or, with a head out already, a cut, which alone tells the client (RFC 9112 §8). */
  #fail(exchange: RequestExchange, failure: unknown): void {
    if (!this.isCurrent(exchange)) return
    if (failure instanceof errors.ClientGoneError) return this.destroy()
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
    const response = failureResponse(this.#core, failure, null, this)
    const { announced, date } = frameAnswer(response, 'GET', 1)
    this.#output.text(
      encodeHead(response.status, response.headers, 'length', announced, 'Connection: close\r\n', date),
    )
    this.#output.bytes(Buffer.from(response.body as string))
    this.#core.observers.refused(this, response.status, announced)
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
    this.#deadlines.disarmWrite()
    this.#output.wake()
    if (this.writing !== 'full') return
    this.writing = 'idle'
    this.#serve()
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
    const { options, draining } = this.#core
    if (this.clientEnded) {
      this.parser.finish()
      this.#close()
    } else if (!this.parser.idle) {
      if (this.reading !== 'head') this.#deadlines.armRead('head', options.headTimeout)
      this.reading = 'head'
    } else if (draining) this.#close()
    else {
      this.#deadlines.armRead('keep-alive', options.keepAliveTimeout)
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

  /** The client asks for another protocol or a tunnel, and somebody here provides it. */
  #handOver(exchange: RequestExchange): boolean {
    const { head, request } = exchange
    const { connect, upgrade } = this.#core.options
    const tunnel = head.method === 'CONNECT'
    const take = tunnel ? connect : head.upgrade === null ? null : upgrade
    if (take === null) {
      exchange.mustClose = tunnel
      if (tunnel) throw errors.connectRefused()
      return false
    }
    this.#output.flush()
    this.#exchange = null
    this.writing = 'closed'
    this.#core.handOver(this)
    take(request, this.stream, this.parser.rest())
    return true
  }

  // ── What a request's body asks for (ExchangeHost) ────────────────────────────────────────────

  isCurrent(exchange: RequestExchange): boolean {
    return this.#exchange === exchange
  }

  awaitBody(exchange: RequestExchange): void {
    const { bodyTimeout, minBodyRate } = this.#core.options
    const earned = minBodyRate === 0 ? Infinity : (exchange.bodyReceived * 1000) / minBodyRate
    exchange.waitingSince = this.#core.now
    this.#deadlines.armRead('body', Math.max(0, bodyTimeout + earned - exchange.bodyWaited))
    if (this.stream.isPaused()) this.stream.resume()
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
    this.#deadlines.armRead('linger', this.#core.options.lingerTimeout)
  }

  checkDeadlines(): void {
    if (this.#deadlines.readIsOver) this.#readingIsOver()
    if (this.#deadlines.writeIsOver) this.#writingIsOver()
  }

  #readingIsOver(): void {
    const { headTimeout, minBodyRate } = this.#core.options
    const what = this.#deadlines.read
    this.#deadlines.disarmRead()
    if (what === 'keep-alive') this.#close()
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
    return this.parser.buffered + this.stream.writableLength
  }

  /** The server ends: who waits for a request is let go now, everybody else with the next answer. */
  shutDown(): void {
    if (this.writing === 'idle' && (this.reading === 'idle' || this.reading === 'discard')) this.#close()
  }
}
