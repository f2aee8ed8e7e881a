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
/** Marks the bytes of four that may end a text: not 0 if there are any, and the lowest mark is a true one. */
export function endsText(four: number): number {
  return ((four - 0x20202020) | (four + 0x01010101)) & 0x80808080
}

/** The same for what `TARGET` lacks: SP and below, DEL and above, `"`, `#`, `<` and `>`. */
export function endsTarget(four: number): number {
  const quoteOrHash = (four & 0xfefefefe) ^ 0x22222222 // a byte of 0 where it is
  const lessOrGreater = (four & 0xfdfdfdfd) ^ 0x3c3c3c3c
  const others = (four - 0x21212121) | (four + 0x01010101)
  return (others | (quoteOrHash - 0x01010101) | (lessOrGreater - 0x01010101)) & 0x80808080
}

/** Not 0 if one of four bytes, made lower case by `fourLowerCase`, is no letter. */
export function noLetters(four: number): number {
  return ((four - 0x61616161) | (0x7a7a7a7a - four)) & 0x80808080
}

/** Which of the four bytes has the lowest mark. */
export function firstHit(marks: number): number {
  return (31 - Math.clz32(marks & -marks)) >> 3
}

/**
 * Skips the bytes of a field value or reason phrase (RFC 9110 §5.5), four at a time. `view` sees the same memory as
 * `bytes`; it is read with the lowest byte first, whatever the processor does, so the lowest hit is the first byte.
 */
export function endOfText(bytes: Uint8Array, view: DataView, at: number): number {
  for (;;) {
    let hit = endsText(view.getInt32(at, true))
    while (hit === 0) hit = endsText(view.getInt32((at += 4), true))
    at += firstHit(hit)
    if (TEXT[bytes[at]!] === 0) return at
    at++ // HTAB or a byte from 0x80 up
  }
}
