import { trimOws } from './list.ts'

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
  if (!isBytesUnit(value)) return IGNORE // §14.2: an unknown unit is ignored
  const ranges: ByteRange[] = []
  let asked = 0
  for (let at = UNIT_LENGTH; at < value.length;) {
    const comma = value.indexOf(',', at)
    const end = comma < 0 ? value.length : comma
    const spec = trimOws(value.slice(at, end))
    at = end + 1
    if (spec === '') continue // §5.6.1.2: empty list members are ignored
    if (++asked > maxRanges) return IGNORE
    const range = parseRangeSpec(spec, size)
    if (range === 'invalid') return IGNORE
    if (range !== 'unsatisfiable') ranges.push(range)
  }
  if (asked === 0) return IGNORE
  if (ranges.length === 0) return UNSATISFIABLE
  // A suffix of nothing is satisfiable (§14.1.2), but no Content-Range can name zero bytes: send the empty whole.
  if (size === 0) return IGNORE
  if (areAscendingApart(ranges)) return { kind: 'ranges', ranges }
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
/** Numbers with so many digits are exact as doubles. */
const EXACT_DIGITS = 15
const UNIT_LENGTH = 'bytes='.length
// A part's boundary, Content-Type and Content-Range take about this much (RFC 9110 §15.3.7.2 says so of the gap).
const SMALL_RANGE_BYTES = 80

/** §14.1: range unit names are case-insensitive. */
function isBytesUnit(value: string): boolean {
  return value.startsWith('bytes=') || value.slice(0, UNIT_LENGTH).toLowerCase() === 'bytes='
}

/** int-range or suffix-range. Positions too great for a double lose digits, never their meaning: they are past the end. */
function parseRangeSpec(spec: string, size: number): ByteRange | 'unsatisfiable' | 'invalid' {
  const hyphen = spec.indexOf('-')
  const firstText = spec.slice(0, Math.max(hyphen, 0))
  const lastText = spec.slice(hyphen + 1)
  if (hyphen < 0 || !isDigits(firstText) || !isDigits(lastText)) return 'invalid'
  if (firstText === '') {
    if (lastText === '') return 'invalid'
    const length = Number(lastText)
    return length === 0 ? 'unsatisfiable' : { start: Math.max(0, size - length), end: size }
  }
  if (lastText !== '' && isBefore(lastText, firstText)) return 'invalid' // §14.1.1
  const start = Number(firstText)
  if (start >= size) return 'unsatisfiable'
  return { start, end: lastText === '' ? size : Math.min(Number(lastText) + 1, size) }
}

/** None or more of them. */
function isDigits(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x30 || code > 0x39) return false
  }
  return true
}

/** Compares runs of digits as numbers of any length. */
function isBefore(a: string, b: string): boolean {
  if (a.length <= EXACT_DIGITS && b.length <= EXACT_DIGITS) return Number(a) < Number(b)
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  return left.length === right.length ? left < right : left.length < right.length
}

/** One range, or several that need no second look: in order, with gaps between them. */
function areAscendingApart(ranges: readonly ByteRange[]): boolean {
  for (let i = 1; i < ranges.length; i++) {
    if ((ranges[i] as ByteRange).start <= (ranges[i - 1] as ByteRange).end) return false
  }
  return true
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
