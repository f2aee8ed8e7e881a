import { ByteQueue } from './byte-queue.ts'
import { CHUNK_DATA, CHUNK_END, CHUNK_FAILED, ChunkedScan } from './chunked-scan.ts'
import type { HeadFields } from './head-fields.ts'
import { resolveOptions } from './options.ts'
import type { ParserOptions } from './options.ts'
import { excerptOf, ParseError } from './parse-error.ts'

const NOTHING = new Uint8Array(0)

/**
 * Undoes the chunked transfer coding (RFC 9112 §7.1) of one body, from bytes in any pieces: `push` bytes, then call
 * `next` until it says "need-more" or "end". Data is not copied.
 *
 * Throws a `TypeError` for an option that is unknown or out of range.
 */
export class ChunkedDecoder {
  readonly #scan: ChunkedScan
  readonly #input = new ByteQueue()
  #data: Uint8Array = NOTHING
  #done = false
  #ended = false
  #error: ParseError | null = null

  constructor(options?: ParserOptions) {
    this.#scan = new ChunkedScan(resolveOptions(options))
  }

  /** Hands over bytes. They are kept by reference and must not be changed any more. */
  push(bytes: Uint8Array): void {
    this.#input.push(bytes)
  }

  /** Takes the next step; after "end" it stays at the end. Throws a `ParseError`, and the same one again ever after. */
  next(): 'need-more' | 'data' | 'end' {
    if (this.#error !== null) throw this.#error
    while (!this.#done && this.#input.hasByte()) {
      const progress = this.#scan.next(this.#input.chunk, this.#input.position)
      if (progress === CHUNK_FAILED) throw this.#fail()
      this.#input.position = this.#scan.position
      if (progress === CHUNK_END) this.#done = true
      if (progress !== CHUNK_DATA) continue
      this.#data = this.#input.take(this.#scan.dataStart, this.#scan.dataEnd)
      return 'data'
    }
    return this.#done ? 'end' : this.#starve()
  }

  /** After "data": a view on the bytes that were pushed. */
  get data(): Uint8Array {
    return this.#data
  }

  /** After "end": the trailers, or null if there were none. */
  get trailers(): HeadFields | null {
    return this.#scan.trailers
  }

  /**
   * The stream has ended. Throws a `ParseError` (`ERR_INCOMPLETE_CHUNKED_BODY`) if the body has not; if bytes wait to
   * be read, `next` throws it when they are.
   */
  finish(): void {
    if (this.#error !== null) throw this.#error
    this.#ended = true
    if (this.#input.length === 0) this.#starve()
  }

  /** The bytes behind the body. */
  rest(): Uint8Array {
    return this.#input.rest(this.#scan.heldBytes())
  }

  #starve(): 'need-more' {
    if (!this.#ended || this.#done) return 'need-more'
    this.#error = new ParseError('ERR_INCOMPLETE_CHUNKED_BODY', this.#input.offset + this.#input.position, '')
    throw this.#error
  }

  #fail(): ParseError {
    const { failure, failedAt } = this.#scan
    const excerpt = excerptOf(this.#input.chunk, this.#input.position, failedAt)
    this.#error = new ParseError(failure, this.#input.offset + failedAt, excerpt)
    return this.#error
  }
}
