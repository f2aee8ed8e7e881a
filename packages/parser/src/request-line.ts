import { CR, isDigit, LENIENT_TARGET, LF, SP, TARGET } from './characters.ts'
import { COMPLETE, METHOD, REQUEST_TARGET, REQUEST_VERSION, START_LINE_LF } from './head-scan.ts'
import type { HeadScan, Progress } from './head-scan.ts'
import { latin1 } from './latin1.ts'
import { endOfAllowed, endOfToken } from './scan-bytes.ts'
import { decideTargetForm } from './target-form.ts'

const NAME = 'HTTP/'
/** "HTTP/1.1" */
const VERSION_BYTES = 8

/**
 * request-line = method SP request-target SP HTTP-version CRLF (RFC 9112 §3), in parts that may end anywhere: for
 * what came in pieces, is unusual, or is wrong. `bytes[end]` is NUL.
 */
export function scanRequestLine(scan: HeadScan, end: number): Progress {
  if (scan.step === METHOD) {
    const progress = scanMethod(scan, end)
    if (progress !== COMPLETE) return progress
  }
  if (scan.step === REQUEST_TARGET) {
    const progress = scanTarget(scan, end)
    if (progress !== COMPLETE) return progress
  }
  if (scan.step === REQUEST_VERSION) {
    const progress = scanVersion(scan, end, START_LINE_LF)
    if (progress !== COMPLETE) return progress
    const refused = endVersion(scan)
    if (refused !== COMPLETE) return refused
  }
  return scanStartLineLF(scan, end)
}

/** method = token (RFC 9112 §3.1), in its own case. */
function scanMethod(scan: HeadScan, end: number): Progress {
  const { bytes, start } = scan
  const { maxMethodBytes } = scan.options
  const at = endOfToken(bytes, scan.position)
  if (at - start > maxMethodBytes) return scan.fail('ERR_METHOD_TOO_LONG', start + maxMethodBytes)
  if (at === end) return scan.suspend(METHOD, at)
  if (at === start || bytes[at] !== SP) return scan.fail('ERR_INVALID_METHOD', at)
  scan.method = latin1(bytes, start, at)
  scan.targetStart = at + 1
  scan.position = at + 1
  scan.step = REQUEST_TARGET
  return COMPLETE
}

/** request-target (RFC 9112 §3.2): no whitespace, no fragment; too long is 414 even if the line never ends. */
function scanTarget(scan: HeadScan, end: number): Progress {
  const { bytes, targetStart } = scan
  const { maxTargetBytes, allowNonAsciiTarget } = scan.options
  const at = endOfAllowed(allowNonAsciiTarget ? LENIENT_TARGET : TARGET, bytes, scan.position)
  if (at - targetStart > maxTargetBytes) return scan.fail('ERR_TARGET_TOO_LONG', targetStart + maxTargetBytes)
  if (at === end) return scan.suspend(REQUEST_TARGET, at)
  const byte = bytes[at]!
  if (byte === CR || byte === LF) return scan.fail('ERR_INVALID_VERSION', at) // HTTP/0.9 had no version
  if (at === targetStart || byte !== SP) return scan.fail('ERR_INVALID_TARGET', at)
  scan.targetEnd = at
  scan.mark = at + 1
  scan.position = at + 1
  scan.step = REQUEST_VERSION
  return COMPLETE
}

/**
 * HTTP-version = %s"HTTP" "/" DIGIT "." DIGIT (RFC 9112 §2.3), from `scan.mark`, and the byte behind it.
 * Version bytes come one by one only on a slow line, so the position says how many are known to be good.
 */
export function scanVersion(scan: HeadScan, end: number, next: number): Progress {
  const { bytes, mark } = scan
  let at = scan.position
  for (; at < mark + VERSION_BYTES; at++) {
    if (at === end) return scan.suspend(scan.step, at)
    const place = at - mark
    const byte = bytes[at]!
    const good = place < 5 ? byte === NAME.charCodeAt(place) : place === 6 ? byte === 0x2e : isDigit(byte)
    if (!good) return scan.fail('ERR_INVALID_VERSION', at)
  }
  if (at === end) return scan.suspend(scan.step, at)
  scan.position = at
  scan.step = next
  return COMPLETE
}

/** Only the line's end may follow the version; the major version must be 1 (RFC 9110 §2.5). */
function endVersion(scan: HeadScan): Progress {
  const { bytes, mark, position } = scan
  const byte = bytes[position]!
  if (byte !== CR && byte !== LF) return scan.fail('ERR_INVALID_VERSION', position)
  if (byte === LF && !scan.options.allowBareLF) return scan.fail('ERR_BARE_LF', position)
  const refused = setVersion(scan, mark)
  if (refused !== COMPLETE) return refused
  const form = decideTargetForm(scan)
  if (form !== COMPLETE) return form
  if (byte === CR) scan.position++
  return COMPLETE
}

/** HTTP/1.2 and up are processed as 1.1 (RFC 9110 §2.5); any other major version is 505. */
export function setVersion(scan: HeadScan, mark: number): Progress {
  if (scan.bytes[mark + 5] !== 0x31) return scan.fail('ERR_UNSUPPORTED_VERSION', mark + 5)
  scan.minorVersion = scan.bytes[mark + 7] === 0x30 ? 0 : 1
  return COMPLETE
}

/** The LF of the start-line; a CR without it is not a line's end (RFC 9112 §2.2). */
export function scanStartLineLF(scan: HeadScan, end: number): Progress {
  const { position } = scan
  if (position === end) return scan.suspend(START_LINE_LF, position)
  if (scan.bytes[position] !== LF) return scan.fail('ERR_BARE_CR', position - 1)
  scan.position = position + 1
  return COMPLETE
}
