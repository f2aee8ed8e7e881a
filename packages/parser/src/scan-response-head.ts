import { connectionOptions } from './connection.ts'
import { decideResponseFraming, NO_FRAMING } from './framing.ts'
import type { HeadScan, Progress } from './head-scan.ts'
import { ResponseHead } from './response-head.ts'
import { scanHead } from './scan-head.ts'
import { scanStatusLine } from './status-line.ts'

/** Goes on with a response head; see `scanHead`. */
export function scanResponseHead(scan: HeadScan, end: number): Progress {
  return scanHead(scan, end, scanStatusLine)
}

/** Applies the rules about the whole head. Returns null if one is broken; `scan` says which. */
export function endResponseHead(
  scan: HeadScan,
  bytes: Uint8Array,
  shift: number,
  method: string,
): ResponseHead | null {
  const contentLength = decideResponseFraming(scan, method)
  if (contentLength === NO_FRAMING) return null
  return new ResponseHead(scan, bytes, shift, contentLength, connectionOptions(scan))
}
