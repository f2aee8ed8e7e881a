import type { ParseErrorCode } from './error-table.ts'
import { foursMatch, foursOf } from './four-bytes.ts'
import type { HeadScan } from './head-scan.ts'
import { TRANSFER_ENCODING } from './known-fields.ts'
import { listMembers } from './list-members.ts'

const CHUNKED_CODING = foursOf('chunked')
/** Any coding but chunked, perhaps with parameters, in lower case. */
const CODING = /^(?!chunked(?:[ \t;]|$))[!#$%&'*+\-.^_`|~0-9a-z]+(?:[ \t]*;.*)?$/

/**
 * RFC 9112 §6.1, §6.3, §7: the length is known only if chunked is the last coding; it may be there once; what
 * comes before it would have to be undone. An empty list member is refused: RFC 9110 §5.6.1.2 would have it
 * ignored, but recipients differ about it, and here that means two borders.
 */
export function checkTransferEncoding(scan: HeadScan): ParseErrorCode | null {
  const from = scan.valueStart(TRANSFER_ENCODING)
  const to = scan.valueEnd(TRANSFER_ENCODING)
  const usual = foursMatch(CHUNKED_CODING, scan.view, from, to)
  return usual && !scan.isRepeated(TRANSFER_ENCODING)
    ? null
    : checkCodings(listMembers(scan, TRANSFER_ENCODING))
}

function checkCodings(codings: string[]): ParseErrorCode | null {
  if (codings.at(-1) !== 'chunked') return 'ERR_INVALID_TRANSFER_ENCODING'
  const before = codings.slice(0, -1)
  if (!before.every((coding) => CODING.test(coding))) return 'ERR_INVALID_TRANSFER_ENCODING'
  return before.length === 0 ? null : 'ERR_UNKNOWN_TRANSFER_CODING'
}
