import { COMMA, splitOutsideQuotes } from './list.ts'

/** Bytes `start` (inclusive) to `end` (exclusive) of a representation: `bytes.subarray(start, end)`. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * - `ranges`: at least one, satisfiable, none touching another, in the order they were asked for: answer 206.
 * - `unsatisfiable`: none of them lies in the representation: answer 416.
 * - `ignore`: another unit, not the grammar, or a set made to hurt: answer 200 as if the field were not there.
 */
export type ParsedRange =
  | { kind: 'ranges'; ranges: ByteRange[] }
  | { kind: 'unsatisfiable' }
  | { kind: 'ignore' }

/** What a Range field may ask of a server before it is ignored (RFC 9110 §14.2 and §17.15). */
export interface RangeLimits {
  /** Most ranges in one field, before they are coalesced. @default 16 */
  maxRanges?: number
  /** Most ranges that overlap one before them. @default 2 */
  maxOverlapping?: number
  /** Most ranges of fewer than 80 bytes that start before the one in front of them. @default 4 */
  maxSmallUnordered?: number
}

export const DEFAULT_RANGE_LIMITS: Readonly<Required<RangeLimits>> = Object.freeze({
  // Media players and PDF viewers ask for one to a few; each part costs a head of its own and a seek.
  maxRanges: 16,
  // §14.2 lets "more than two overlapping ranges" be ignored: no honest client needs the same bytes three times.
  maxOverlapping: 2,
  // §14.2, "many small ranges, not in ascending order": each costs more in part heads than in content.
  maxSmallUnordered: 4,
})

/**
 * The `Range` field for a representation of `size` bytes (RFC 9110 §14.1.2, §14.2). Ranges that overlap or touch are
 * made one, in the place of the first. Only for GET, and only when `rangeApplies` says so.
 */
export function parseRange(
  value: string,
  size: number,
  limits: RangeLimits = DEFAULT_RANGE_LIMITS,
): ParsedRange {
  const maxRanges = limits.maxRanges ?? DEFAULT_RANGE_LIMITS.maxRanges
  const unit = BYTES_UNIT.exec(value)
  if (unit === null) return IGNORE // §14.2: an unknown unit is ignored
  const specs = splitOutsideQuotes(value.slice(unit[0].length), COMMA)
  if (specs.length === 0 || specs.length > maxRanges) return IGNORE

  const ranges: ByteRange[] = []
  for (const spec of specs) {
    const range = parseRangeSpec(spec, size)
    if (range === 'invalid') return IGNORE
    if (range !== 'unsatisfiable') ranges.push(range)
  }
  if (ranges.length === 0) return UNSATISFIABLE
  // A suffix of nothing is satisfiable (§14.1.2), but no Content-Range can name zero bytes: send the empty whole.
  if (size === 0) return IGNORE
  if (ranges.length === 1) return { kind: 'ranges', ranges }
  if (isAbusive(ranges, limits)) return IGNORE
  return { kind: 'ranges', ranges: coalesce(ranges) }
}

/** `Content-Range` of a 206 (RFC 9110 §14.4): `bytes 0-4/36`. */
export function formatContentRange(range: ByteRange, size: number): string {
  return `bytes ${range.start}-${range.end - 1}/${size}`
}

/** `Content-Range` of a 416 (RFC 9110 §14.4, §15.5.17), which tells how long the representation is. */
export function formatUnsatisfiedRange(size: number): string {
  return `bytes */${size}`
}

const IGNORE: ParsedRange = Object.freeze({ kind: 'ignore' })
const UNSATISFIABLE: ParsedRange = Object.freeze({ kind: 'unsatisfiable' })
// §14.1: range unit names are case-insensitive
const BYTES_UNIT = /^bytes=/i
const INT_RANGE = /^(\d+)-(\d*)$/
const SUFFIX_RANGE = /^-(\d+)$/
// A part's boundary, Content-Type and Content-Range take about this much (RFC 9110 §15.3.7.2 says so of the gap).
const SMALL_RANGE_BYTES = 80

/** int-range or suffix-range. Positions too great for a double lose digits, never their meaning: they are past the end. */
function parseRangeSpec(spec: string, size: number): ByteRange | 'unsatisfiable' | 'invalid' {
  const suffix = SUFFIX_RANGE.exec(spec)
  if (suffix !== null) {
    const length = Number(suffix[1])
    return length === 0 ? 'unsatisfiable' : { start: Math.max(0, size - length), end: size }
  }
  const range = INT_RANGE.exec(spec)
  if (range === null) return 'invalid'
  const start = Number(range[1])
  if (range[2] !== '' && isBefore(range[2] as string, range[1] as string)) return 'invalid' // §14.1.1
  if (start >= size) return 'unsatisfiable'
  const last = range[2] === '' ? size - 1 : Number(range[2])
  return { start, end: Math.min(last + 1, size) }
}

/** Compares runs of digits as numbers of any length. */
function isBefore(a: string, b: string): boolean {
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  return left.length === right.length ? left < right : left.length < right.length
}

/** RFC 9110 §17.15: a small request must not be turned into a great answer. */
function isAbusive(ranges: readonly ByteRange[], limits: RangeLimits): boolean {
  let overlapping = 0
  let smallUnordered = 0
  for (let i = 1; i < ranges.length; i++) {
    const range = ranges[i] as ByteRange
    const before = ranges.slice(0, i) // at most maxRanges, so the square of it is small
    if (before.some((other) => range.start < other.end && other.start < range.end)) overlapping++
    if (range.end - range.start < SMALL_RANGE_BYTES && range.start < (ranges[i - 1] as ByteRange).start) {
      smallUnordered++
    }
  }
  return (
    overlapping > (limits.maxOverlapping ?? DEFAULT_RANGE_LIMITS.maxOverlapping) ||
    smallUnordered > (limits.maxSmallUnordered ?? DEFAULT_RANGE_LIMITS.maxSmallUnordered)
  )
}

/** RFC 9110 §15.3.7.2: what overlaps or touches may be sent as one part. */
function coalesce(ranges: readonly ByteRange[]): ByteRange[] {
  const sorted = ranges.map((range, order) => ({ ...range, order })).toSorted((a, b) => a.start - b.start)
  const merged: { start: number; end: number; order: number }[] = []
  for (const range of sorted) {
    const last = merged.at(-1)
    if (last !== undefined && range.start <= last.end) {
      last.end = Math.max(last.end, range.end)
      last.order = Math.min(last.order, range.order)
    } else {
      merged.push(range)
    }
  }
  return merged.toSorted((a, b) => a.order - b.order).map(({ start, end }) => ({ start, end }))
}
