import { withCode } from './with-code.ts'

// The border that response splitting cannot pass: a field that is not one line of legal octets
// is refused where the developer sets it, not where the bytes leave.

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// Anything but HTAB, SP, VCHAR and obs-text (RFC 9110 §5.5): CR, LF and NUL above all.
const NOT_FIELD_CONTENT = /[^\t\x20-\x7e\x80-\xff]/

/** Names already checked, with their lower-case form; a server uses few, so this stays small. */
const known = new Map<string, string>()
/** Entries. Names made from input must not fill memory; 512 is several times the registered fields in use. */
const MAX_KNOWN_NAMES = 512
/** Characters of a name worth keeping, for the same reason; the longest registered one has 47. */
const MAX_KNOWN_LENGTH = 64

/**
 * The lower-case form of a legal field name (RFC 9110 §5.1).
 * @throws {TypeError} `ERR_INVALID_FIELD_NAME`
 */
export function checkFieldName(name: string): string {
  const found = known.get(name)
  if (found !== undefined) return found
  assertToken(name)
  const lower = name.toLowerCase()
  if (known.size < MAX_KNOWN_NAMES && name.length <= MAX_KNOWN_LENGTH) known.set(name, lower)
  return lower
}

/** Names asked for, with their lower-case form. Not those above: these are unchecked. */
const asked = new Map<string, string>()

/** The lower-case form of any name: `toLowerCase`, but found where it was asked for before. */
export function lowerCaseName(name: string): string {
  const found = asked.get(name)
  if (found !== undefined) return found
  const lower = name.toLowerCase()
  if (asked.size < MAX_KNOWN_NAMES && name.length <= MAX_KNOWN_LENGTH) asked.set(name, lower)
  return lower
}

/** @throws {TypeError} `ERR_INVALID_FIELD_NAME` */
export function assertToken(name: string): void {
  if (typeof name === 'string' && TOKEN.test(name)) return
  throw fieldError(
    'ERR_INVALID_FIELD_NAME',
    `a field name must be a token (RFC 9110 §5.1), got ${quote(name)}`,
  )
}

/**
 * The value as it will be sent, outer whitespace removed (RFC 9110 §5.5).
 * @throws {TypeError} `ERR_INVALID_FIELD_VALUE`
 */
export function checkFieldValue(name: string, value: string | number): string {
  const text = typeof value === 'string' ? value : numberToText(name, value)
  if (NOT_FIELD_CONTENT.test(text)) {
    throw fieldError(
      'ERR_INVALID_FIELD_VALUE',
      `the value of ${name} holds a character that a field cannot carry (RFC 9110 §5.5): ${quote(text)}`,
    )
  }
  return trim(text)
}

// `undefined` and lists would go out as their own names or glued together: they are slips of the caller.
function numberToText(name: string, value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  throw fieldError(
    'ERR_INVALID_FIELD_VALUE',
    `the value of ${name} must be a string or a finite number, got ${quote(value)}; a list is one line each, by append`,
  )
}

// By hand: `/[\t ]+$/` takes quadratic time on whitespace inside a value (CWE-1333).
function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return end - start === text.length ? text : text.slice(start, end)
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
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text
}

function fieldError(code: string, message: string): TypeError {
  return withCode(new TypeError(message), code)
}
