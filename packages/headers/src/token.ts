/** token = 1*tchar (RFC 9110 §5.6.2). */
export function isToken(value: string): boolean {
  return TOKEN.test(value)
}

/**
 * The text of a quoted-string (RFC 9110 §5.6.4) without its quotes and escapes;
 * null when `value` is not exactly one quoted-string.
 */
export function unquoteString(value: string): string | null {
  if (!QUOTED_STRING.test(value)) return null
  return value.slice(1, -1).replace(/\\(.)/gs, '$1')
}

/**
 * `text` as a quoted-string (RFC 9110 §5.6.4).
 *
 * @throws {TypeError} when it holds a control character but tab, or a character above U+00FF: neither can stand
 * in a field value, and a CR or LF would start a new field line (response splitting).
 */
export function quoteString(text: string): string {
  if (!QUOTABLE.test(text)) {
    throw new TypeError(
      `cannot quote ${JSON.stringify(text)}: a quoted-string holds tab, visible characters and U+0080 to U+00FF only`,
    )
  }
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
// qdtext and quoted-pair, obs-text included: field values reach us as Latin-1
const QUOTED_STRING = /^"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"$/
const QUOTABLE = /^[\t \x21-\x7e\x80-\xff]*$/
