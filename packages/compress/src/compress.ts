import { appendToList } from '@tsws/headers'
import { closeBody, isFileBody, respond } from '@tsws/http'
import type { Body, HttpRequest, HttpResponse, Middleware } from '@tsws/http'
import { openSource, readFileBody } from './body-source.ts'
import type { Coding } from './coding.ts'
import { encodeBytes, encodeBytesSync } from './encode-bytes.ts'
import { MAX_SYNC_BYTES, MAX_WHOLE_BYTES } from './encode-body.ts'
import { EncodedStream } from './encode-stream.ts'
import { codedTag, notModifiedTag, restoreTags } from './entity-tag.ts'
import { createNegotiator } from './negotiate.ts'
import type { Negotiated } from './negotiate.ts'
import { resolveOptions } from './options.ts'
import type { CompressOptions } from './options.ts'
import { isIncompressible, isTooSmall, mustNotCompress } from './veto.ts'

/** What happened so far, for metrics. */
export interface CompressStats {
  /** Answers sent in a content coding. */
  compressed: number
  /** Answers sent as they are because too many compressions were under way. */
  refused: number
  /** Compressions under way. */
  active: number
}

/** The middleware, and what it counts. */
export interface Compress extends Middleware {
  readonly stats: Readonly<CompressStats>
}

/**
 * Sends answers in the content coding the client likes best (RFC 9110 §12.5.3).
 *
 * @throws {TypeError} for an option that is not one
 */
export function compress(options?: CompressOptions): Compress {
  const { codings, threshold, levels, maxConcurrent } = resolveOptions(options)
  const negotiate = createNegotiator(codings)
  const stats: CompressStats = { compressed: 0, refused: 0, active: 0 }

  const middleware: Middleware = (request, next) => {
    const asked = restoreConditions(request)
    const response = next(request)
    return response instanceof Promise
      ? response.then((settled) => finish(request, settled, asked))
      : finish(request, response, asked)
  }
  return Object.assign(middleware, { stats })

  function finish(
    request: HttpRequest,
    response: HttpResponse,
    asked: string | null,
  ): HttpResponse | Promise<HttpResponse> {
    if (response.status === 304) return finishNotModified(request, response, asked)
    if (mustNotCompress(response) || !standsForContent(request, response)) return response
    const incompressible = isIncompressible(response)
    const wanted = negotiate(request.headers.get('accept-encoding'))
    // What is only not worth it is done all the same for a client that refuses the plain answer.
    const identityRefused = wanted !== 'identity' && refusesIdentity(request)
    if (incompressible && !identityRefused) return response
    vary(response)
    if (wanted === 'identity') return response
    if (wanted === null) return notAcceptable(response)
    const length = knownLength(response)
    if (isTooSmall(length, threshold) && !identityRefused) return response
    if (request.method === 'HEAD') return finishHead(response, wanted)
    if (stats.active >= maxConcurrent) {
      stats.refused++
      return response
    }
    return encode(response, wanted, identityRefused)
  }

  function encode(
    response: HttpResponse,
    coding: Coding,
    identityRefused: boolean,
  ): HttpResponse | Promise<HttpResponse> {
    const { body } = response
    const level = levels[coding]
    if (typeof body === 'string' || body instanceof Uint8Array) {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body
      if (bytes.length <= MAX_SYNC_BYTES) {
        return settle(response, coding, encodeBytesSync(bytes, coding, level), bytes, identityRefused)
      }
      if (bytes.length <= MAX_WHOLE_BYTES) {
        return encodeWhole(response, coding, level, Promise.resolve(bytes), identityRefused)
      }
    }
    if (isFileBody(body) && body.length <= MAX_WHOLE_BYTES) {
      return encodeWhole(response, coding, level, readFileBody(body), identityRefused)
    }
    const size = knownLength(response)
    stats.active++
    stats.compressed++
    response.body = new EncodedStream(openSource(body as Exclude<Body, null>), coding, {
      level,
      size,
      flush: size < 0,
      onClose: () => stats.active--,
    })
    markCoded(response, coding)
    return response
  }

  async function encodeWhole(
    response: HttpResponse,
    coding: Coding,
    level: number,
    content: Promise<Uint8Array>,
    identityRefused: boolean,
  ): Promise<HttpResponse> {
    stats.active++
    try {
      const bytes = await content
      return settle(response, coding, await encodeBytes(bytes, coding, level), bytes, identityRefused)
    } finally {
      stats.active--
    }
  }

  /** Sends what is shorter: content that does not shrink stays as it is. */
  function settle(
    response: HttpResponse,
    coding: Coding,
    coded: Uint8Array,
    plain: Uint8Array,
    identityRefused: boolean,
  ): HttpResponse {
    if (coded.length >= plain.length && !identityRefused) {
      response.body = plain
      return response
    }
    stats.compressed++
    response.body = coded
    markCoded(response, coding)
    return response
  }

  function finishNotModified(
    request: HttpRequest,
    response: HttpResponse,
    asked: string | null,
  ): HttpResponse {
    vary(response)
    const etag = response.headers.get('etag')
    if (asked === null || etag === null) return response
    const wanted = negotiate(request.headers.get('accept-encoding'))
    response.headers.set('ETag', notModifiedTag(asked, etag, wanted === 'identity' ? null : wanted))
    return response
  }
}

