import { checkFieldName, checkFieldValue, isFramingName } from './field-syntax.ts'

/**
 * Fields that never change, checked and encoded once: the security headers of a server,
 * the fields of a file. Any number of responses share one block by `headers.addBlock(block)`.
 *
 * A block may be that of one content: fields and body are then one stretch of bytes, ready to be sent.
 */
export class HeaderBlock {
  /** Name as given and value, line by line. */
  readonly lines: readonly (readonly [name: string, value: string])[]
  /** The block as HTTP/1.1 writes it, each line ended by CRLF (RFC 9112 §5). */
  readonly encoded: string
  /** This block as a list of one, made once for the responses that start with it. */
  readonly asList: readonly HeaderBlock[]
  /** Whether it holds a field that a server writes itself; see `HttpHeaders.mentionsFraming`. */
  readonly mentionsFraming: boolean
  /** The body that goes with these fields, if there is one: a response that has this very array. Never written to. */
  readonly content: Uint8Array | null
  /** The end of a whole answer: these fields, `Content-Length`, the empty line, the content. Null without content. */
  readonly contentWithFields: Uint8Array | null
  /** By name in lower case, lines of one name joined by `, ` (RFC 9110 §5.3). */
  readonly #values: ReadonlyMap<string, string>
  // The block it was last compared with and found to share no name with: a server has few pairs.
  #lastDisjoint: HeaderBlock | null = null
  // The block that was last put before this one, and the two as a list.
  #lastBefore: HeaderBlock | null = null
  #pair: readonly HeaderBlock[] = NO_BLOCKS
  // What was put before this block of late, and the two as one string: a server puts the same few there for a second.
  #starts: readonly string[] = NO_TEXTS
  #startsAndFields: readonly string[] = NO_TEXTS
  #noteOwner: object | null = null
  #note: unknown

  /**
   * @param content a body that is always sent with these fields; it is copied
   * @throws {TypeError} `ERR_INVALID_FIELD_NAME` or `ERR_INVALID_FIELD_VALUE`
   */
  constructor(
    fields: Record<string, string | number> | Iterable<readonly [string, string | number]>,
    content: Uint8Array | null = null,
  ) {
    const pairs = Symbol.iterator in fields ? [...fields] : Object.entries(fields)
    const values = new Map<string, string>()
    let encoded = ''
    this.lines = pairs.map(([name, raw]) => {
      const lowerCaseName = checkFieldName(name)
      const value = checkFieldValue(name, raw)
      const before = values.get(lowerCaseName)
      values.set(lowerCaseName, before === undefined ? value : `${before}, ${value}`)
      encoded += `${name}: ${value}\r\n`
      return [name, value] as const
    })
    this.encoded = flat(encoded)
    // Not frozen, nor are the other lists here: the engine of Node reads frozen arrays by a slow way (V8 14).
    this.asList = [this]
    this.#values = values
    this.mentionsFraming = [...values.keys()].some(isFramingName)
    const head = content === null ? '' : `${encoded}Content-Length: ${content.length}\r\n\r\n`
    this.contentWithFields = content === null ? null : join(head, content)
    this.content = this.contentWithFields?.subarray(head.length) ?? null
  }

  has(lowerCaseName: string): boolean {
    return this.#values.has(lowerCaseName)
  }

  /** The values of a name joined by `, `, or null. */
  get(lowerCaseName: string): string | null {
    return this.#values.get(lowerCaseName) ?? null
  }

  /** The two as a list; the same list, where the same block comes before this one again. */
  after(before: HeaderBlock): readonly HeaderBlock[] {
    if (this.#lastBefore !== before) {
      this.#lastBefore = before
      this.#pair = [before, this]
    }
    return this.#pair
  }

  /** The block behind a start line (or anything else); kept for the next times it is asked for. */
  encodedAfter(start: string): string {
    const at = this.#starts.indexOf(start)
    if (at >= 0) return this.#startsAndFields[at] as string
    const text = flat(start + this.encoded)
    this.#starts = [start, ...this.#starts.slice(0, MAX_STARTS - 1)]
    this.#startsAndFields = [text, ...this.#startsAndFields.slice(0, MAX_STARTS - 1)]
    return text
  }

  /** Whether the two have no field name in common. */
  isDisjoint(other: HeaderBlock): boolean {
    if (this.#lastDisjoint === other) return true
    // Asked by its method: the other may come from another copy of this package.
    for (const name of this.#values.keys()) if (other.has(name)) return false
    this.#lastDisjoint = other
    return true
  }

  /** What `owner` noted about this block; undefined when it did not, or another has since. */
  noteOf(owner: object): unknown {
    return this.#noteOwner === owner ? this.#note : undefined
  }

  /** Keeps one note with the block, for whoever meets it in many answers: what was found out about its fields. */
  setNote(owner: object, note: unknown): void {
    this.#noteOwner = owner
    this.#note = note
  }
}

/** Entries, of some hundred bytes: a status line with its date each, of which a server uses few within a second. */
const MAX_STARTS = 4
const NO_TEXTS: readonly string[] = []
const NO_BLOCKS: readonly HeaderBlock[] = []

/** One piece instead of the tree of parts that `+` makes: reading a character puts them together. */
function flat(text: string): string {
  text.charCodeAt(0)
  return text
}

/** Text of one-byte characters, and bytes. */
function join(text: string, bytes: Uint8Array): Uint8Array {
  const joined = new Uint8Array(text.length + bytes.length)
  for (let at = 0; at < text.length; at++) joined[at] = text.charCodeAt(at)
  joined.set(bytes, text.length)
  return joined
}
