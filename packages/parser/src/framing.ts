import { isDigit } from './characters.ts'
import type { ParseErrorCode } from './error-table.ts'
import type { HeadScan } from './head-scan.ts'
import { CONTENT_LENGTH, TRANSFER_ENCODING } from './known-fields.ts'
import { listMembers } from './list-members.ts'
import { checkTransferEncoding } from './transfer-encoding.ts'

// A framing is a number of bytes, or one of these.
/** The body is chunked. */
export const CHUNKED = -1
/** Only of a response: the body goes on until the connection closes. */
export const UNTIL_CLOSE = -2
/** Only of a response: what follows the head is another protocol. */
export const TUNNEL = -3
/** Neither Content-Length nor Transfer-Encoding was there. */
const NOT_STATED = -4
/** The scan has failed: what is wrong stands in `scan.failure`. */
export const NO_FRAMING = -5

/** RFC 9112 §6.3 for a request: without Content-Length and Transfer-Encoding there is no body. */
export function decideRequestFraming(scan: HeadScan): number {
  const stated = statedFraming(scan)
  return stated === NOT_STATED ? 0 : stated
}

/** RFC 9112 §6.3 for the response to a request with this method. */
export function decideResponseFraming(scan: HeadScan, method: string): number {
  const { status } = scan
  if (status === 101 || (method === 'CONNECT' && status >= 200 && status < 300)) return TUNNEL
  const stated = statedFraming(scan)
  if (stated === NO_FRAMING) return stated
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 0
  return stated === NOT_STATED ? UNTIL_CLOSE : stated
}

/**
 * What Content-Length and Transfer-Encoding say together, the one place that reads them. Both at once, either of
 * them in doubt, or a coding nobody can undo: refused, because the next reader may see another border.
 */
function statedFraming(scan: HeadScan): number {
  const coded = scan.has(TRANSFER_ENCODING)
  if (!coded) return scan.has(CONTENT_LENGTH) ? contentLength(scan) : NOT_STATED
  const at = scan.valueStart(TRANSFER_ENCODING)
  // RFC 9112 §6.1: a server may refuse both; it is how requests are smuggled.
  if (scan.has(CONTENT_LENGTH)) return refuse(scan, 'ERR_CONTENT_LENGTH_AND_TRANSFER_ENCODING', at)
  // RFC 9112 §6.1: in HTTP/1.0 the framing is to be treated as faulty.
  if (scan.minorVersion === 0) return refuse(scan, 'ERR_TRANSFER_ENCODING_IN_HTTP_1_0', at)
  const failure = checkTransferEncoding(scan)
  return failure === null ? CHUNKED : refuse(scan, failure, at)
}

/** Content-Length = 1*DIGIT (RFC 9110 §8.6), once (RFC 9112 §6.3), and small enough to count exactly. */
function contentLength(scan: HeadScan): number {
  const { bytes } = scan
  const from = scan.valueStart(CONTENT_LENGTH)
  const to = scan.valueEnd(CONTENT_LENGTH)
  let length = 0
  let at = from
  while (at < to && isDigit(bytes[at]!)) length = length * 10 + (bytes[at++]! - 0x30)
  if (at < to || from === to || scan.isRepeated(CONTENT_LENGTH)) return unusualContentLength(scan, from)
  return length > Number.MAX_SAFE_INTEGER ? refuse(scan, 'ERR_CONTENT_LENGTH_TOO_LARGE', from) : length
}

/** Tells several values from a broken one, and takes several equal ones if that was asked for. */
function unusualContentLength(scan: HeadScan, at: number): number {
  const values = listMembers(scan, CONTENT_LENGTH)
  const [first] = values
  if (first === undefined || !values.every((value) => /^[0-9]+$/.test(value))) {
    return refuse(scan, 'ERR_INVALID_CONTENT_LENGTH', at)
  }
  if (!scan.options.allowEqualContentLengths || values.some((value) => value !== first)) {
    return refuse(scan, 'ERR_REPEATED_CONTENT_LENGTH', at)
  }
  return Number(first) > Number.MAX_SAFE_INTEGER
    ? refuse(scan, 'ERR_CONTENT_LENGTH_TOO_LARGE', at)
    : Number(first)
}

function refuse(scan: HeadScan, failure: ParseErrorCode, at: number): typeof NO_FRAMING {
  scan.fail(failure, at)
  return NO_FRAMING
}
