import { CHUNKED } from './framing.ts'
import type { HeadFields } from './head-fields.ts'
import { MessageParser } from './message-parser.ts'
import type { ParseEvent } from './message-parser.ts'
import { resolveOptions } from './options.ts'
import type { ParserOptions } from './options.ts'
import type { RequestHead } from './request-head.ts'
import { REQUEST_RULES } from './request-parser.ts'

/** A stream that begins with the body. */
class BodyParser extends MessageParser<RequestHead> {
  constructor(options?: ParserOptions) {
    super(resolveOptions(options), REQUEST_RULES)
    this.beginFramedBody(CHUNKED)
  }
}

/**
 * Undoes the chunked transfer coding (RFC 9112 §7.1) of one body, from bytes in any pieces: `push` bytes, then call
 * `next` until it says "need-more" or "end". Data is not copied.
 *
 * Throws a `TypeError` for an option that is unknown or out of range.
 */
export class ChunkedDecoder {
  readonly #parser: BodyParser
  #ended = false

  constructor(options?: ParserOptions) {
    this.#parser = new BodyParser(options)
  }

  /** Hands over bytes. They are kept by reference and must not be changed any more. */
  push(bytes: Uint8Array): void {
    this.#parser.push(bytes)
  }

  /** Takes the next step; after "end" it stays at the end. Throws a `ParseError`, and the same one again ever after. */
  next(): Exclude<ParseEvent, 'head'> {
    if (this.#ended) return 'end'
    const event = this.#parser.next() as Exclude<ParseEvent, 'head'> // none comes before the end of the body
    this.#ended = event === 'end'
    return event
  }

  /** After "data": a view on the bytes that were pushed. */
  get data(): Uint8Array {
    return this.#parser.data
  }

  /** After "end": the trailers, or null if there were none. */
  get trailers(): HeadFields | null {
    return this.#parser.trailers
  }

  /**
   * The stream has ended. Throws a `ParseError` (`ERR_INCOMPLETE_CHUNKED_BODY`) if the body has not; if bytes wait to
   * be read, `next` throws it when they are.
   */
  finish(): void {
    this.#parser.finish()
  }

  /** The bytes behind the body. */
  rest(): Uint8Array {
    return this.#parser.rest()
  }
}
