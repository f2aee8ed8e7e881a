import { COLON, CR, HTAB, LF, SP } from './characters.ts'
import { INDEX_STRIDE } from './head-scan.ts'

/**
 * Finds the field lines of a section again that a scan has already found good, so nothing is checked. A head that
 * outlives the next one pays this once, instead of every head paying for an index of its own.
 */
export function indexFields(bytes: Uint8Array, from: number, fieldCount: number, shift: number): Int32Array {
  const index = new Int32Array(fieldCount * INDEX_STRIDE)
  let at = from
  for (let field = 0; field < fieldCount; field++) {
    const nameStart = at
    while (bytes[at] !== COLON) at++
    const nameEnd = at++
    while (isWhitespace(bytes[at]!)) at++
    const valueStart = at
    // A line goes on while the next one begins with whitespace: only `allowObsFold` lets that happen.
    do {
      while (bytes[at] !== LF) at++
      at++
    } while (isWhitespace(bytes[at]!))
    let valueEnd = at - 1
    if (bytes[valueEnd - 1] === CR) valueEnd--
    while (valueEnd > valueStart && isWhitespace(bytes[valueEnd - 1]!)) valueEnd--
    const place = field * INDEX_STRIDE
    index[place] = nameStart - shift
    index[place + 1] = nameEnd - shift
    index[place + 2] = valueStart - shift
    index[place + 3] = valueEnd - shift
  }
  return index
}

function isWhitespace(byte: number): boolean {
  return byte === SP || byte === HTAB
}
