import { scanFieldSection } from './field-section.ts'
import { COMPLETE, FIELD_LINE, NEED_MORE, START_LINE_LF } from './head-scan.ts'
import type { HeadScan, Progress } from './head-scan.ts'

/** Goes on with a start-line. */
type StartLineScan = (scan: HeadScan, end: number) => Progress

/**
 * Goes on with a head as far as there are bytes; `scan.bytes` has room for one byte at `end`. What it says depends on
 * the bytes before `end` only, not on how they came.
 */
export function scanHead(scan: HeadScan, end: number, scanStartLine: StartLineScan): Progress {
  const { bytes } = scan
  const largestEnd = scan.start + scan.options.maxHeadBytes
  const to = end < largestEnd ? end : largestEnd
  const behind = bytes[to]!
  bytes[to] = 0 // where every scan stops: NUL belongs to nothing
  const progress = scanParts(scan, to, scanStartLine)
  bytes[to] = behind
  if (progress === NEED_MORE && end >= largestEnd) return scan.fail('ERR_HEAD_TOO_LARGE', largestEnd - 1)
  return progress
}

function scanParts(scan: HeadScan, end: number, scanStartLine: StartLineScan): Progress {
  if (scan.step <= START_LINE_LF) {
    const progress = scanStartLine(scan, end)
    if (progress !== COMPLETE) return progress
    scan.fieldsStart = scan.position
    scan.step = FIELD_LINE
  }
  return scanFieldSection(scan, end)
}
