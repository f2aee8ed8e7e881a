import type { FieldLines } from './exchange.ts'
import { assertToken, checkFieldName, checkFieldValue, isFramingName, lowerCaseName } from './field-syntax.ts'
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
  // The value decoded last: several layers ask for the same condition.
  #decodedName = ''
  #decoded: string | null = null
  // What was added last stands first: what a whole server shares is then put together with the start line once.
  #blocks: readonly HeaderBlock[] = NO_BLOCKS
  // Triples: name as given, lower-case name, value.
  #own: string[] = NO_LINES
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
    const lower = lowerCaseName(name)
    if (this.#received !== null) return this.#decode(this.#received, lower)
    const blocks = this.#blocks // by index, here and below: an iterator costs more than the look-up
    const own = this.#own
    let value: string | null = null
    // Blocks have no name in common.
    for (let at = 0; at < blocks.length && value === null; at++)
      value = (blocks[at] as HeaderBlock).get(lower)
    for (let at = 1; at < own.length; at += 3)
      if (own[at] === lower) value = join(value, own[at + 1] as string)
    return value
  }

  /** Each `Set-Cookie` by itself, since their values may hold commas (RFC 6265 §3). */
  getSetCookie(): string[] {
    return [...this].filter(([name]) => name === 'set-cookie').map(([, value]) => value)
  }

  has(name: string): boolean {
    const lower = lowerCaseName(name)
    if (this.#received !== null) return this.#received.has(lower)
    const blocks = this.#blocks
    const own = this.#own
    for (let at = 0; at < blocks.length; at++) if ((blocks[at] as HeaderBlock).has(lower)) return true
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
      const blocks = this.#blocks
      if (blocks.length === 0) this.#blocks = block.asList
      else this.#blocks = blocks.length === 1 ? blocks[0]!.after(block) : [block, ...blocks]
      if (block.mentionsFraming) this.#mentionsFraming = true
      return
    }
    // Asked before the first line is added: a name may have several lines in the block, and all of them count.
    for (const [name, value] of block.lines.filter(([name]) => !this.has(name)))
      this.#push(name, name.toLowerCase(), value)
  }

  /** Lower-case name and value, line by line, as they were when the loop began: its body may change them. */
  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    const lines: [name: string, value: string][] = this.#received === null ? [] : [...this.#received]
    for (const block of this.#blocks)
      for (const [name, value] of block.lines) lines.push([name.toLowerCase(), value])
    const own = this.#own
    for (let at = 0; at < own.length; at += 3) lines.push([own[at + 1] as string, own[at + 2] as string])
    return lines.values()
  }

  /** The field lines as HTTP/1.1 writes them, each ended by CRLF (RFC 9112 §5); one-byte characters only. */
  encode(): string {
    return this.encodeAfter('')
  }

  /** The same behind a start line. Behind the same one, most of it is put together only once. */
  encodeAfter(start: string): string {
    if (this.#received !== null) this.#materialize()
    return this.#encode(start, this.#blocks.length)
  }

  /**
   * For servers: the block that is sent in one piece with `body`, or null. The rest of the fields goes before it:
   * `encodeWithoutContent`.
   */
  contentBlock(body: unknown): HeaderBlock | null {
    const blocks = this.#blocks
    if (blocks.length === 0) return null
    const innermost = blocks[blocks.length - 1] as HeaderBlock
    return innermost.content !== null && innermost.content === body ? innermost : null
  }

  /** `encodeAfter` without the block that `contentBlock` found. */
  encodeWithoutContent(start: string): string {
    return this.#encode(start, this.#blocks.length - 1)
  }

  /** The block, if these fields are one block and nothing else: what is found out about it can be noted with it. */
  get onlyBlock(): HeaderBlock | null {
    const blocks = this.#blocks
    return blocks.length === 1 && this.#own.length === 0 ? (blocks[0] as HeaderBlock) : null
  }

  /**
   * For servers: whether a field may be among these that a server writes itself (`Content-Length`,
   * `Transfer-Encoding`, `Connection`, `Keep-Alive`, `Date`). False is certain, true means: look.
   */
  get mentionsFraming(): boolean {
    return this.#mentionsFraming || this.#received !== null
  }

  #decode(received: FieldLines, lower: string): string | null {
    if (lower === this.#decodedName) return this.#decoded
    const value = received.get(lower)
    if (value === null) return null
    this.#decodedName = lower
    return (this.#decoded = value)
  }

  #encode(start: string, blockCount: number): string {
    const blocks = this.#blocks
    const own = this.#own
    let text = blockCount === 0 ? start : (blocks[0] as HeaderBlock).encodedAfter(start)
    for (let at = 1; at < blockCount; at++) text += (blocks[at] as HeaderBlock).encoded
    for (let at = 0; at < own.length; at += 3) text += own[at] + ': ' + own[at + 2] + '\r\n'
    return text
  }

  #push(name: string, lower: string, value: string): void {
    if (this.#own === NO_LINES) this.#own = [name, lower, value]
    else this.#own.push(name, lower, value)
    if (isFramingName(lower)) this.#mentionsFraming = true
  }

  #copy(other: HttpHeaders): void {
    if (other.#received !== null) this.#take(other.#received)
    else {
      this.#blocks = other.#blocks
      if (other.#own !== NO_LINES) this.#own = other.#own.slice()
      this.#mentionsFraming = other.#mentionsFraming
    }
  }

  #remove(lower: string): void {
    if (this.#received !== null) this.#materialize()
    const blocks = this.#blocks
    for (let at = 0; at < blocks.length; at++) {
      if (!(blocks[at] as HeaderBlock).has(lower)) continue
      this.#unfoldBlocks()
      break
    }
    const own = this.#own
    for (let at = own.length - 2; at > 0; at -= 3) if (own[at] === lower) own.splice(at - 1, 3)
  }

  #isDisjoint(block: HeaderBlock): boolean {
    const blocks = this.#blocks
    for (let at = 0; at < blocks.length; at++)
      if (!(blocks[at] as HeaderBlock).isDisjoint(block)) return false
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
    this.#take(this.#received as FieldLines)
    this.#received = null
  }

  // A parser has checked them, but what leaves here is the border itself (CWE-113). Their names
  // come from outside: they stay out of the cache of names.
  #take(received: FieldLines): void {
    for (const [name, value] of received) {
      assertToken(name)
      this.#push(name, name, checkFieldValue(name, value))
    }
  }
}

const NO_BLOCKS: readonly HeaderBlock[] = []
/** Shared until the first line: most answers have none of their own. */
const NO_LINES: string[] = Object.freeze([]) as never

function join(before: string | null, value: string): string {
  return before === null ? value : `${before}, ${value}`
}
