import { TEXT, TOKEN } from './characters.ts'

// Each function returns the first position that does not belong. None looks for the end of the input: the
// caller puts a NUL behind the last byte, and NUL belongs to nothing.

/** Skips tchar (RFC 9110 §5.6.2). */
export function endOfToken(bytes: Uint8Array, at: number): number {
  while (TOKEN[bytes[at]!] === 1) at++
  return at
}

/** Skips what `table` allows. */
export function endOfAllowed(table: Uint8Array, bytes: Uint8Array, at: number): number {
  while (table[bytes[at]!] === 1) at++
  return at
}

// "Has a byte below 0x20" and "has a byte equal to 0x7f" for four bytes at once (the borrow of a subtraction
// can only mark a byte above a true hit, and a hit is looked at byte by byte, so byte order does not matter).
const EACH_SP = 0x20202020
const EACH_DEL = 0x7f7f7f7f
const EACH_ONE = 0x01010101
const EACH_HIGH_BIT = 0x80808080 | 0

/**
 * Skips the bytes of a field value or reason phrase (RFC 9110 §5.5), four at a time.
 * `words` sees the same memory as `bytes`, which begins on a word.
 */
export function endOfText(bytes: Uint8Array, words: Int32Array, at: number): number {
  while ((at & 3) !== 0) {
    if (TEXT[bytes[at]!] === 0) return at
    at++
  }
  for (;;) {
    let word = at >> 2
    for (;;) {
      const four = words[word]!
      const del = four ^ EACH_DEL
      const below = (four - EACH_SP) & ~four
      if (((below | ((del - EACH_ONE) & ~del)) & EACH_HIGH_BIT) !== 0) break
      word++
    }
    at = word << 2
    const next = at + 4
    while (at < next) {
      if (TEXT[bytes[at]!] === 0) return at
      at++
    }
  }
}

/** Whether the bytes are `name`, which is in lower case; they may be in any. Only for names that are tokens. */
export function equalsLowerCase(name: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== name.length) return false
  for (let i = 0; i < name.length; i++) {
    // Setting 0x20 makes small letters of capitals; it also turns CR into "-", which no value holds.
    if ((bytes[from + i]! | 0x20) !== name[i]) return false
  }
  return true
}
