import { parseList } from '@tsws/headers'
import { HttpError, HttpHeaders, HttpRequest } from '@tsws/http'
import type { Exchange, FieldLines, Middleware, RequestFacts } from '@tsws/http'
import { AVAILABLE_CODINGS, isCoding } from './coding.ts'
import type { Coding } from './coding.ts'
import { DecodedBody } from './decoded-body.ts'

export interface DecodeOptions {
  /** Codings accepted in requests. @default ['br', 'zstd', 'gzip'], without zstd before Node 22.15 */
  codings?: readonly Coding[]
  /**
   * Bytes a body may have once decoded, beside the server's own limit, which counts too. Beyond it reading fails with 413.
   * @default the server's `maxBodyBytes`
   */
  maxBytes?: number
  /**
   * How many times its size on the wire a body may have decoded; looked at from 1 MiB of decoded bytes on. Beyond it
   * reading fails with 413. @default 100
   */
  maxRatio?: number
}

/**
 * Decodes request bodies by their `Content-Encoding` (RFC 9110 §8.4): handlers see the plain bytes, and neither that field
 * nor the `Content-Length` of the coded ones. Decoding happens while the handler reads, never before it does.
 *
 * 415 answers another coding, or more than one (each layer multiplies what a few bytes can grow to), with the
 * codings that would do in `Accept-Encoding` (§15.5.16). Reading fails with 413 for a body that grows too large, 400 for
 * one that is damaged or ends early.
 *
 * @throws {TypeError} for an option that is not one
 */
export function decodeRequests(options: DecodeOptions = {}): Middleware {
  const codings = options.codings ?? AVAILABLE_CODINGS
  const { maxBytes = Number.POSITIVE_INFINITY, maxRatio = DEFAULT_MAX_RATIO } = options
  for (const coding of codings) {
    if (!AVAILABLE_CODINGS.includes(coding)) {
      throw new TypeError(
        `decodeRequests: codings must be of ${AVAILABLE_CODINGS.join(', ')}, got ${String(coding)}`,
      )
    }
  }
  if (!(maxBytes >= 0))
    throw new TypeError(`decodeRequests: maxBytes must be 0 or more, got ${String(maxBytes)}`)
  if (!(maxRatio >= 1))
    throw new TypeError(`decodeRequests: maxRatio must be 1 or more, got ${String(maxRatio)}`)

  return (request, next) => {
    const field = request.headers.get('content-encoding')
    if (field === null) return next(request)
    const named = parseList(field.toLowerCase()).filter((coding) => coding !== 'identity')
    if (named.length === 0 || !request.hasBody) return next(request)
    const coding = named[0] === 'x-gzip' ? 'gzip' : (named[0] as string)
    if (named.length > 1 || !isCoding(coding) || !codings.includes(coding)) {
      throw new HttpError(415, `the content coding ${JSON.stringify(field)} is not supported here`, {
        code: 'ERR_UNSUPPORTED_CONTENT_CODING',
        headers: { 'Accept-Encoding': codings.length === 0 ? 'identity' : codings.join(', ') },
      })
    }
    return next(new DecodedRequest(request, coding, maxBytes, maxRatio))
  }
}

/** A thousand is what gzip can reach, on zeros; what people send is text and JSON, tables at most ten to fifty to one. */
const DEFAULT_MAX_RATIO = 100

/** The same request, its body plain. What layers tell each other stays shared. */
class DecodedRequest extends HttpRequest {
  readonly #original: HttpRequest

  constructor(original: HttpRequest, coding: Coding, maxBytes: number, maxRatio: number) {
    super(plainFacts(original), decodedExchange(original, coding, maxBytes, maxRatio))
    this.#original = original
  }

  override get id(): string {
    return this.#original.id
  }
  override set id(value: string) {
    this.#original.id = value
  }

  override get remoteAddress(): string | null {
    return this.#original.remoteAddress
  }
  override set remoteAddress(value: string | null) {
    this.#original.remoteAddress = value
  }

  override get state(): Map<unknown, unknown> {
    return this.#original.state
  }

  override get signal(): AbortSignal {
    return this.#original.signal
  }

  override abort(reason: unknown): void {
    this.#original.abort(reason)
  }
}

function plainFacts(original: HttpRequest): RequestFacts {
  const headers = new HttpHeaders(original.headers)
  headers.delete('Content-Encoding')
  headers.delete('Content-Length')
  return {
    method: original.method,
    target: original.target,
    minorVersion: original.httpVersion === '1.0' ? 0 : 1,
    get: (name) => headers.get(name),
    has: (name) => headers.has(name),
    [Symbol.iterator]: () => headers[Symbol.iterator](),
  }
}

function decodedExchange(
  original: HttpRequest,
  coding: Coding,
  maxBytes: number,
  maxRatio: number,
): Exchange {
  let limit = Math.min(maxBytes, original.maxBodyBytes)
  const body = new DecodedBody(original, coding, () => limit, maxRatio)
  return {
    connection: original.connection,
    bodyLength: -1,
    get maxBodyBytes() {
      return limit
    },
    set maxBodyBytes(bytes) {
      limit = bytes
      original.maxBodyBytes = bytes // coded bytes beyond what is allowed decoded are of no use either
    },
    readBody: () => body.read(),
    get trailers(): FieldLines | null {
      return original.trailers
    },
    sendInformational: (status, headers) => original.inform(status, headers),
  }
}
