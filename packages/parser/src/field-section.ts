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
 * *( field-line CRLF ) CRLF (RFC 9112 §2.1, §5), in parts that may end anywhere: it goes on where it stopped.
 * `bytes[end]` is NUL. Positions are written down, nothing is decoded.
 */
export function scanFieldSection(scan: HeadScan, end: number): Progress {
  const { bytes, view } = scan
  let { step, position, index } = scan
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
        index = scan.indexWithRoom()
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
  let end = index[place + 3]!
  while (end > index[place + 2]! && (bytes[end - 1] === SP || bytes[end - 1] === HTAB)) end--
  index[place + 3] = end
  const known = knownField(scan.view, index[place]!, index[place + 1]!)
  if (known !== UNKNOWN) scan.remember(known, place)
  scan.fieldCount = fieldCount + 1
}

/** RFC 9112 §5.2: a line that begins with whitespace folds the value before it; §2.2: the first one can't. */
function beginFold(scan: HeadScan, position: number): Progress | null {
  if (scan.fieldCount === 0) return scan.fail('ERR_LEADING_WHITESPACE', position)
  if (!scan.options.allowObsFold) return scan.fail('ERR_OBS_FOLD', position)
  scan.fieldCount--
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
