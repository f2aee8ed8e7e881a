/** How much of what a peer sends is held or looked at before it is refused. */
export interface ParserLimits {
  /**
   * Largest head, from the first byte of the start-line to the empty line that ends it, in bytes.
   * Above it: `ERR_HEAD_TOO_LARGE`, 431.
   * @default 32768
   */
  maxHeadBytes?: number
  /**
   * Longest request-target, in bytes. Above it: `ERR_TARGET_TOO_LONG`, 414.
   * @default 8192
   */
  maxTargetBytes?: number
  /**
   * Longest method, in bytes. Above it: `ERR_METHOD_TOO_LONG`, 501.
   * @default 64
   */
  maxMethodBytes?: number
  /**
   * Most field lines in a head, and in a trailer section. Above it: `ERR_TOO_MANY_FIELDS`, 431.
   * @default 128
   */
  maxHeaderCount?: number
  /**
   * Most empty lines (CRLF) skipped before a start-line. Above it: `ERR_EMPTY_LINES`, 400.
   * @default 4
   */
  maxEmptyLines?: number
  /**
   * Most bytes of chunk extensions in one body, all chunks together, in bytes.
   * Above it: `ERR_CHUNK_EXTENSIONS_TOO_LARGE`, 400.
   * @default 4096
   */
  maxChunkExtensionBytes?: number
  /**
   * Largest trailer section, in bytes. Above it: `ERR_TRAILERS_TOO_LARGE`, 431.
   * @default 8192
   */
  maxTrailerBytes?: number
}

/** What may be let through although the RFC or this parser says no. Each is off, and each has a risk. */
export interface ParserLeniencies {
  /**
   * Take LF alone for the end of a line of the head or of the trailers (RFC 9112 §2.2 allows it).
   * Chunk lines still need CRLF.
   * Risk: a proxy in front that sees one field line where this parser sees two can be made to smuggle fields.
   * @default false
   */
  allowBareLF?: boolean
  /**
   * Take a folded field value, each fold read as one space (RFC 9112 §5.2).
   * Risk: a peer that reads the folded line as a field of its own disagrees about what the message says.
   * @default false
   */
  allowObsFold?: boolean
  /**
   * Take several Content-Length lines, or a list, when every value is the same (RFC 9112 §6.3).
   * Risk: it hides a sender or proxy that merges messages; the next one may not check that they are equal.
   * @default false
   */
  allowEqualContentLengths?: boolean
  /**
   * Take bytes from 0x80 up in the request-target, as some old clients send them (RFC 3986 §2 has none).
   * Risk: which letter a byte means is anybody's guess, so a filter and a handler may see two different paths.
   * @default false
   */
  allowNonAsciiTarget?: boolean
}

/** Limits and leniencies of a parser, all optional. */
export interface ParserOptions extends ParserLimits, ParserLeniencies {}

/** Options with nothing left open. */
export type ResolvedParserOptions = Readonly<Required<ParserOptions>>

export const DEFAULTS: ResolvedParserOptions = Object.freeze({
  // Browsers send 0.5 to 4 KiB, single sign-on cookies up to 16 KiB; Apache and nginx stop near 32 KiB in all.
  maxHeadBytes: 32 * 1024,
  // RFC 9112 §3 recommends at least 8000 for the whole line; browsers and CDNs take 8 KiB for granted.
  maxTargetBytes: 8 * 1024,
  // The longest registered method has 17 bytes (UPDATEREDIRECTREF): a longer "method" is noise.
  maxMethodBytes: 64,
  // Apache stops at 100 and browsers send 15 to 30; proxies add a dozen.
  maxHeaderCount: 128,
  // RFC 9112 §2.2 wants at least one, for clients that end a body with a stray CRLF.
  maxEmptyLines: 4,
  // Nobody reads them; without a limit over the whole body a peer can keep a server busy with one-byte chunks.
  maxChunkExtensionBytes: 4 * 1024,
  // Checksums and signatures: a few hundred bytes.
  maxTrailerBytes: 8 * 1024,
  allowBareLF: false,
  allowObsFold: false,
  allowEqualContentLengths: false,
  allowNonAsciiTarget: false,
})

/** An offset inside a head must stay a small integer in every engine. */
const LARGEST_LIMIT = 2 ** 28

/** One resolution for each options object: a server hands the same one to every connection. */
const RESOLVED = new WeakMap<ParserOptions, ResolvedParserOptions>()

/** Fills in defaults, once for each options object; throws a `TypeError` for one that is unknown or out of range. */
export function resolveOptions(options?: ParserOptions): ResolvedParserOptions {
  if (options === undefined) return DEFAULTS
  let resolved = RESOLVED.get(options)
  if (resolved === undefined) {
    resolved = fillIn(options)
    RESOLVED.set(options, resolved)
  }
  return resolved
}

/** Fills in defaults. Throws a `TypeError` that names the option, the value and what was expected. */
function fillIn(options: ParserOptions): ResolvedParserOptions {
  const resolved: Required<ParserOptions> = { ...DEFAULTS }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    if (!Object.hasOwn(DEFAULTS, name)) {
      throw new TypeError(`Unknown parser option "${name}"; known are ${Object.keys(DEFAULTS).join(', ')}`)
    }
    const expected = typeof DEFAULTS[name as keyof ParserOptions]
    if (expected === 'boolean' ? typeof value !== 'boolean' : !isCount(value)) {
      const wanted = expected === 'boolean' ? 'true or false' : `a whole number from 0 to ${LARGEST_LIMIT}`
      throw new TypeError(`Parser option "${name}" must be ${wanted}, got ${String(value)}`)
    }
    Object.assign(resolved, { [name]: value })
  }
  return Object.freeze(resolved)
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LARGEST_LIMIT
}
