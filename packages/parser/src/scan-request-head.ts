import { connectionOptions, expectation } from './connection.ts'
import { decideRequestFraming, NO_FRAMING } from './framing.ts'
import { FAILED } from './head-scan.ts'
import type { HeadScan, Progress } from './head-scan.ts'
import { checkHost } from './host.ts'
import { CONNECTION, CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING } from './known-fields.ts'
import { scanPlainRequest } from './plain-request.ts'
import { RequestHead } from './request-head.ts'
import { scanRequestLine } from './request-line.ts'
import { scanHead } from './scan-head.ts'

/** Goes on with a request head; see `scanHead`. */
export function scanRequestHead(scan: HeadScan, end: number): Progress {
  return scanHead(scan, end, scanRequestLine)
}

/** A request with none of these has no body; one with none of those persists as its version says. */
const FRAMING_FIELDS = (1 << CONTENT_LENGTH) | (1 << TRANSFER_ENCODING)
const CONNECTION_FIELDS = (1 << CONNECTION) | (1 << EXPECT)

/** Makes the head that lies there whole and plain, as nearly all do; null for any other, whatever it is. */
export function plainRequestHead(scan: HeadScan, bytes: Uint8Array, shift: number): RequestHead | null {
  return scanPlainRequest(scan) ? endRequestHead(scan, bytes, shift) : null
}

/** Applies the rules about the whole head. Returns null if one is broken; `scan` says which. */
export function endRequestHead(scan: HeadScan, bytes: Uint8Array, shift: number): RequestHead | null {
  if (checkHost(scan) === FAILED) return null
  const contentLength = (scan.seen & FRAMING_FIELDS) === 0 ? 0 : decideRequestFraming(scan)
  if (contentLength === NO_FRAMING) return null
  const plain = (scan.seen & CONNECTION_FIELDS) === 0
  const options = plain ? scan.minorVersion : connectionOptions(scan) | expectation(scan)
  return new RequestHead(scan, bytes, shift, contentLength, options)
}
