import { connectionOptions, expectation } from './connection.ts'
import { decideRequestFraming, NO_FRAMING } from './framing.ts'
import { FAILED } from './head-scan.ts'
import type { HeadScan, Progress } from './head-scan.ts'
import { checkHost } from './host.ts'
import { RequestHead } from './request-head.ts'
import { scanRequestLine } from './request-line.ts'
import { scanHead } from './scan-head.ts'

/** Goes on with a request head; see `scanHead`. */
export function scanRequestHead(scan: HeadScan, end: number): Progress {
  return scanHead(scan, end, scanRequestLine)
}

/** Applies the rules about the whole head. Returns null if one is broken; `scan` says which. */
export function endRequestHead(scan: HeadScan, bytes: Uint8Array, shift: number): RequestHead | null {
  if (checkHost(scan) === FAILED) return null
  const contentLength = decideRequestFraming(scan)
  if (contentLength === NO_FRAMING) return null
  return new RequestHead(scan, bytes, shift, contentLength, connectionOptions(scan) | expectation(scan))
}
