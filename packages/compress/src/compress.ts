import { appendToList } from '@tsws/headers'
import { closeBody, isFileBody, respond } from '@tsws/http'
import type { HttpRequest, HttpResponse, Middleware } from '@tsws/http'
import { Coder } from './coder.ts'
import type { Coded } from './coder.ts'
import type { Coding } from './coding.ts'
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
  /** Those of them that were compressed before. */
  hits: number
  /** Answers sent as they are because too many compressions were under way. */
  refused: number
  /** Compressions under way. */
  active: number
  /** Bytes kept in memory to serve again. */
  keptBytes: number
  /** Background compressions, or writes of them to disk, that failed. */
  failures: number
}

/** The middleware, and what it counts. */
export interface Compress extends Middleware {
  readonly stats: Readonly<CompressStats>
  /** Resolves when no background compression is under way or waiting. */
  idle(): Promise<void>
  /** Ends the background work: what has begun is finished, the rest dropped. The middleware works on without it. */
  close(): Promise<void>
}

/**
 * Sends answers in the content coding the client likes best (RFC 9110 §12.5.3).
 *
 * @throws {TypeError} for an option that is not one
 */
export function compress(options?: CompressOptions): Compress {
  const resolved = resolveOptions(options)
  const { threshold } = resolved
  const negotiate = createNegotiator(resolved.codings)
  const coder = new Coder(resolved)
  const stats = {
    compressed: 0,
    get hits() {
      return coder.hits
    },
    get refused() {
      return coder.refused
    },
    get active() {
      return coder.active
    },
    get keptBytes() {
      return coder.store?.bytes ?? 0
    },
    get failures() {
      return coder.best?.failures ?? 0
    },
  }

  const middleware: Middleware = (request, next) => {
    const asked = restoreConditions(request)
    const response = next(request)
    return response instanceof Promise
      ? response.then((settled) => finish(request, settled, asked))
      : finish(request, response, asked)
  }
  return Object.assign(middleware, {
    stats,
    idle: async () => coder.best?.idle(),
    close: () => coder.close(),
  })

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
    const { body, headers } = response
    if (request.method === 'HEAD' || body === null) return finishHead(response, wanted, length)
    const hasValidator = headers.has('etag') || headers.has('last-modified')
    const coded = coder.code({ body, coding: wanted, length, hasValidator, always: identityRefused })
    if (coded instanceof Promise) return coded.then((done) => settle(response, wanted, done))
    return settle(response, wanted, coded)
  }

  /**
   * The fields of the GET without its work. RFC 9110 §8.6 forbids a `Content-Length` that the GET would not have; which
   * it would have is known only where the coding is kept already.
   */
  function finishHead(response: HttpResponse, coding: Coding, length: number): HttpResponse {
    const { body } = response
    const task = { coding, length, hasValidator: false, always: false }
    const kept = body === null ? null : coder.peek({ body, ...task })
    void closeBody(body)
    response.body = kept
    markCoded(response, coding)
    return response
  }

  /** Takes over what became of the body. */
  function settle(response: HttpResponse, coding: Coding, coded: Coded): HttpResponse {
    response.body = coded.body
    if (coded.isCoded) {
      stats.compressed++
      markCoded(response, coding)
    }
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
