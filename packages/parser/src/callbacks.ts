import type { HeadFields } from './head-fields.ts'
import type { ParserOptions } from './options.ts'
import { ParseError } from './parse-error.ts'
import type { RequestHead } from './request-head.ts'
import { RequestParser } from './request-parser.ts'
import type { ResponseHead } from './response-head.ts'
import { ResponseParser } from './response-parser.ts'

/** The names behind `HeadersInfo.method`, in the order http-parser-js and Node gave them. */
export const methods: readonly string[] = [
  'DELETE GET HEAD POST PUT CONNECT OPTIONS TRACE COPY LOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH UNLOCK BIND',
  'REBIND UNBIND ACL REPORT MKACTIVITY CHECKOUT MERGE M-SEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE PATCH PURGE',
  'MKCALENDAR LINK UNLINK SOURCE',
]
  .join(' ')
  .split(' ')

/** What `kOnHeadersComplete` is given. */
export interface HeadersInfo {
  versionMajor: 1
  versionMinor: 0 | 1
  /** Name, value, name, value; names as they were sent. */
  headers: string[]
  /** Of a request: its place in `methods`, -1 for a method that is not there. */
  method: number | undefined
  /** Of a request: the method itself. http-parser-js has no such property; it refuses other methods. */
  methodName: string | undefined
  url: string | undefined
  statusCode: number | undefined
  statusMessage: string | undefined
  /** What follows is another protocol: CONNECT, 101, or a request with Upgrade. */
  upgrade: boolean
  shouldKeepAlive: boolean
}

/** True or 1: the message has no body (a response to HEAD). 2: nor is what follows HTTP. */
export type HeadersAnswer = boolean | 0 | 1 | 2 | undefined | void

const K_ON_HEADERS = 1
const K_ON_HEADERS_COMPLETE = 2
const K_ON_BODY = 3
const K_ON_MESSAGE_COMPLETE = 4

/**
 * The interface of http-parser-js (and of Node's own parser) over the strict parser: set callbacks by number, then
 * `execute` chunks. Errors are returned and not thrown, as there; what is an error is decided as strictly as ever.
 */
export class HTTPParser {
  static readonly REQUEST = 'REQUEST'
  static readonly RESPONSE = 'RESPONSE'
  static readonly kOnHeaders = K_ON_HEADERS
  static readonly kOnHeadersComplete = K_ON_HEADERS_COMPLETE
  static readonly kOnBody = K_ON_BODY
  static readonly kOnMessageComplete = K_ON_MESSAGE_COMPLETE
  static readonly methods = methods;

  /** Trailers: name, value, name, value. */
  [K_ON_HEADERS]: (trailers: string[], url: string) => void = () => {};
  [K_ON_HEADERS_COMPLETE]: (info: HeadersInfo) => HeadersAnswer = () => {};
  /** `length` bytes of body lie in `chunk` from `offset` on. */
  [K_ON_BODY]: (chunk: Uint8Array, offset: number, length: number) => void = () => {};
  [K_ON_MESSAGE_COMPLETE]: () => void = () => {}

  readonly #options: ParserOptions | undefined
  #parser!: RequestParser | ResponseParser
  #upgraded = false

  /** Throws a `TypeError` if `type` is neither `HTTPParser.REQUEST` nor `HTTPParser.RESPONSE`. */
  constructor(type: 'REQUEST' | 'RESPONSE', options?: ParserOptions) {
    this.#options = options
    this.initialize(type)
  }

  /** Begins anew, for another stream. */
  initialize(type: 'REQUEST' | 'RESPONSE'): void {
    if (type !== HTTPParser.REQUEST && type !== HTTPParser.RESPONSE) {
      throw new TypeError(`type must be HTTPParser.REQUEST or HTTPParser.RESPONSE, got ${String(type)}`)
    }
    this.#upgraded = false
    this.#parser =
      type === HTTPParser.REQUEST ? new RequestParser(this.#options) : new ResponseParser(this.#options)
  }

  /**
   * Parses `length` bytes of `chunk` from `start` on, calling back. Returns how many were read, fewer than given only
   * before an upgrade, or the `ParseError`. What a callback throws goes through.
   */
  execute(chunk: Uint8Array, start = 0, length = chunk.length - start): number | ParseError {
    if (this.#upgraded) return 0
    const parser = this.#parser
    parser.push(chunk.subarray(start, start + length))
    for (;;) {
      const event = this.#next(parser)
      if (event instanceof ParseError) return event
      if (event === 'need-more') return length
      if (event === 'head') this.#upgraded = this.#onHead(parser)
      if (event === 'data') {
        const { data } = parser
        this[K_ON_BODY](chunk, data.byteOffset - chunk.byteOffset, data.length)
      }
      if (event !== 'end') continue
      if (parser.trailers !== null) this[K_ON_HEADERS](flatten(parser.trailers), '')
      this[K_ON_MESSAGE_COMPLETE]()
      if (this.#upgraded) return length - parser.buffered
    }
  }

  /** The stream has ended: ends a message that lasts until then, or returns the `ParseError` if one is cut off. */
  finish(): ParseError | undefined {
    if (this.#upgraded) return undefined
    try {
      this.#parser.finish()
      if (this.#parser.next() === 'end') this[K_ON_MESSAGE_COMPLETE]()
      return undefined
    } catch (error) {
      if (error instanceof ParseError) return error
      throw error
    }
  }

  // Node calls these; there is nothing to free or to stop here.
  close(): void {}
  free(): void {}
  remove(): void {}
  pause(): void {}
  resume(): void {}

  #next(parser: RequestParser | ResponseParser): ReturnType<RequestParser['next']> | ParseError {
    try {
      return parser.next()
    } catch (error) {
      if (error instanceof ParseError) return error
      throw error
    }
  }

  /** Tells of a head. Returns whether what follows the message is another protocol. */
  #onHead(parser: RequestParser | ResponseParser): boolean {
    const isRequest = parser instanceof RequestParser
    const info = isRequest ? requestInfo(parser.head) : responseInfo(parser.head)
    const answer = this[K_ON_HEADERS_COMPLETE](info)
    if (answer && !isRequest) parser.skipBody()
    return answer === 2 || info.upgrade
  }
}

function requestInfo(head: RequestHead): HeadersInfo {
  return {
    versionMajor: 1,
    versionMinor: head.minorVersion,
    headers: flatten(head),
    method: methods.indexOf(head.method),
    methodName: head.method,
    url: head.target,
    statusCode: undefined,
    statusMessage: undefined,
    upgrade: head.method === 'CONNECT' || head.upgrade !== null,
    shouldKeepAlive: head.keepAlive,
  }
}

function responseInfo(head: ResponseHead): HeadersInfo {
  return {
    versionMajor: 1,
    versionMinor: head.minorVersion,
    headers: flatten(head),
    method: undefined,
    methodName: undefined,
    url: undefined,
    statusCode: head.status,
    statusMessage: head.reason,
    upgrade: head.status === 101,
    shouldKeepAlive: head.keepAlive,
  }
}

function flatten(fields: HeadFields): string[] {
  const flat: string[] = []
  for (let field = 0; field < fields.fieldCount; field++)
    flat.push(fields.fieldName(field), fields.fieldValue(field))
  return flat
}
