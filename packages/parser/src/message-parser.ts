import { ByteQueue, NOTHING } from './byte-queue.ts'
import { CR, LF } from './characters.ts'
import { CHUNK_DATA, CHUNK_END, CHUNK_FAILED, ChunkedScan } from './chunked-scan.ts'
import type { ParseErrorCode } from './error-table.ts'
import { CHUNKED, TUNNEL, UNTIL_CLOSE } from './framing.ts'
import type { HeadFields } from './head-fields.ts'
import { COMPLETE, FAILED, NEED_MORE } from './head-scan.ts'
import type { HeadScan, Progress } from './head-scan.ts'
import type { ResolvedParserOptions } from './options.ts'
import { excerptOf, ParseError } from './parse-error.ts'
import { SplitHead } from './split-head.ts'
import { loadedFrom, loadedTo, loadWindow, sharedScan } from './window.ts'

/** What `next` found. The order for each message is head, data as often as it comes, end. */
export type ParseEvent = 'need-more' | 'head' | 'data' | 'end'

/** What a head says about its body: see `framing.ts`. */
type FramedHead = HeadFields & { readonly contentLength: number }

/** The rules that differ between a request and a response. */
export interface HeadRules<Head> {
  /** The status of every error, if it is not the one of the table. */
  readonly errorStatus?: number
  /** The part of a head that comes first. */
  readonly firstStep: number
  /** RFC 9112 §2.2: a server skips an empty line before a request-line. */
  readonly skipsEmptyLines: boolean
  /**
   * Makes a head that is plain and lies whole in the window, from `start` on; null for any other, which `scan` then
   * reads from its start.
   */
  plain(chunk: Uint8Array, start: number, shift: number, options: ResolvedParserOptions): Head | null
  /** Goes on with a head. */
  scan(scan: HeadScan, end: number): Progress
  /** Makes the head of a scan that came to its end, or returns null if a rule about the whole head is broken. */
  finish(scan: HeadScan, bytes: Uint8Array, shift: number): Head | null
}

// Where in a message the parser is.
const BETWEEN = 0
const BODY = 1
const CHUNKED_BODY = 2
const CLOSE_DELIMITED = 3
const END = 4
const TUNNELLED = 5

/** Cuts a stream of bytes, however it was split, into messages (RFC 9112 §2, §6). */
export abstract class MessageParser<Head extends FramedHead> {
  protected readonly options: ResolvedParserOptions
  readonly #rules: HeadRules<Head>
  #state = BETWEEN

  readonly #input = new ByteQueue()
  #ended = false

  /** A head that does not lie in one chunk, and where in the stream it begins. */
  #split: SplitHead | null = null
  #splitOffset = 0
  #emptyLines = 0
  #afterCR = false

  #remaining = 0
  #tunnel = false
  #chunked: ChunkedScan | null = null

  #head: Head | null = null
  #data: Uint8Array = NOTHING
  #trailers: HeadFields | null = null
  #error: ParseError | null = null

  /** @internal */
  protected constructor(options: ResolvedParserOptions, rules: HeadRules<Head>) {
    this.options = options
    this.#rules = rules
  }

  /** Hands over bytes. They are kept by reference and must not be changed any more. */
  push(bytes: Uint8Array): void {
    this.#input.push(bytes)
  }

