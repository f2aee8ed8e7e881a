import { trimWhitespace } from './trim-whitespace.ts'

/**
 * Each fold, with the whitespace around it, reads as one space (RFC 9112 §5.2), and a space at either end is no part
 * of the value (RFC 9110 §5.5): no CR or LF is left.
 */
export function unfold(value: string): string {
  return trimWhitespace(value.split('\n').map(trimWhitespace).join(' '))
}
