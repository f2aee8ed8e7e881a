import { COLON, CR, HTAB, LF, SP } from './characters.ts'
import {
  COMPLETE,
  FIELD_LF,
  FIELD_LINE,
  FIELD_NAME,
  FIELD_OWS,
  FIELD_VALUE,
  FINAL_LF,
  INDEX_STRIDE,
} from './head-scan.ts'
import type { HeadScan, Progress } from './head-scan.ts'
import { knownField, UNKNOWN } from './known-fields.ts'
import { endOfText, endOfToken } from './scan-bytes.ts'

/**
 * *( field-line CRLF ) CRLF (RFC 9112 §2.1, §5). Goes on where it stopped; `bytes[end]` is NUL. Positions are
 * written down, nothing is decoded.
 */
export function scanFieldSection(scan: HeadScan, end: number): Progress {
  if (scan.step === FIELD_LINE && scanWholeLines(scan)) return COMPLETE
  return scanLineParts(scan, end)
}

/**
 * Takes the lines that lie there whole and plain, which are nearly all, and says whether the section ended with
 * them. The first line that is not so is left untouched.
 */
function scanWholeLines(scan: HeadScan): boolean {
  const { bytes, view, index } = scan
  const { maxHeaderCount } = scan.options
  let { position, fieldCount } = scan
  while (fieldCount < maxHeaderCount) {
    const nameEnd = endOfToken(bytes, position)
    if (bytes[nameEnd] !== COLON || nameEnd === position) break
    let valueStart = nameEnd + 1
    while (bytes[valueStart] === SP || bytes[valueStart] === HTAB) valueStart++
    const lineEnd = endOfText(bytes, view, valueStart)
    if (bytes[lineEnd] !== CR || bytes[lineEnd + 1] !== LF) break
    const place = fieldCount * INDEX_STRIDE
    index[place] = position
    index[place + 1] = nameEnd
    index[place + 2] = valueStart
    index[place + 3] = trimEnd(bytes, valueStart, lineEnd)
    const known = knownField(view, position, nameEnd)
    if (known !== UNKNOWN) remember(scan, known, fieldCount)
    fieldCount++
    position = lineEnd + 2
  }
  scan.fieldCount = fieldCount
  const whole = bytes[position] === CR && bytes[position + 1] === LF
  scan.position = whole ? position + 2 : position
  return whole
}

/** The same line by line in parts that may end anywhere, for what came in pieces, is unusual, or is wrong. */
function scanLineParts(scan: HeadScan, end: number): Progress {
  const { bytes, view, index } = scan
  let { step, position } = scan
  for (;;) {
    if (step === FIELD_LINE) {
      if (position === end) return scan.suspend(step, position)
      const byte = bytes[position]!
      if (byte === CR) {
        position++
        step = FINAL_LF
      } else if (byte === LF) {
        return scan.options.allowBareLF ? finish(scan, position + 1) : scan.fail('ERR_BARE_LF', position)
      } else if (byte === SP || byte === HTAB) {
        const refused = beginFold(scan, position)
        if (refused !== null) return refused
        step = FIELD_VALUE
      } else {
        if (scan.fieldCount >= scan.options.maxHeaderCount) return scan.fail('ERR_TOO_MANY_FIELDS', position)
        index[scan.fieldCount * INDEX_STRIDE] = position
        step = FIELD_NAME
      }
    }
    if (step === FIELD_NAME) {
      position = endOfToken(bytes, position)
      if (position === end) return scan.suspend(step, position)
      const place = scan.fieldCount * INDEX_STRIDE
      if (bytes[position] !== COLON || position === index[place])
        return failName(scan, index[place]!, position)
      index[place + 1] = position
      position++
      step = FIELD_OWS
    }
    if (step === FIELD_OWS) {
      while (bytes[position] === SP || bytes[position] === HTAB) position++
      if (position === end) return scan.suspend(step, position)
      index[scan.fieldCount * INDEX_STRIDE + 2] = position
      step = FIELD_VALUE
    }
    if (step === FIELD_VALUE) {
      position = endOfText(bytes, view, position)
      if (position === end) return scan.suspend(step, position)
      const byte = bytes[position]!
      if (byte !== CR && !(byte === LF && scan.options.allowBareLF)) return failValue(scan, byte, position)
      index[scan.fieldCount * INDEX_STRIDE + 3] = position
      if (byte === CR) position++
      step = FIELD_LF
    }
    if (step === FIELD_LF) {
      if (position === end) return scan.suspend(step, position)
      if (bytes[position] !== LF) return scan.fail('ERR_BARE_CR', position - 1)
      position++
      endField(scan)
      step = FIELD_LINE
    } else if (step === FINAL_LF) {
      if (position === end) return scan.suspend(step, position)
      if (bytes[position] !== LF) return scan.fail('ERR_BARE_CR', position - 1)
      return finish(scan, position + 1)
    }
  }
}

function finish(scan: HeadScan, position: number): typeof COMPLETE {
  scan.position = position
  return COMPLETE
}

/** A line has come to its end in parts. */
function endField(scan: HeadScan): void {
  const { bytes, index, fieldCount } = scan
  const place = fieldCount * INDEX_STRIDE
  index[place + 3] = trimEnd(bytes, index[place + 2]!, index[place + 3]!)
  const known = knownField(scan.view, index[place]!, index[place + 1]!)
  if (known !== UNKNOWN) remember(scan, known, fieldCount)
  scan.fieldCount = fieldCount + 1
}

/** Leaves the whitespace behind the value out (RFC 9112 §5.1). */
function trimEnd(bytes: Uint8Array, from: number, to: number): number {
  while (to > from && (bytes[to - 1] === SP || bytes[to - 1] === HTAB)) to--
  return to
}

/** Remembers the fields that matter here. */
function remember(scan: HeadScan, known: number, field: number): void {
  const bit = 1 << known
  if ((scan.seen & bit) === 0) {
    scan.seen |= bit
    scan.firstOf[known] = field
  } else if (scan.firstOf[known] !== field) {
    scan.repeated |= bit // the same line ends twice when it is folded: that is no repetition
  }
}

/** RFC 9112 §5.2: a line that begins with whitespace folds the value before it; §2.2: the first one can't. */
function beginFold(scan: HeadScan, position: number): Progress | null {
  if (scan.fieldCount === 0) return scan.fail('ERR_LEADING_WHITESPACE', position)
  if (!scan.options.allowObsFold) return scan.fail('ERR_OBS_FOLD', position)
  scan.fieldCount--
  scan.folded = true
  return null
}

function failName(scan: HeadScan, from: number, at: number): Progress {
  const byte = scan.bytes[at]!
  if (at > from && (byte === SP || byte === HTAB)) return scan.fail('ERR_SPACE_BEFORE_COLON', at)
  return scan.fail('ERR_INVALID_FIELD_NAME', at)
}

function failValue(scan: HeadScan, byte: number, at: number): Progress {
  return scan.fail(byte === LF ? 'ERR_BARE_LF' : 'ERR_INVALID_FIELD_VALUE', at)
}
