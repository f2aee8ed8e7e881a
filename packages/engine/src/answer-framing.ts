import { isFileBody } from '@tsws/http'
import type { Body, HeaderBlock, HttpHeaders, HttpResponse } from '@tsws/http'
import type { BodyFraming } from './encode-head.ts'
import { ResponseError } from './errors.ts'
import { sortOutFraming } from './framing-fields.ts'

/** Everything about an answer that its head must say right. */
export interface AnswerFraming {
  framing: BodyFraming
  /** Bytes announced, where `framing` is `length`. */
  announced: number
  /** Bytes of the body to be sent: 0 for none, -1 where only its end will tell. */
  length: number
  /** Its fields, without those that frame. */
  headers: HttpHeaders
  /** As far as the answer goes, the connection can go on after it. */
  persist: boolean
  /** Connection options of the handler's own, each with a `, ` before it. */
  options: string
  /** The handler brought its own `Date`. */
  date: boolean
  /** The block that ends the head and has the body with it, in one piece, though HEAD does not send it; null for none. */
  contentBlock: HeaderBlock | null
}

/**
 * Decides how an answer is delimited (RFC 9112 §6). It changes nothing in it: the same one may be sent again.
 *
 * @throws {ResponseError | TypeError} for what the handler declared wrongly, or a body that is none
 */
export function frameAnswer(response: HttpResponse, { method, minorVersion }: Requested): AnswerFraming {
  const { status, body } = response
  const declared = response.headers.mentionsFraming ? sortOutFraming(response.headers) : null
  const contentLength = declared === null ? -1 : declared.contentLength
  let length = lengthOf(body)
  let announced = contentLength >= 0 ? contentLength : length
  let framing: BodyFraming
  if (mayHaveContent(method, status)) framing = frameContent(length, contentLength, minorVersion)
  else {
    announced = announcedLength(status, body === null ? -1 : length, contentLength)
    framing = announced < 0 ? 'none' : 'length'
    length = 0
  }
  return {
    framing,
    announced,
    length,
    headers: declared === null ? response.headers : declared.headers,
    persist: framing !== 'close' && (declared === null || !declared.close),
    options: declared === null ? '' : declared.options,
    date: declared !== null && declared.date,
    contentBlock: declared === null && framing === 'length' ? response.headers.contentBlock(body) : null,
  }
}

/** What of a request decides how its answer is framed. */
interface Requested {
  readonly method: string
  readonly minorVersion: number
}

/** Whether an answer may carry content at all (RFC 9110 §6.4.1, §9.3.2, §15.3.6). */
function mayHaveContent(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 205 && status !== 304
}

/** How content is delimited (RFC 9112 §6.3). `declared` is the handler's Content-Length, or -1. */
function frameContent(length: number, declared: number, minorVersion: number): BodyFraming {
  if (length >= 0) {
    if (declared >= 0 && declared !== length) {
      throw new ResponseError(
        'ERR_CONTENT_LENGTH_MISMATCH',
        `the response declares Content-Length ${declared} but its body has ${length} bytes`,
      )
    }
    return 'length'
  }
  if (declared >= 0) return 'length'
  // RFC 9112 §6.1: no Transfer-Encoding towards HTTP/1.0.
  return minorVersion === 0 ? 'close' : 'chunked'
}

/**
 * The length that an answer without content announces, or -1 for none. `length` is that of the body a
 * GET would get, or -1 where that is not known.
 */
function announcedLength(status: number, length: number, declared: number): number {
  if (status === 204) return -1 // RFC 9110 §8.6: MUST NOT
  if (status === 205) return 0 // RFC 9110 §15.3.6: its absence must be said
  if (declared >= 0) return declared
  // A 304, or a HEAD whose handler gave no body, may name the length of the GET's 200; a zero
  // made up here would be a wrong one.
  return status === 304 ? -1 : length
}

/** Bytes of a body, or -1 where only its end will tell. */
function lengthOf(body: Body): number {
  if (body === null) return 0
  if (typeof body === 'string') return Buffer.byteLength(body)
  if (body instanceof Uint8Array || isFileBody(body)) return body.length
  if (typeof body === 'object' && Symbol.asyncIterator in body) return -1
  throw new ResponseError(
    'ERR_INVALID_BODY',
    `a body must be null, a string, bytes, an async iterable of bytes or a FileBody, got ${typeof body}`,
  )
}
