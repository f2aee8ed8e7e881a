import { connectionOptions, expectation } from './connection.ts'
import { scanFieldSection } from './field-section.ts'
import { decideRequestFraming, NO_FRAMING } from './framing.ts'
import { COMPLETE, FAILED, FIELD_LINE, NEED_MORE, START_LINE_LF } from './head-scan.ts'
import type { HeadScan, Progress } from './head-scan.ts'
import { checkHost } from './host.ts'
import { CONNECTION, CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING } from './known-fields.ts'
import { RequestHead } from './request-head.ts'
import { scanRequestLine } from './request-line.ts'

/**
 * Goes on with a request head as far as there are bytes; `scan.bytes` has room for one byte at `end`. What it says
 * depends on the bytes before `end` only, not on how they came.
 */
export function scanRequestHead(scan: HeadScan, end: number): Progress {
  const { bytes } = scan
  const largestEnd = scan.start + scan.options.maxHeadBytes
  const to = end < largestEnd ? end : largestEnd
  const behind = bytes[to]!
  bytes[to] = 0 // where every scan stops: NUL belongs to nothing
  const progress = scanParts(scan, to)
  bytes[to] = behind
  if (progress === NEED_MORE && end >= largestEnd) return scan.fail('ERR_HEAD_TOO_LARGE', largestEnd)
  return progress
}

function scanParts(scan: HeadScan, end: number): Progress {
  if (scan.step <= START_LINE_LF) {
    const progress = scanRequestLine(scan, end)
    if (progress !== COMPLETE) return progress
    scan.fieldsStart = scan.position
    scan.step = FIELD_LINE
  }
  return scanFieldSection(scan, end)
}

/** A request with none of these has no body; one with none of those persists as its version says. */
const FRAMING_FIELDS = (1 << CONTENT_LENGTH) | (1 << TRANSFER_ENCODING)
const CONNECTION_FIELDS = (1 << CONNECTION) | (1 << EXPECT)

/** Applies the rules about the whole head. Returns null if one is broken; `scan` says which. */
export function endRequestHead(scan: HeadScan, bytes: Uint8Array, shift: number): RequestHead | null {
  if (checkHost(scan) === FAILED) return null
  const contentLength = (scan.seen & FRAMING_FIELDS) === 0 ? 0 : decideRequestFraming(scan)
  if (contentLength === NO_FRAMING) return null
  const plain = (scan.seen & CONNECTION_FIELDS) === 0
  const options = plain ? scan.minorVersion : connectionOptions(scan) | expectation(scan)
  return new RequestHead(scan, bytes, shift, contentLength, options)
}
