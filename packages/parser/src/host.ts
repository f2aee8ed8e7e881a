import { isAuthority } from './authority.ts'
import { COMPLETE } from './head-scan.ts'
import type { HeadScan, Progress } from './head-scan.ts'
import { HOST } from './known-fields.ts'

/**
 * RFC 9112 §3.2: an HTTP/1.1 request without Host, and any request with more than one Host line or a Host that is
 * not a host with an optional port, is 400. Empty is allowed: the target may have no authority.
 */
export function checkHost(scan: HeadScan): Progress {
  if (!scan.has(HOST)) {
    return scan.minorVersion === 0 ? COMPLETE : scan.fail('ERR_MISSING_HOST', scan.position - 1)
  }
  if (scan.isRepeated(HOST)) return scan.fail('ERR_REPEATED_HOST', scan.position - 1)
  const from = scan.valueStart(HOST)
  const to = scan.valueEnd(HOST)
  return isAuthority(scan.bytes, from, to, false) ? COMPLETE : scan.fail('ERR_INVALID_HOST', from)
}
