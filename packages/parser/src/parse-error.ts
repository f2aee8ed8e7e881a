import { ERRORS } from './error-table.ts'
import type { ParseErrorCode } from './error-table.ts'

/** How many bytes up to and including the offending one an excerpt shows: enough to recognise the line. */
const EXCERPT_BYTES = 32

/** A message that was refused: which rule, where in the stream, and what a server should answer. */
export class ParseError extends Error {
  override readonly name = 'ParseError'
  /** A stable name, see `docs/errors.md`. */
  readonly code: ParseErrorCode
  /** The status a server should answer: 400, 414, 431, 501 or 505; a gateway that got a bad response: 502. */
  readonly status: number
  /** Where the offending byte is, counted from the first byte ever pushed. */
  readonly offset: number
  /** The section that states the rule, e.g. `RFC 9112 §3.2`. */
  readonly section: string
  /** The last bytes up to and including the offending one, escaped: printable ASCII, `\r`, `\n`, `\t`, `\xNN`. */
  readonly excerpt: string

  /** @internal */
  constructor(code: ParseErrorCode, offset: number, excerpt: string, status: number = ERRORS[code].status) {
    const { section, message } = ERRORS[code]
    super(`${message} (${section}), at byte ${offset}${excerpt === '' ? '' : `: "${excerpt}"`}`)
    this.code = code
    this.status = status
    this.offset = offset
    this.section = section
    this.excerpt = excerpt
  }
}

/** Makes the excerpt for an error at `at`: nothing before `from` is shown, and nothing after `at`. */
export function excerptOf(bytes: Uint8Array, from: number, at: number): string {
  const end = Math.min(at + 1, bytes.length)
  let excerpt = ''
  for (let i = Math.max(from, end - EXCERPT_BYTES); i < end; i++) excerpt += escapeByte(bytes[i]!)
  return excerpt
}

/** A log line must stay one line and must not drive a terminal: only printable ASCII goes through. */
function escapeByte(byte: number): string {
  const letter = String.fromCharCode(byte)
  if (byte < 0x20 || byte > 0x7e) return NAMED[letter] ?? `\\x${byte.toString(16).padStart(2, '0')}`
  return letter === '"' || letter === '\\' ? `\\${letter}` : letter
}

const NAMED: Record<string, string> = { '\r': '\\r', '\n': '\\n', '\t': '\\t' }
