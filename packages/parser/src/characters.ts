/** Bytes that the grammar names. */
export const HTAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20
export const COMMA = 0x2c
export const COLON = 0x3a
export const SEMICOLON = 0x3b
export const SLASH = 0x2f

/** tchar (RFC 9110 §5.6.2): what methods, field names and codings are made of. */
export const TOKEN = tableOf(/[\w!#$%&'*+.^`|~-]/)

/**
 * What a request-target may hold: the characters of RFC 3986, and `[ ] \ ^ { | }` and the backtick, which
 * browsers send as they are (WHATWG URL leaves them alone in a query). No space, control, `"`, `<`, `>`, `#`
 * or byte from 0x80 up: those end or change what the next reader sees.
 */
export const TARGET = tableOf(/[\w.~!$&'()*+,;=:@/?%[\]\\^`{|}-]/)

/** TARGET and the bytes from 0x80 up, for `allowNonAsciiTarget`. */
export const LENIENT_TARGET = TARGET.map((allowed, byte) => (byte >= 0x80 ? 1 : allowed))

/** reg-name (RFC 3986 §3.2.2), but for pct-encoded: unreserved (§2.3) and sub-delims (§2.2). */
export const REG_NAME = tableOf(/[\w.~!$&'()*+,;=-]/)

/** field-vchar, obs-text, SP and HTAB (RFC 9110 §5.5): what a field value or reason phrase is made of. */
export const TEXT = tableOf(/[\t -~\x80-\xff]/)

/** qdtext (RFC 9110 §5.6.4): what stands in a quoted string without a backslash. */
export const QUOTED_TEXT = TEXT.map((allowed, byte) => (byte === 0x22 || byte === 0x5c ? 0 : allowed))

/** The value of a hexadecimal digit, or -1. */
export const HEX = Int8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1
})

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

/** 1 for each byte that is one of these characters. */
function tableOf(characters: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => Number(characters.test(String.fromCharCode(byte))))
}
