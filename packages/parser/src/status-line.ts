import { CR, isDigit, LF, SP } from './characters.ts'
import { COMPLETE, REASON, START_LINE_LF, STATUS_CODE, STATUS_VERSION } from './head-scan.ts'
import type { HeadScan, Progress } from './head-scan.ts'
import { latin1 } from './latin1.ts'
import { scanStartLineLF, scanVersion, setVersion } from './request-line.ts'
import { endOfText } from './scan-bytes.ts'

/** " 200 " */
const STATUS_BYTES = 5

/** status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF (RFC 9112 §4). `bytes[end]` is NUL. */
export function scanStatusLine(scan: HeadScan, end: number): Progress {
  if (scan.step === STATUS_VERSION) {
    const progress = scanVersion(scan, end, STATUS_CODE)
    if (progress !== COMPLETE) return progress
    const refused = setVersion(scan, scan.mark)
    if (refused !== COMPLETE) return refused
    scan.mark = scan.position
  }
  if (scan.step === STATUS_CODE) {
    const progress = scanStatusCode(scan, end)
    if (progress !== COMPLETE) return progress
  }
  if (scan.step === REASON) {
    const progress = scanReason(scan, end)
    if (progress !== COMPLETE) return progress
  }
  return scanStartLineLF(scan, end)
}

/** SP, 3DIGIT and SP, which is there even without a reason; a first digit of 0 has no class (RFC 9110 §15). */
function scanStatusCode(scan: HeadScan, end: number): Progress {
  const { bytes, mark } = scan
  let at = scan.position
  for (; at < mark + STATUS_BYTES; at++) {
    if (at === end) return scan.suspend(STATUS_CODE, at)
    const place = at - mark
    const byte = bytes[at]!
    const good = place === 0 || place === 4 ? byte === SP : isDigit(byte) && (place > 1 || byte !== 0x30)
    if (!good) return scan.fail('ERR_INVALID_STATUS', at)
  }
  scan.status = Number(latin1(bytes, mark + 1, mark + 4))
  scan.reasonStart = at
  scan.position = at
  scan.step = REASON
  return COMPLETE
}

/** reason-phrase = 1*( HTAB / SP / VCHAR / obs-text ), or nothing. */
function scanReason(scan: HeadScan, end: number): Progress {
  const { bytes, view } = scan
  const at = endOfText(bytes, view, scan.position)
  if (at === end) return scan.suspend(REASON, at)
  const byte = bytes[at]!
  if (byte === LF && !scan.options.allowBareLF) return scan.fail('ERR_BARE_LF', at)
  if (byte !== CR && byte !== LF) return scan.fail('ERR_INVALID_REASON', at)
  scan.reasonEnd = at
  scan.position = byte === CR ? at + 1 : at
  scan.step = START_LINE_LF
  return COMPLETE
}
