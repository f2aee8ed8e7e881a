import { scanFieldSection } from './field-section.ts'
import { lowerCaseName } from './field-names.ts'
import { COMPLETE, INDEX_STRIDE, NEED_MORE } from './head-scan.ts'
import type { HeadScan, Progress } from './head-scan.ts'

/**
 * RFC 9110 §6.5.1: no field that frames, routes, modifies the request, authenticates or says how the content is
 * to be read may be a trailer. Merged into the head by the next recipient, each would be an injection.
 */
const FORBIDDEN = new Set(
  // framing (RFC 9112 §6) and the connection itself (RFC 9110 §7.6.1)
  (
    'transfer-encoding content-length trailer te connection keep-alive proxy-connection upgrade ' +
    // routing
    'host max-forwards ' +
    // request modifiers: controls and conditionals
    'cache-control expect pragma range if-match if-none-match if-modified-since if-unmodified-since if-range ' +
    // authentication and state
    'authorization proxy-authorization www-authenticate proxy-authenticate cookie set-cookie ' +
    // response control data
    'age date expires location retry-after vary warning ' +
    // how the content is to be read
    'content-encoding content-type content-range content-location'
  ).split(' '),
)

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
    if (FORBIDDEN.has(lowerCaseName(bytes, index[place]!, index[place + 1]!))) {
      return scan.fail('ERR_FORBIDDEN_TRAILER', index[place]!)
    }
  }
  scan.fieldsStart = scan.start
  return COMPLETE
}
