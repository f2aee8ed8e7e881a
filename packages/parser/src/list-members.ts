import { INDEX_STRIDE } from './head-scan.ts'
import type { HeadScan } from './head-scan.ts'
import { knownField } from './known-fields.ts'
import { latin1 } from './latin1.ts'

const WHITESPACE = ' \t\r\n'

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

/**
 * Only SP and HTAB are optional whitespace, and CR LF where a fold was let through: not all that trim() takes.
 * A loop, because a pattern that ends in "$" would take quadratic time on a value full of spaces.
 */
function trimWhitespace(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && WHITESPACE.includes(text[from]!)) from++
  while (to > from && WHITESPACE.includes(text[to - 1]!)) to--
  return text.slice(from, to)
}
