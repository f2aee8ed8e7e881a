import { listIncludes } from '@tsws/headers'
import type { HttpHeaders, HttpResponse } from '@tsws/http'
import { isCompressibleField } from './compressible.ts'

/**
 * Marks an answer that must not be compressed, and gives it back: `return withoutCompression(respond.html(page))`.
 *
 * Do this for an answer over TLS that holds a secret (a CSRF token, a key) beside text that whoever sent the request can
 * choose (a search term, a name from the query): its compressed length tells them, guess by guess, whether they
 * have the secret right (the BREACH attack).
 */
export function withoutCompression(response: HttpResponse): HttpResponse {
  refused.add(response)
  return response
}

/** RFC 9110 §15: these have no content, or (206) bytes of what was selected before any coding of ours. */
export function hasNoWholeContent(response: HttpResponse): boolean {
  const { status } = response
  return status < 200 || status === 204 || status === 205 || status === 206 || status === 304
}

/** RFC 9110 §8.4: coded already. */
export function isCoded(headers: HttpHeaders): boolean {
  return headers.has('content-encoding')
}

/** RFC 9111 §5.2.2.6: a `no-transform` is kept by us too, though we are no proxy: it is how applications say "leave it". */
export function forbidsTransform(headers: HttpHeaders): boolean {
  const value = headers.get('cache-control')
  return value !== null && listIncludes(value, 'no-transform')
}

/** RFC 9530 §2, §3: a digest is over the coded bytes; the one that is there would be wrong. */
export function hasDigest(headers: HttpHeaders): boolean {
  return headers.has('content-digest') || headers.has('repr-digest') || headers.has('digest')
}

/** The handler asked for it: `withoutCompression`. */
export function isRefused(response: HttpResponse): boolean {
  return refused.has(response)
}

/** Without a type, or with one that is packed already, nothing would be gained. */
export function isIncompressible(headers: HttpHeaders): boolean {
  const type = headers.get('content-type')
  return type === null || !isCompressibleField(type)
}

/** The bytes saved would not pay for the work: one packet is one packet. `length` −1 is not known, so not small. */
export function isTooSmall(length: number, threshold: number): boolean {
  return length >= 0 && length < threshold
}

const refused = new WeakSet<HttpResponse>()
