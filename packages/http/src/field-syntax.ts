// The border that response splitting cannot pass: a field that is not one line of legal octets
// is refused where the developer sets it, not where the bytes leave.

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// Anything but HTAB, SP, VCHAR and obs-text (RFC 9110 §5.5): CR, LF and NUL above all.
const NOT_FIELD_CONTENT = /[^\t\x20-\x7e\x80-\xff]/
const OUTER_WHITESPACE = /^[\t ]+|[\t ]+$/g

/** Names already checked, with their lower-case form; a server uses few, so this stays small. */
const known = new Map<string, string>()
/** Entries. Names made from input must not fill memory; 512 is several times the registered fields in use. */
const MAX_KNOWN_NAMES = 512

/**
 * The lower-case form of a legal field name (RFC 9110 §5.1).
 * @throws {TypeError} `ERR_INVALID_FIELD_NAME`
 */
export function checkFieldName(name: string): string {
  const found = known.get(name)
  if (found !== undefined) return found
  if (typeof name !== 'string' || !TOKEN.test(name)) {
    throw fieldError(
      'ERR_INVALID_FIELD_NAME',
      `a field name must be a token (RFC 9110 §5.1), got ${quote(name)}`,
    )
  }
  const lower = name.toLowerCase()
  if (known.size < MAX_KNOWN_NAMES) known.set(name, lower)
  return lower
}

/**
 * The value as it will be sent, outer whitespace removed (RFC 9110 §5.5).
 * @throws {TypeError} `ERR_INVALID_FIELD_VALUE`
 */
export function checkFieldValue(name: string, value: string | number): string {
  const text = typeof value === 'string' ? value : String(value)
  if (NOT_FIELD_CONTENT.test(text)) {
    throw fieldError(
      'ERR_INVALID_FIELD_VALUE',
      `the value of ${name} holds a character that a field cannot carry (RFC 9110 §5.5): ${quote(text)}`,
    )
  }
  if (text === '') return text
  return isSpace(text.charCodeAt(0)) || isSpace(text.charCodeAt(text.length - 1))
    ? text.replace(OUTER_WHITESPACE, '')
    : text
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** Whether a field is one that a server writes itself: what frames a message, its connection and its date. */
export function isFramingName(lowerCaseName: string): boolean {
  return FRAMING_NAMES.has(lowerCaseName)
}

const FRAMING_NAMES: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'date',
])

/** Characters of a bad name or value that an error message shows. */
const MAX_QUOTED = 80

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text
}

function fieldError(code: string, message: string): TypeError {
  return Object.assign(new TypeError(message), { code })
}