/** Answers only `identity`, or null where that is refused. */
const plainOnly: (acceptEncoding: string | null) => Negotiated = createNegotiator([])

/** Whether `identity` is out of question for this client (RFC 9110 §12.5.3). */
function refusesIdentity(request: HttpRequest): boolean {
  return plainOnly(request.headers.get('accept-encoding')) === null
}

/** Gives the handler its own entity tags back; returns `If-None-Match` as it came where that changed it, else null. */
function restoreConditions(request: HttpRequest): string | null {
  const { headers } = request
  const ifMatch = headers.get('if-match')
  if (ifMatch !== null) {
    const restored = restoreTags(ifMatch)
    if (restored !== null) headers.set('If-Match', restored)
  }
  const ifNoneMatch = headers.get('if-none-match')
  if (ifNoneMatch === null) return null
  const restored = restoreTags(ifNoneMatch)
  if (restored === null) return null
  headers.set('If-None-Match', restored)
  return ifNoneMatch
}

/** The fields of a coded answer: its length and its byte ranges are not those of the plain one. */
function markCoded(response: HttpResponse, coding: Coding): void {
  const { headers } = response
  headers.set('Content-Encoding', coding)
  headers.delete('Content-Length')
  headers.delete('Accept-Ranges')
  const etag = headers.get('etag')
  if (etag !== null && etag.startsWith('"')) headers.set('ETag', codedTag(etag, coding))
}

/** RFC 9110 §12.5.5: other clients may get other bytes, now or in another version of this answer. */
function vary(response: HttpResponse): void {
  const { headers } = response
  const existing = headers.get('vary')
  const appended = appendToList(existing, 'Accept-Encoding')
  if (appended !== existing) headers.set('Vary', appended)
}

/** Whether there is content to code, or, for a HEAD answered without it, would be in the GET. */
function standsForContent(request: HttpRequest, response: HttpResponse): boolean {
  return response.body !== null || (request.method === 'HEAD' && response.headers.has('content-length'))
}

/** Bytes of the body, −1 where not known. */
function knownLength({ body, headers }: HttpResponse): number {
  if (typeof body === 'string') return body.length // at least: enough to compare with a threshold
  if (body instanceof Uint8Array || isFileBody(body)) return body.length
  const declared = headers.get('content-length')
  return declared === null ? -1 : Number(declared)
}

/**
 * The fields of the GET without its work. RFC 9110 §8.6 forbids a `Content-Length` that the GET would not have, and which
 * it would have is not known before compressing: a body of unknown length makes the server say none.
 */
function finishHead(response: HttpResponse, coding: Coding): HttpResponse {
  void closeBody(response.body)
  response.body = null
  markCoded(response, coding)
  return response
}

/** RFC 9110 §15.5.7, with the list a client may choose from. */
function notAcceptable(response: HttpResponse): HttpResponse {
  void closeBody(response.body)
  const answer = respond.text(
    'Not Acceptable: identity is refused, and no content coding we have is accepted\n',
    {
      status: 406,
    },
  )
  answer.headers.set('Vary', 'Accept-Encoding')
  return answer
}
