import { lowerCaseName, mayBeTrailer } from './field-names.ts'
import { scanFieldSection } from './field-section.ts'
import { COMPLETE, INDEX_STRIDE, NEED_MORE } from './head-scan.ts'
import type { HeadScan, Progress } from './head-scan.ts'

/** trailer-section = *( field-line CRLF ) (RFC 9112 §7.1.2) and the empty line that ends the body. */
export function scanTrailers(scan: HeadScan, end: number): Progress {
  const { bytes } = scan
  const largestEnd = scan.start + scan.options.maxTrailerBytes
  const to = Math.min(end, largestEnd)
  const behind = bytes[to]!
  bytes[to] = 0
  const progress = scanFieldSection(scan, to)
  bytes[to] = behind
  if (progress === NEED_MORE && end >= largestEnd) return scan.fail('ERR_TRAILERS_TOO_LARGE', largestEnd - 1)
  return progress === COMPLETE ? checkTrailerNames(scan) : progress
}

function checkTrailerNames(scan: HeadScan): Progress {
  const { bytes, index } = scan
  for (let place = 0; place < scan.fieldCount * INDEX_STRIDE; place += INDEX_STRIDE) {
    if (!mayBeTrailer(lowerCaseName(bytes, index[place]!, index[place + 1]!))) {
      return scan.fail('ERR_FORBIDDEN_TRAILER', index[place]!)
    }
  }
  scan.fieldsStart = scan.start
  return COMPLETE
}
