import { checkFieldName, checkFieldValue, isFramingName } from './field-syntax.ts'

/**
 * Fields that never change, checked and encoded once: the security headers of a server,
 * the fields of a file. Any number of responses share one block by `headers.addBlock(block)`.
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
  /** By name in lower case, lines of one name joined by `, ` (RFC 9110 §5.3). */
  readonly #values: ReadonlyMap<string, string>
  // The block it was last compared with and found to share no name with: a server has few pairs.
  #lastDisjoint: HeaderBlock | null = null
  // The block that last followed this one, and what the two make together once that has happened twice.
  #lastFollower: HeaderBlock | null = null
  #joined: readonly HeaderBlock[] | null = null
  // What was last put before this block, and the two as one string: a server puts the same there for a second.
  #lastStart = ''
  #startAndFields: string

  /** @throws {TypeError} `ERR_INVALID_FIELD_NAME` or `ERR_INVALID_FIELD_VALUE` */
  constructor(fields: Record<string, string | number> | Iterable<readonly [string, string | number]>) {
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
    this.encoded = encoded
    this.#startAndFields = encoded
    this.asList = Object.freeze([this])
    this.#values = values
    this.mentionsFraming = [...values.keys()].some(isFramingName)
  }

  has(lowerCaseName: string): boolean {
    return this.#values.has(lowerCaseName)
  }

  /** The values of a name joined by `, `, or null. */
  get(lowerCaseName: string): string | null {
    return this.#values.get(lowerCaseName) ?? null
  }

  /**
   * This block and one that has no name in common with it. A pair that comes again becomes one block, so that
   * what every answer of a kind carries is encoded once.
   */
  followedBy(other: HeaderBlock): readonly HeaderBlock[] {
    if (this.#lastFollower !== other) {
      this.#lastFollower = other
      this.#joined = null
      return [this, other]
    }
    return (this.#joined ??= new HeaderBlock([...this.lines, ...other.lines]).asList)
  }

  /** The block behind a start line (or anything else); kept for the next time it is asked for. */
  encodedAfter(start: string): string {
    if (this.#lastStart !== start) {
      this.#lastStart = start
      this.#startAndFields = flat(start + this.encoded)
    }
    return this.#startAndFields
  }

  /** Whether the two have no field name in common. */
  isDisjoint(other: HeaderBlock): boolean {
    if (this.#lastDisjoint === other) return true
    // Asked by its method: the other may come from another copy of this package.
    for (const name of this.#values.keys()) if (other.has(name)) return false
    this.#lastDisjoint = other
    return true
  }
}

/** One piece instead of the tree of parts that `+` makes: reading a character puts them together. */
function flat(text: string): string {
  text.charCodeAt(0)
  return text
}
