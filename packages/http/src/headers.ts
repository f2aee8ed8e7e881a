import type { FieldLines } from './exchange.ts'
import { checkFieldName, checkFieldValue, isFramingName } from './field-syntax.ts'
import type { HeaderBlock } from './header-block.ts'

export type HeadersInit =
  | HttpHeaders
  | Readonly<Record<string, string | number>>
  | Iterable<readonly [string, string | number]>

/**
 * Header or trailer fields with the methods of Fetch's `Headers`: names compare without case,
 * keep their spelling on the wire, and every value has passed the check against response splitting.
 *
 * Three layers, so that the usual request costs nothing: received field lines stay undecoded until
 * somebody writes to them, shared `HeaderBlock`s stay encoded until somebody overrides one of
 * their fields, and only what was set here is stored line by line.
 */
export class HttpHeaders {
  #received: FieldLines | null = null
  #blocks: readonly HeaderBlock[] = NO_BLOCKS
  // Triples: name as given, lower-case name, value.
  #own: string[] = []
  #mentionsFraming = false

  /** @throws {TypeError} `ERR_INVALID_FIELD_NAME` or `ERR_INVALID_FIELD_VALUE` */
  constructor(init?: HeadersInit | null) {
    if (init === undefined || init === null) return
    if (init instanceof HttpHeaders) this.#copy(init)
    else
      for (const [name, value] of Symbol.iterator in init ? init : Object.entries(init))
        this.append(name, value)
  }

  /** Headers over received field lines: nothing is decoded or copied yet. */
  static received(lines: FieldLines): HttpHeaders {
    const headers = new HttpHeaders()
    headers.#received = lines
    return headers
  }

  /** Headers that start as one shared block. */
  static of(block: HeaderBlock): HttpHeaders {
    const headers = new HttpHeaders()
    headers.#blocks = block.asList
    headers.#mentionsFraming = block.mentionsFraming
    return headers
  }

  /** All values of a name joined by `, ` (RFC 9110 §5.3), or null. `Set-Cookie` has `getSetCookie`. */
  get(name: string): string | null {
    const lower = name.toLowerCase()
    if (this.#received !== null) return this.#received.get(lower)
    let value: string | null = null
    for (const block of this.#blocks) if (block.has(lower)) value = join(value, block.get(lower) as string)
    const own = this.#own
    for (let at = 1; at < own.length; at += 3)
      if (own[at] === lower) value = join(value, own[at + 1] as string)
    return value
  }

  /** Each `Set-Cookie` by itself, since their values may hold commas (RFC 6265 §3). */
  getSetCookie(): string[] {
    return [...this].filter(([name]) => name === 'set-cookie').map(([, value]) => value)
  }

  has(name: string): boolean {
    const lower = name.toLowerCase()
    if (this.#received !== null) return this.#received.has(lower)
    for (const block of this.#blocks) if (block.has(lower)) return true
    const own = this.#own
    for (let at = 1; at < own.length; at += 3) if (own[at] === lower) return true
    return false
  }

  /** Replaces every line of that name by one. */
  set(name: string, value: string | number): void {
    const lower = checkFieldName(name)
    const text = checkFieldValue(name, value)
    this.#remove(lower)
    this.#push(name, lower, text)
  }

  /** Adds a line. */
  append(name: string, value: string | number): void {
    const lower = checkFieldName(name)
    const text = checkFieldValue(name, value)
    if (this.#received !== null) this.#materialize()
    this.#push(name, lower, text)
  }

  delete(name: string): void {
    this.#remove(name.toLowerCase())
  }

  /**
   * Adds the fields of a block that are not here yet; what a handler set itself stays.
   * With no name in common this is one pointer, whatever the size of the block.
   */
  addBlock(block: HeaderBlock): void {
    if (this.#received !== null) this.#materialize()
    if (this.#isDisjoint(block)) {
      this.#blocks = this.#blocks.length === 0 ? block.asList : [...this.#blocks, block]
      if (block.mentionsFraming) this.#mentionsFraming = true
      return
    }
    for (const [name, value] of block.lines) if (!this.has(name)) this.#push(name, name.toLowerCase(), value)
  }

  /** Lower-case name and value, line by line. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    if (this.#received !== null) {
      yield* this.#received as Iterable<[string, string]>
      return
    }
    for (const block of this.#blocks)
      for (const [name, value] of block.lines) yield [name.toLowerCase(), value]
    const own = this.#own
    for (let at = 0; at < own.length; at += 3) yield [own[at + 1] as string, own[at + 2] as string]
  }

  /** The field lines as HTTP/1.1 writes them, each ended by CRLF (RFC 9112 §5); one-byte characters only. */
  encode(): string {
    if (this.#received !== null) this.#materialize()
    let text = ''
    for (const block of this.#blocks) text += block.encoded
    const own = this.#own
    for (let at = 0; at < own.length; at += 3) text += own[at] + ': ' + own[at + 2] + '\r\n'
    return text
  }

  /**
   * For servers: whether a field may be among these that a server writes itself (`Content-Length`,
   * `Transfer-Encoding`, `Connection`, `Keep-Alive`, `Date`). False is certain, true means: look.
   */
  get mentionsFraming(): boolean {
    return this.#mentionsFraming
  }

  #push(name: string, lower: string, value: string): void {
    this.#own.push(name, lower, value)
    if (isFramingName(lower)) this.#mentionsFraming = true
  }

  #copy(other: HttpHeaders): void {
    if (other.#received !== null) for (const [name, value] of other) this.append(name, value)
    else {
      this.#blocks = other.#blocks
      this.#own = other.#own.slice()
      this.#mentionsFraming = other.#mentionsFraming
    }
  }

  #remove(lower: string): void {
    if (this.#received !== null) this.#materialize()
    if (this.#blocks.some((block) => block.has(lower))) this.#unfoldBlocks()
    const own = this.#own
    for (let at = own.length - 2; at > 0; at -= 3) if (own[at] === lower) own.splice(at - 1, 3)
  }

  #isDisjoint(block: HeaderBlock): boolean {
    for (const other of this.#blocks) if (!other.isDisjoint(block)) return false
    const own = this.#own
    for (let at = 1; at < own.length; at += 3) if (block.has(own[at] as string)) return false
    return true
  }

  #unfoldBlocks(): void {
    const lines: string[] = []
    for (const block of this.#blocks)
      for (const [name, value] of block.lines) lines.push(name, name.toLowerCase(), value)
    this.#own = [...lines, ...this.#own]
    this.#blocks = NO_BLOCKS
  }

  #materialize(): void {
    const received = this.#received as FieldLines
    this.#received = null
    for (const [name, value] of received as Iterable<[string, string]>) this.#push(name, name, value)
  }
}

const NO_BLOCKS: readonly HeaderBlock[] = Object.freeze([])

function join(before: string | null, value: string): string {
  return before === null ? value : `${before}, ${value}`
}
