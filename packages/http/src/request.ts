import type { ConnectionInfo, Exchange, RequestFacts } from './exchange.ts'
import { HttpHeaders } from './headers.ts'
import type { HeadersInit } from './headers.ts'
import { collectBody, decodeUtf8, heard, iterateBody, parseJson } from './request-body.ts'
import { nextRequestId } from './request-id.ts'
import { authorityOf, pathnameOf, searchOf } from './request-target.ts'
import { withCode } from './with-code.ts'

export interface ReadOptions {
  /** Bytes this body may have; a larger one fails with 413. @default the server's `maxBodyBytes` */
  limit?: number
}

/**
 * A request as a handler sees it, with the names of Fetch. Everything beyond method and target is
 * read when it is first touched: an unread header is never decoded, an unread body never pulled.
 */
export class HttpRequest {
  /** As sent: methods are case-sensitive (RFC 9110 §9.1). */
  readonly method: string
  /** The request-target as received (RFC 9112 §3.2). `pathname` and `search` are its parts. */
  readonly target: string
  readonly #facts: RequestFacts
  readonly #exchange: Exchange
  #headers: HttpHeaders | null = null
  #id: string | null = null
  #remoteAddress: string | null | undefined
  #searchParams: URLSearchParams | null = null
  #state: Map<unknown, unknown> | null = null
  #body: AsyncIterable<Uint8Array> | null = null
  #bodyUsed = false
  #controller: AbortController | null = null
  #aborted: { readonly reason: unknown } | null = null

  /** Servers make requests; handlers receive them. `target` is that of the facts, where the server has it as text already. */
  constructor(facts: RequestFacts, exchange: Exchange, target = facts.target) {
    this.method = facts.method
    this.target = target
    this.#facts = facts
    this.#exchange = exchange
  }

  get headers(): HttpHeaders {
    return (this.#headers ??= HttpHeaders.received(this.#facts))
  }

  /** `1.0` or `1.1` */
  get httpVersion(): string {
    return this.#facts.minorVersion === 0 ? '1.0' : '1.1'
  }

  /**
   * The absolute URL (RFC 9110 §7.1): scheme by the connection, authority by the target or else
   * `Host`. `OPTIONS *` and CONNECT have no path (RFC 9112 §3.3).
   */
  get url(): string {
    const scheme = this.#exchange.connection.encrypted ? 'https' : 'http'
    const { pathname } = this
    return `${scheme}://${this.host}${pathname === '*' ? '' : pathname}${this.search}`
  }

  /** The authority asked for: the target's own, otherwise `Host` (RFC 9112 §3.2.2); `''` without one. */
  get host(): string {
    return authorityOf(this.target) ?? this.#facts.get('host') ?? ''
  }

  /** The path as received, not decoded: `/a%20b`. `*` for `OPTIONS *`, `''` for CONNECT. */
  get pathname(): string {
    return pathnameOf(this.target)
  }

  /** The query with its `?`, or `''`. */
  get search(): string {
    return searchOf(this.target)
  }

  get searchParams(): URLSearchParams {
    return (this.#searchParams ??= new URLSearchParams(this.search))
  }

  /** Names this request in logs and in the answer to a failure. A middleware may set one received from a trusted proxy. */
  get id(): string {
    return (this.#id ??= nextRequestId())
  }
  set id(value: string) {
    this.#id = value
  }

  get connection(): ConnectionInfo {
    return this.#exchange.connection
  }

  /** The client's address: the peer's, or what a client-address middleware found behind trusted proxies. */
  get remoteAddress(): string | null {
    return this.#remoteAddress === undefined ? this.#exchange.connection.remoteAddress : this.#remoteAddress
  }
  set remoteAddress(value: string | null) {
    this.#remoteAddress = value
  }

  /** What layers tell each other about this request. */
  get state(): Map<unknown, unknown> {
    return (this.#state ??= new Map())
  }

  /** Aborts when the client has gone or the server gives the request up. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort(this.#aborted.reason)
    }
    return this.#controller.signal
  }

  /** For servers: the client has gone, or its time is over. */
  abort(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = { reason }
    this.#controller?.abort(reason)
  }

  /** Whether a body was announced; a chunked one may still turn out empty. */
  get hasBody(): boolean {
    return this.#exchange.bodyLength !== 0
  }

  /** The bytes of the body as they arrive, once; null without a body. Reading slowly slows the client down. */
  get body(): AsyncIterable<Uint8Array> | null {
    if (!this.hasBody) return null
    return (this.#body ??= iterateBody(this.#exchange, () => this.#use()))
  }

  get bodyUsed(): boolean {
    return this.#bodyUsed
  }

  /** Bytes this request's body may have before reading fails with 413; starts as the server's limit. */
  get maxBodyBytes(): number {
    return this.#exchange.maxBodyBytes
  }
  set maxBodyBytes(limit: number) {
    this.#exchange.maxBodyBytes = limit
  }

  /** Trailer fields (RFC 9110 §6.5), once the body has been read to its end; null before that or without any. */
  get trailers(): HttpHeaders | null {
    const lines = this.#exchange.trailers
    return lines === null ? null : HttpHeaders.received(lines)
  }

  /**
   * The whole body; empty without one. The array may be a view on a larger one: copy what is to be kept for long.
   *
   * @throws {HttpError} 413 beyond the limit, 400 for a body that breaks its framing, 408 for one too slow
   * @throws {TypeError} `ERR_BODY_USED` when the body was read already
   */
  bytes(options?: ReadOptions): Promise<Uint8Array> {
    return heard(this.#read(options, (bytes) => bytes))
  }

  /** The body as UTF-8 text; a byte order mark is dropped, as in Fetch. @throws {HttpError} as `bytes` */
  text(options?: ReadOptions): Promise<string> {
    return heard(this.#read(options, decodeUtf8))
  }

  /** The body as JSON. @throws {HttpError} 400 `ERR_INVALID_JSON`, and as `bytes` */
  json(options?: ReadOptions): Promise<unknown> {
    return heard(this.#read(options, (bytes) => parseJson(decodeUtf8(bytes))))
  }

  /**
   * Sends an interim response before the answer: 103 Early Hints, 102 Processing.
   * @throws {RangeError} `ERR_INVALID_STATUS` for a status that is not 102 to 199: 100 and 101 are the server's own
   */
  inform(status: number, headers: HeadersInit): void {
    if (!Number.isInteger(status) || status < 102 || status > 199) {
      const message = `request.inform: status must be an integer from 102 to 199, got ${String(status)}`
      throw withCode(new RangeError(message), 'ERR_INVALID_STATUS')
    }
    this.#exchange.sendInformational(status, new HttpHeaders(headers))
  }

  async #read<T>(options: ReadOptions | undefined, as: (bytes: Uint8Array) => T): Promise<T> {
    const bytes = this.#collect(options)
    return as(bytes instanceof Promise ? await bytes : bytes)
  }

  #collect(options: ReadOptions | undefined): Uint8Array | Promise<Uint8Array> {
    if (!this.hasBody) return new Uint8Array(0)
    this.#use()
    if (options?.limit !== undefined) this.#exchange.maxBodyBytes = options.limit
    return collectBody(this.#exchange)
  }

  #use(): void {
    if (this.#bodyUsed) {
      const message = 'the request body was read already: it can be read only once'
      throw withCode(new TypeError(message), 'ERR_BODY_USED')
    }
    this.#bodyUsed = true
  }
}
