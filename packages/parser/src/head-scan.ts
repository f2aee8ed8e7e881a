import type { ParseErrorCode } from './error-table.ts'
import { KNOWN_FIELD_COUNT } from './known-fields.ts'
import type { ResolvedParserOptions } from './options.ts'

/** How far a scan came. "Not yet" is not an error. */
export const NEED_MORE = 0
export const COMPLETE = 1
export const FAILED = 2
export type Progress = typeof NEED_MORE | typeof COMPLETE | typeof FAILED

// What the next byte belongs to. A scan stops anywhere and goes on there: no byte is looked at twice.
export const METHOD = 0
export const REQUEST_TARGET = 1
export const REQUEST_VERSION = 2
export const STATUS_VERSION = 3
export const STATUS_CODE = 4
export const REASON = 5
export const START_LINE_LF = 6
export const FIELD_LINE = 7
export const FIELD_NAME = 8
export const FIELD_OWS = 9
export const FIELD_VALUE = 10
export const FIELD_LF = 11
export const FINAL_LF = 12

/** The four forms of a request-target (RFC 9112 §3.2), by number. */
export const TARGET_FORMS = ['origin', 'absolute', 'authority', 'asterisk'] as const
export type TargetForm = (typeof TARGET_FORMS)[number]
export const ORIGIN_FORM = 0
export const ABSOLUTE_FORM = 1
export const AUTHORITY_FORM = 2
export const ASTERISK_FORM = 3

/** Numbers that one field line takes in `HeadScan.index`: where its name and its value begin and end. */
export const INDEX_STRIDE = 4

/** Field lines there is room for to begin with; it doubles. */
const FIRST_FIELDS = 32

/** All that is known about a head under way: positions in `bytes`, and nothing decoded. */
export class HeadScan {
  bytes: Uint8Array
  /** The same memory as `bytes`, four bytes at a time. */
  view: DataView
  options: ResolvedParserOptions

  /** Where the head begins, where the next byte to look at is, and where the current part began. */
  start = 0
  position = 0
  mark = 0
  step: number = METHOD

  method = ''
  targetStart = 0
  targetEnd = 0
  targetForm = ORIGIN_FORM
  minorVersion: 0 | 1 = 1
  status = 0
  reasonStart = 0
  reasonEnd = 0

  /** Name start, name end, value start, value end of each field line. */
  index: Int32Array = new Int32Array(FIRST_FIELDS * INDEX_STRIDE)
  fieldCount = 0
  fieldsStart = 0
  /** A bit for each known field that was there, and for each that was there again. */
  seen = 0
  repeated = 0
  /** Where in the index the first line of each known field is; means nothing unless its bit is in `seen`. */
  readonly firstOf = new Int32Array(KNOWN_FIELD_COUNT)

  /** How many heads were begun: a scan, and so its index, is used again for the next one. */
  turn = 0
  failure: ParseErrorCode = 'ERR_INCOMPLETE_HEAD'
  failedAt = 0

  constructor(memory: ArrayBuffer, options: ResolvedParserOptions) {
    this.bytes = new Uint8Array(memory)
    this.view = new DataView(memory)
    this.options = options
  }

  /** Makes ready for a head that begins at `start`, with the part that `step` names. */
  begin(start: number, step: number): void {
    this.start = start
    this.position = start
    this.mark = start
    this.step = step
    this.fieldCount = 0
    this.seen = 0
    this.repeated = 0
    this.turn = (this.turn + 1) | 0
  }

  /** Remembers a field that matters here, and whether it was there before. */
  remember(known: number, place: number): void {
    const bit = 1 << known
    if ((this.seen & bit) === 0) {
      this.seen |= bit
      this.firstOf[known] = place
    } else if (this.firstOf[known] !== place) {
      this.repeated |= bit // the same line ends twice when it is folded: that is no repetition
    }
  }

  has(known: number): boolean {
    return (this.seen & (1 << known)) !== 0
  }

  isRepeated(known: number): boolean {
    return (this.repeated & (1 << known)) !== 0
  }

  /** Where the value of the first line of a known field begins. */
  valueStart(known: number): number {
    return this.index[this.firstOf[known]! + 2]!
  }

  /** Where the value of the first line of a known field ends. */
  valueEnd(known: number): number {
    return this.index[this.firstOf[known]! + 3]!
  }

  /** The index, with room for one line more. */
  indexWithRoom(): Int32Array {
    const { index } = this
    if (this.fieldCount * INDEX_STRIDE < index.length) return index
    this.index = new Int32Array(index.length * 2)
    this.index.set(index)
    return this.index
  }

  fail(failure: ParseErrorCode, at: number): typeof FAILED {
    this.failure = failure
    this.failedAt = at
    return FAILED
  }

  /** Remembers where to go on. */
  suspend(step: number, position: number): typeof NEED_MORE {
    this.step = step
    this.position = position
    return NEED_MORE
  }
}
