import { CR, HEX, HTAB, LF, SEMICOLON, SP } from './characters.ts'
import {
  BEFORE_NAME,
  BEFORE_SEMICOLON,
  EXTENSION_END,
  EXTENSION_INVALID,
  scanChunkExtension,
} from './chunk-extension.ts'
import type { ParseErrorCode } from './error-table.ts'
import { HeadFields } from './head-fields.ts'
import { COMPLETE, FAILED, FIELD_LINE } from './head-scan.ts'
import type { ResolvedParserOptions } from './options.ts'
import { SplitHead } from './split-head.ts'
import { scanTrailers } from './trailers.ts'

/** What a step of a chunked body came to. */
export const CHUNK_NEED_MORE = 0
export const CHUNK_DATA = 1
export const CHUNK_END = 2
export const CHUNK_FAILED = 3
export type ChunkedProgress =
  | typeof CHUNK_NEED_MORE
  | typeof CHUNK_DATA
  | typeof CHUNK_END
  | typeof CHUNK_FAILED

// What the next byte belongs to.
const FIRST_DIGIT = 0
const SIZE = 1
const EXTENSION = 2
const SIZE_LF = 3
const DATA = 4
const DATA_CR = 5
const DATA_LF = 6
const AFTER_LAST = 7
const LAST_LF = 8
const TRAILERS = 9

/** Sixteen digits hold any 64-bit number; more are zeros that only serve to make work. */
const MAX_SIZE_DIGITS = 16

/** chunked-body = *chunk last-chunk trailer-section CRLF (RFC 9112 §7.1), from any pieces; data is not copied. */
export class ChunkedScan {
  readonly #options: ResolvedParserOptions
  #step = FIRST_DIGIT
  /** Size of the chunk, then what of it is still to come. */
  #remaining = 0
  #digits = 0
  #extensionStep = BEFORE_NAME
  #extensionBytes = 0
  #split: SplitHead | null = null

  /** Where the next byte to look at is, in the chunk that `next` was given last. */
  position = 0
  /** After CHUNK_DATA: where the data lies. */
  dataStart = 0
  dataEnd = 0
  /** After CHUNK_END: the trailers, if there were any. */
  trailers: HeadFields | null = null
  failure: ParseErrorCode = 'ERR_INCOMPLETE_CHUNKED_BODY'
  failedAt = 0

  constructor(options: ResolvedParserOptions) {
    this.#options = options
  }

  /** A trailer section that has not come to its end. */
  get trailerSection(): SplitHead | null {
    return this.#split
  }

  /** Goes on at `bytes[from]`: to the next piece of data, the end of the body, or the end of the bytes. */
  next(bytes: Uint8Array, from: number): ChunkedProgress {
    const end = bytes.length
    let at = from
    while (at < end) {
      if (this.#step === DATA) return this.#data(at, end)
      if (this.#step === TRAILERS) return this.#trailers(bytes, at)
      const byte = bytes[at]!
      switch (this.#step) {
        case FIRST_DIGIT:
        case SIZE:
          if (this.#sizeByte(byte, at) === CHUNK_FAILED) return CHUNK_FAILED
          break
        case EXTENSION:
          if (this.#extensionByte(byte, at) === CHUNK_FAILED) return CHUNK_FAILED
          break
        case SIZE_LF:
          if (byte !== LF) return this.#refuse('ERR_BARE_CR', at - 1)
          this.#step = this.#remaining === 0 ? AFTER_LAST : DATA
          break
        case DATA_CR:
          if (byte !== CR) return this.#refuse('ERR_INVALID_CHUNK_END', at)
          this.#step = DATA_LF
          break
        case DATA_LF:
          if (byte !== LF) return this.#refuse('ERR_INVALID_CHUNK_END', at)
          this.#step = FIRST_DIGIT
          break
        case AFTER_LAST:
          if (byte !== CR) {
            this.#split = new SplitHead(this.#options, FIELD_LINE, scanTrailers)
            this.#step = TRAILERS
            continue // this byte is the first of a trailer
          }
          this.#step = LAST_LF
          break
        case LAST_LF:
          if (byte !== LF) return this.#refuse('ERR_BARE_CR', at - 1)
          this.position = at + 1
          return CHUNK_END
      }
      at++
    }
    this.position = end
    return CHUNK_NEED_MORE
  }

  /** chunk-size = 1*HEXDIG: no sign, no space, no "0x", and never so large that it is not counted exactly. */
  #sizeByte(byte: number, at: number): ChunkedProgress {
    const digit = HEX[byte]!
    if (digit >= 0) {
      this.#remaining = this.#remaining * 16 + digit
      this.#digits++
      this.#step = SIZE
      if (this.#digits <= MAX_SIZE_DIGITS && this.#remaining <= Number.MAX_SAFE_INTEGER)
        return CHUNK_NEED_MORE
      return this.#refuse('ERR_CHUNK_SIZE_TOO_LARGE', at)
    }
    if (this.#step === SIZE && byte === CR) {
      this.#digits = 0
      this.#step = SIZE_LF
      return CHUNK_NEED_MORE
    }
    if (this.#step === SIZE && (byte === SEMICOLON || byte === SP || byte === HTAB)) {
      this.#digits = 0
      this.#step = EXTENSION
      this.#extensionStep = byte === SEMICOLON ? BEFORE_NAME : BEFORE_SEMICOLON
      return this.#countExtension(at)
    }
    return this.#refuse(byte === LF ? 'ERR_BARE_LF' : 'ERR_INVALID_CHUNK_SIZE', at)
  }

  /** chunk-ext (RFC 9112 §7.1.1): read by the grammar and dropped. */
  #extensionByte(byte: number, at: number): ChunkedProgress {
    this.#extensionStep = scanChunkExtension(this.#extensionStep, byte)
    if (this.#extensionStep === EXTENSION_INVALID) {
      return this.#refuse(byte === LF ? 'ERR_BARE_LF' : 'ERR_INVALID_CHUNK_EXTENSION', at)
    }
    if (this.#extensionStep === EXTENSION_END) {
      this.#step = SIZE_LF
      return CHUNK_NEED_MORE
    }
    return this.#countExtension(at)
  }

  /** The limit is over the whole body: otherwise a peer sends endless extensions on one-byte chunks. */
  #countExtension(at: number): ChunkedProgress {
    this.#extensionBytes++
    if (this.#extensionBytes <= this.#options.maxChunkExtensionBytes) return CHUNK_NEED_MORE
    return this.#refuse('ERR_CHUNK_EXTENSIONS_TOO_LARGE', at)
  }

  #data(at: number, end: number): typeof CHUNK_DATA {
    const to = Math.min(end, at + this.#remaining)
    this.#remaining -= to - at
    if (this.#remaining === 0) this.#step = DATA_CR
    this.dataStart = at
    this.dataEnd = to
    this.position = to
    return CHUNK_DATA
  }

  #trailers(bytes: Uint8Array, at: number): ChunkedProgress {
    const split = this.#split!
    const before = split.length
    const progress = split.append(bytes, at)
    if (progress === FAILED) return this.#refuse(split.scan.failure, at - before + split.scan.failedAt)
    this.position = at + split.length - before
    if (progress !== COMPLETE) return CHUNK_NEED_MORE
    this.trailers = new HeadFields(split.scan, split.scan.bytes, 0)
    this.#split = null
    return CHUNK_END
  }

  #refuse(failure: ParseErrorCode, at: number): typeof CHUNK_FAILED {
    this.failure = failure
    this.failedAt = at
    return CHUNK_FAILED
  }
}
