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

// For four bytes at once: a byte below 0x20 borrows from its high bit when 0x20 is taken away, and 0x7f has it when
// one is added, as all from 0x80 up have. A borrow or carry can only mark a byte above a true hit.
const EACH_SP = 0x20202020
const EACH_ONE = 0x01010101
const EACH_HIGH_BIT = 0x80808080 | 0

/**
 * Skips the bytes of a field value or reason phrase (RFC 9110 §5.5), four at a time. `view` sees the same memory as
 * `bytes`; it is read with the lowest byte first, whatever the processor does, so the lowest hit is the first byte.
 */
export function endOfText(bytes: Uint8Array, view: DataView, at: number): number {
  for (;;) {
    let four = view.getInt32(at, true)
    let hit = ((four - EACH_SP) | (four + EACH_ONE)) & EACH_HIGH_BIT
    while (hit === 0) {
      at += 4
      four = view.getInt32(at, true)
      hit = ((four - EACH_SP) | (four + EACH_ONE)) & EACH_HIGH_BIT
    }
    at += (31 - Math.clz32(hit & -hit)) >> 3
    if (TEXT[bytes[at]!] === 0) return at
    at++ // HTAB or a byte from 0x80 up
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