  /** Takes the next step. Throws a `ParseError`, and the same one again ever after. */
  next(): ParseEvent {
    if (this.#error !== null) throw this.#error
    switch (this.#state) {
      case BETWEEN:
        return this.#nextHead()
      case BODY:
        return this.#nextBody()
      case CHUNKED_BODY:
        return this.#nextChunked()
      case CLOSE_DELIMITED:
        return this.#nextUntilClose()
      case END:
        return this.#endMessage()
      default:
        return 'need-more' // what follows is not HTTP: see `rest`
    }
  }

  /**
   * The head that came last, until `next` waits for another one; what it returned stays valid for ever.
   * Throws a `TypeError` when there is none.
   */
  get head(): Head {
    if (this.#head === null) throw new TypeError('There is no head yet: call next() until it returns "head"')
    return this.#head
  }

  /** After "data": a view on the bytes that were pushed. */
  get data(): Uint8Array {
    return this.#data
  }

  /** After "end": the trailers of a chunked body, or null if there were none. */
  get trailers(): HeadFields | null {
    return this.#trailers
  }

  /**
   * The stream has ended. Throws a `ParseError` (`ERR_INCOMPLETE_…`) in the middle of a message; if bytes wait to
   * be read, `next` throws it when they are.
   */
  finish(): void {
    if (this.#error !== null) throw this.#error
    this.#ended = true
    if (this.#input.length === 0 && this.#state !== CLOSE_DELIMITED) this.#starve()
  }

  /** The bytes that were pushed and are no part of a message so far: what follows Upgrade or CONNECT. */
  rest(): Uint8Array {
    return this.#input.rest(this.#held())
  }

  /** How many bytes `rest` would return. */
  get buffered(): number {
    return this.#held().length + this.#input.length
  }

  /** Between two messages, and nothing of the next one is there (empty lines before it do not count). */
  get idle(): boolean {
    return this.#state === BETWEEN && this.#error === null && this.buffered === 0
  }

  /** Between "head" and the body: there is none after all. */
  protected leaveOutBody(): void {
    if (this.#state === BODY || this.#state === CHUNKED_BODY || this.#state === CLOSE_DELIMITED)
      this.#state = END
  }

  /** What was taken out of the input for a head or trailer section that has not come to its end. */
  #held(): Uint8Array {
    return (this.#split ?? this.#chunked?.trailerSection)?.bytes() ?? NOTHING
  }

  #nextHead(): ParseEvent {
    if (this.#split !== null) return this.#nextSplitHead(this.#split)
    if (!this.#input.hasByte()) {
      // A peer may be silent for long: what it sent before is not kept for that.
      this.#head = null
      this.#data = NOTHING
      return this.#starve()
    }
    const first = this.#input.chunk[this.#input.position]!
    if ((first === CR || first === LF || this.#afterCR) && this.#rules.skipsEmptyLines) {
      if (!this.#skipEmptyLines()) return this.#starve()
    }
    return this.#wholeHead()
  }

  /** RFC 9112 §2.2: an empty line before the start-line is skipped; a few are enough. */
  #skipEmptyLines(): boolean {
    while (this.#input.hasByte()) {
      const byte = this.#input.chunk[this.#input.position]!
      const offset = this.#input.offset + this.#input.position
      if (this.#afterCR && byte !== LF) throw this.#fail('ERR_BARE_CR', offset - 1, '\\r')
      if (byte === CR) this.#afterCR = true
      else if (byte !== LF) return true
      else {
        if (!this.#afterCR && !this.options.allowBareLF) throw this.#fail('ERR_BARE_LF', offset, '\\n')
        this.#afterCR = false
        if (++this.#emptyLines > this.options.maxEmptyLines)
          throw this.#fail('ERR_EMPTY_LINES', offset, '\\n')
      }
      this.#input.position++
    }
    return false
  }

  /** The usual case: the head lies in one chunk. It is read in the shared window and not copied anywhere else. */
  #wholeHead(): ParseEvent {
    const input = this.#input
    const { chunk, position } = input
    loadWindow(input.key, chunk, position)
    const shift = loadedFrom
    const plain = this.#rules.plain(chunk, position - shift, shift, this.options)
    if (plain === null) return this.#unusualHead(position - shift)
    input.position = sharedScan.position + shift
    return this.#beginBody(plain)
  }

  /** Any other head, wrong ones among them, as far as it goes: read in the window too, from its beginning. */
  #unusualHead(start: number): ParseEvent {
    const input = this.#input
    const rules = this.#rules
    const scan = sharedScan
    scan.options = this.options
    scan.begin(start, rules.firstStep)
    const progress = rules.scan(scan, loadedTo - loadedFrom)
    if (progress === NEED_MORE) return this.#splitHead()
    const shift = loadedFrom
    const head = progress === FAILED ? null : rules.finish(scan, input.chunk, shift)
    if (head === null) throw this.#failHead(scan, input.offset + shift)
    input.position = scan.position + shift
    return this.#beginBody(head)
  }

  /** Begins again in memory of the head's own, which grows with it: at most one byte more is looked at for each. */
  #splitHead(): ParseEvent {
    this.#splitOffset = this.#input.offset + this.#input.position
    this.#split = new SplitHead(this.options, this.#rules.firstStep, this.#rules.scan)
    return this.#nextSplitHead(this.#split)
  }

  #nextSplitHead(split: SplitHead): ParseEvent {
    const { scan } = split
    while (this.#input.hasByte()) {
      const before = split.length
      const progress = split.append(this.#input.chunk, this.#input.position)
      if (progress === FAILED) throw this.#failHead(scan, this.#splitOffset)
      this.#input.position += split.length - before
      if (progress !== COMPLETE) continue
      const head = this.#rules.finish(scan, scan.bytes, 0)
      if (head === null) throw this.#failHead(scan, this.#splitOffset)
      this.#split = null
      return this.#beginBody(head)
    }
    return this.#starve()
  }

  #beginBody(head: Head): ParseEvent {
    this.#head = head
    this.#trailers = null
    this.#emptyLines = 0
    const framing = head.contentLength
    if (framing === 0) this.#state = END
    else this.beginFramedBody(framing)
    return 'head'
  }

  /** Apart from the usual request without a body, so that what is done for that one stays small. */
  protected beginFramedBody(framing: number): void {
    if (framing > 0) {
      this.#state = BODY
      this.#remaining = framing
    } else if (framing === CHUNKED) {
      this.#state = CHUNKED_BODY
      this.#chunked = new ChunkedScan(this.options)
    } else if (framing === UNTIL_CLOSE) {
      this.#state = CLOSE_DELIMITED
    } else {
      this.#state = END
      this.#tunnel = framing === TUNNEL
    }
  }

  #nextBody(): ParseEvent {
    if (!this.#input.hasByte()) return this.#starve()
    const from = this.#input.position
    const to = Math.min(this.#input.chunk.length, from + this.#remaining)
    this.#remaining -= to - from
    if (this.#remaining === 0) this.#state = END
    return this.#giveData(from, to)
  }

  #nextUntilClose(): ParseEvent {
    if (!this.#input.hasByte()) return this.#starve()
    return this.#giveData(this.#input.position, this.#input.chunk.length)
  }

  #nextChunked(): ParseEvent {
    const chunked = this.#chunked!
    while (this.#input.hasByte()) {
      const progress = chunked.next(this.#input.chunk, this.#input.position)
      if (progress === CHUNK_FAILED) {
        const excerpt = excerptOf(this.#input.chunk, this.#input.position, chunked.failedAt)
        throw this.#fail(chunked.failure, this.#input.offset + chunked.failedAt, excerpt)
      }
      if (progress === CHUNK_DATA) return this.#giveData(chunked.dataStart, chunked.dataEnd)
      this.#input.position = chunked.position
      if (progress !== CHUNK_END) continue
      this.#trailers = chunked.trailers
      return this.#endMessage()
    }
    return this.#starve()
  }

  #giveData(from: number, to: number): 'data' {
    this.#data = this.#input.take(from, to)
    return 'data'
  }

  #endMessage(): 'end' {
    this.#state = this.#tunnel ? TUNNELLED : BETWEEN
    this.#data = NOTHING
    return 'end'
  }

  /** Nothing is left to read: wait, or, if nothing will ever come, say what is missing (RFC 9112 §8). */
  #starve(): ParseEvent {
    if (!this.#ended || this.#state === END) return 'need-more'
    const offset = this.#input.offset + this.#input.position
    if (this.#state === BODY) throw this.#fail('ERR_INCOMPLETE_BODY', offset, '')
    if (this.#state === CHUNKED_BODY) throw this.#fail('ERR_INCOMPLETE_CHUNKED_BODY', offset, '')
    if (this.#state === CLOSE_DELIMITED) return this.#endMessage()
    if (this.#split !== null) throw this.#fail('ERR_INCOMPLETE_HEAD', offset, '')
    return 'need-more'
  }

  #failHead(scan: HeadScan, base: number): ParseError {
    return this.#fail(scan.failure, base + scan.failedAt, excerptOf(scan.bytes, scan.start, scan.failedAt))
  }

  #fail(code: ParseErrorCode, offset: number, excerpt: string): ParseError {
    this.#error = new ParseError(code, offset, excerpt, this.#rules.errorStatus)
    return this.#error
  }
}
