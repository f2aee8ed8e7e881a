import { closeBody, HttpResponse, isFileBody, respond } from '@tsws/http'
import type { Body, HttpRequest, Middleware } from '@tsws/http'
import { addVary, codedHeaders, describeFields, FactsMemory } from './answer-facts.ts'
import type { AnswerFacts } from './answer-facts.ts'
import { Coder, isCodedWhole } from './coder.ts'
import type { Coded } from './coder.ts'
import type { Coding } from './coding.ts'
import { notModifiedTag, restoreTags } from './entity-tag.ts'
import { createNegotiator } from './negotiate.ts'
import type { Negotiated } from './negotiate.ts'
import { resolveOptions } from './options.ts'
import type { CompressOptions } from './options.ts'
import { packedAnswer } from './packed-answer.ts'
import { forbidsTransform, hasNoWholeContent, isRefused, isTooSmall } from './veto.ts'

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
  const fieldsMemory = new FactsMemory()
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
    const accept = request.headers.get('accept-encoding')
    // Who asks for no coding, or has the answer already, gets it as it is.
    const isUsual = asked === null && (accept === null || response.status === 304)
    if (isUsual && fieldsMemory.isKnownToVary(response.headers)) return response
    if (response.status === 304) return finishNotModified(response, asked, negotiate(accept), fieldsMemory)
    if (hasNoWholeContent(response) || isRefused(response)) return response
    const { body, headers } = response
    const facts = typeof body === 'string' ? describeFields(headers) : fieldsMemory.describe(headers)
    if (facts.isForbidden || !standsForContent(request, response, facts)) return response

    const wanted = negotiate(accept)
    const isBlock = body instanceof Uint8Array && headers.onlyBlock?.content === body
    const packed =
      isBlock && wanted !== null && wanted !== 'identity' ? packedAnswer(response, facts, wanted) : null
    if (packed !== null) {
      coder.hits++
      stats.compressed++
      return packed
    }
    // What is only not worth it is done all the same for a client that refuses the plain answer.
    const identityRefused = wanted !== 'identity' && plainOnly(accept) === null
    if (facts.isIncompressible && !identityRefused) return response
    if (!facts.varies && wanted !== null) addVary(headers)
    if (wanted === 'identity') return response
    if (wanted === null) return refuse(request, response)
    const length = lengthOf(body, facts)
    if (isTooSmall(length, threshold) && !identityRefused) return response
    // RFC 9110 §9.3.2: a HEAD has the fields of its GET. Which those are, what does not shrink above all, is known when the
    // work is done, or was done before; for what is sent while it is compressed a GET does not know its length either.
    if (body === null || (request.method === 'HEAD' && !isCodedWhole(body)))
      return finishHead(response, facts, wanted)
    const { hasValidator } = facts
    const coded = coder.code({ body, coding: wanted, length, hasValidator, always: identityRefused })
    if (coded instanceof Promise) return coded.then((done) => settle(response, facts, wanted, done))
    const answer = settle(response, facts, wanted, coded)
    if (isBlock && !identityRefused && coded.stored !== null) coder.pack(coded.stored, facts)
    return answer
  }

  /** RFC 9110 §8.6: without a `Content-Length`, unless the coding is kept, whole, and a GET would have it too. */
  function finishHead(response: HttpResponse, facts: AnswerFacts, coding: Coding): HttpResponse {
    const { body } = response
    const kept = body === null ? null : coder.peek(body, coding)
    if (kept !== null && kept.coded === null) return response // it does not shrink
    void closeBody(body)
    return recode(response, facts, coding, kept?.coded ?? null)
  }

  /** Takes over what became of the body. */
  function settle(response: HttpResponse, facts: AnswerFacts, coding: Coding, coded: Coded): HttpResponse {
    if (coded.isCoded) {
      stats.compressed++
      return recode(response, facts, coding, coded.body)
    }
    response.body = coded.body
    return response
  }
}

function recode(response: HttpResponse, facts: AnswerFacts, coding: Coding, body: Body): HttpResponse {
  const headers = codedHeaders(response.headers, facts, coding)
  return new HttpResponse(body, { status: response.status, headers, trailers: response.trailers })
}

/** A 304 speaks for the answer the client has: it varies as that did, and carries its tag (RFC 9110 §15.4.5). */
function finishNotModified(
  response: HttpResponse,
  asked: string | null,
  wanted: Negotiated,
  memory: FactsMemory,
): HttpResponse {
  const { headers } = response
  if (asked === null && memory.describe(headers, false).varies) return response
  const etag = headers.get('etag')
  if (forbidsTransform(headers) || (etag !== null && memory.isFixed(etag))) return response
  addVary(headers)
  if (asked === null || etag === null) return response
  headers.set('ETag', notModifiedTag(asked, etag, wanted === 'identity' ? null : wanted))
  return response
}

/** Answers only `identity`, or null where that is refused. */
const plainOnly: (acceptEncoding: string | null) => Negotiated = createNegotiator([])

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

/** Whether there is content to code, or, for a HEAD answered without it, would be in the GET. */
function standsForContent(request: HttpRequest, response: HttpResponse, facts: AnswerFacts): boolean {
  return response.body !== null || (request.method === 'HEAD' && facts.declaredLength >= 0)
}

/** Bytes of the body, −1 where not known. */
function lengthOf(body: Body, facts: AnswerFacts): number {
  if (typeof body === 'string') return body.length // at least: enough to compare with a threshold
  return body instanceof Uint8Array || isFileBody(body) ? body.length : facts.declaredLength
}

/**
 * The client refuses the plain answer and every coding there is. 406 tells it so (RFC 9110 §15.5.7); where that would hide
 * what happened, an error or the outcome of a request that changed something, the plain answer is sent after all (§12.1).
 */
function refuse(request: HttpRequest, response: HttpResponse): HttpResponse {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (!isRead || response.status >= 300) {
    addVary(response.headers)
    return response
  }
  void closeBody(response.body)
  const answer = respond.text(NOT_ACCEPTABLE, { status: 406 })
  answer.headers.set('Vary', 'Accept-Encoding')
  return answer
}

const NOT_ACCEPTABLE = 'Not Acceptable: identity is refused, and no content coding we have is accepted\n'
