import { INDEX_STRIDE } from './head-scan.ts'
import type { HeadScan } from './head-scan.ts'
import { knownField } from './known-fields.ts'
import { latin1 } from './latin1.ts'
import { trimWhitespace } from './trim-whitespace.ts'

/**
 * The members of a known field over all its lines (RFC 9110 §5.3, §5.6.1), in lower case, whitespace removed;
 * empty members stay. Not for the usual request: that is recognised by its bytes.
 */
export function listMembers(scan: HeadScan, known: number): string[] {
  const members: string[] = []
  for (let field = 0; field < scan.fieldCount; field++) {
    const place = field * INDEX_STRIDE
    const { bytes, view, index } = scan
    if (knownField(view, index[place]!, index[place + 1]!) !== known) continue
    const value = latin1(bytes, index[place + 2]!, index[place + 3]!)
    for (const member of value.split(',')) members.push(trimWhitespace(member).toLowerCase())
  }
  return members
}
