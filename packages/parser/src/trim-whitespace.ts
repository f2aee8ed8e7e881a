import { SP } from './characters.ts'

/**
 * SP and HTAB are optional whitespace, and so are CR LF where a fold was let through; a value that was scanned has
 * nothing else up to SP, while trim() would take NBSP too.
 * Loops, because a pattern that ends in "$" would take quadratic time on a value full of spaces.
 */
export function trimWhitespace(text: string): string {
  let from = 0
  let to = text.length
  while (text.charCodeAt(from) <= SP) from++
  while (to > from && text.charCodeAt(to - 1) <= SP) to--
  return text.slice(from, to)
}
