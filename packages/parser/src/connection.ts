import { foursMatch, foursOf } from './four-bytes.ts'
import type { HeadScan } from './head-scan.ts'
import { CONNECTION, EXPECT } from './known-fields.ts'
import { listMembers } from './list-members.ts'

const KEEP_ALIVE_OPTION = foursOf('keep-alive')
const CLOSE_OPTION = foursOf('close')

// What a message asks of its connection, as bits.
export const KEEP_ALIVE = 1
export const UPGRADE_LISTED = 2
export const EXPECT_CONTINUE = 4
export const EXPECT_UNKNOWN = 8

/** RFC 9112 §9.3: "close" wins; 1.1 persists unless told otherwise, 1.0 only if told to. And whether Upgrade counts. */
export function connectionOptions(scan: HeadScan): number {
  const byVersion = scan.minorVersion
  if (!scan.has(CONNECTION)) return byVersion
  if (!scan.isRepeated(CONNECTION)) {
    const from = scan.valueStart(CONNECTION)
    const to = scan.valueEnd(CONNECTION)
    if (foursMatch(KEEP_ALIVE_OPTION, scan.view, from, to)) return KEEP_ALIVE
    if (foursMatch(CLOSE_OPTION, scan.view, from, to)) return 0
  }
  const options = listMembers(scan, CONNECTION)
  // RFC 9110 §7.8: Upgrade in an HTTP/1.0 request is to be ignored.
  const upgrade = byVersion === 1 && options.includes('upgrade') ? UPGRADE_LISTED : 0
  if (options.includes('close')) return upgrade
  return upgrade | (byVersion === 1 || options.includes('keep-alive') ? KEEP_ALIVE : 0)
}

/**
 * RFC 9110 §10.1.1: 100-continue is the one expectation there is, said once or several times, and HTTP/1.0
 * can't have it.
 */
export function expectation(scan: HeadScan): number {
  if (!scan.has(EXPECT)) return 0
  const members = listMembers(scan, EXPECT)
  // RFC 9110 §5.6.1: empty members count for nothing.
  if (members.some((member) => member !== '' && member !== '100-continue')) return EXPECT_UNKNOWN
  return scan.minorVersion === 1 && members.includes('100-continue') ? EXPECT_CONTINUE : 0
}
