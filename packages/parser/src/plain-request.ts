import { isAuthority } from './authority.ts'
import { COLON, CR, HTAB, LF, REG_NAME, SLASH, SP, TARGET, TEXT, TOKEN } from './characters.ts'
import { connectionOptions, expectation } from './connection.ts'
import { decideRequestFraming, NO_FRAMING } from './framing.ts'
import { fourOf } from './four-bytes.ts'
import { METHOD, ORIGIN_FORM } from './head-scan.ts'
import { HOST, isField, likelyField, UNKNOWN } from './known-fields.ts'
import { knownMethod } from './method.ts'
import type { ResolvedParserOptions } from './options.ts'
import { RequestHead } from './request-head.ts'
import { endsText, firstHit } from './scan-bytes.ts'
import { sharedScan } from './window.ts'

const HTTP = fourOf('HTTP')
const VERSION_1_1 = fourOf('/1.1')
const VERSION_1_0 = fourOf('/1.0')

const scan = sharedScan
const { bytes, view } = scan

/**
 * Makes the head of a request as nearly all come: whole, in the shared window, HTTP/1.1 or 1.0, the target in
 * origin-form, every line plain, and no rule broken. Returns null for any other, which is then read from its
 * beginning by those who go byte by byte and know what is wrong with it. `start` is where in the window the head
 * begins, and `shift` where in `chunk` the window does; there must be a NUL behind the last byte.
 *
 * Most of the time that a parser takes goes by here: that is why it is one function over local variables and
 * constants, with its loops written out.
 */
export function plainRequestHead(
  chunk: Uint8Array,
  start: number,
  shift: number,
  options: ResolvedParserOptions,
): RequestHead | null {
  scan.begin(start, METHOD)
  scan.options = options
  const { index } = scan

  // request-line (RFC 9112 §3)
  let at = start
  while (TOKEN[bytes[at]!] === 1) at++
  const methodEnd = at++
  if (bytes[methodEnd] !== SP || bytes[at] !== SLASH || methodEnd === start) return null
  while (TARGET[bytes[at]!] === 1) at++
  const targetEnd = at
  if (bytes[at] !== SP || view.getInt32(at + 1, true) !== HTTP) return null
  const version = view.getInt32(at + 5, true)
  if ((version !== VERSION_1_1 && version !== VERSION_1_0) || bytes[at + 9] !== CR || bytes[at + 10] !== LF)
    return null
  if (methodEnd - start > options.maxMethodBytes || targetEnd - methodEnd > options.maxTargetBytes + 1)
    return null
  const method = knownMethod(bytes, start, methodEnd)
  if (method === 'CONNECT') return null
  at += 11
  const fieldsStart = at

  // field lines (RFC 9112 §5), whitespace around a value left out
  const largestPlace = Math.min(index.length, options.maxHeaderCount * 4)
  let hasHost = false
  let place = 0
  for (; bytes[at] !== CR; place += 4) {
    if (place >= largestPlace) return null
    const nameStart = at
    while (TOKEN[bytes[at]!] === 1) at++
    const nameEnd = at++
    if (bytes[nameEnd] !== COLON || nameEnd === nameStart) return null
    while (bytes[at] === SP || bytes[at] === HTAB) at++
    const valueStart = at
    for (;;) {
      let hit = endsText(view.getInt32(at, true))
      while (hit === 0) hit = endsText(view.getInt32((at += 4), true))
      at += firstHit(hit)
      if (TEXT[bytes[at]!] === 0) break
      at++ // HTAB or a byte from 0x80 up
    }
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return null
    let valueEnd = at
    at += 2
    while (valueEnd > valueStart && (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HTAB)) valueEnd--
    index[place] = nameStart
    index[place + 1] = nameEnd
    index[place + 2] = valueStart
    index[place + 3] = valueEnd
    const likely = likelyField(view, nameStart)
    if (likely === HOST) {
      if (nameEnd - nameStart !== 4) continue
      // RFC 9112 §3.2: once, and most are nothing but a name
      if (hasHost) return null
      hasHost = true
      let nameOnly = valueStart
      while (REG_NAME[bytes[nameOnly]!] === 1) nameOnly++
      if (nameOnly !== valueEnd && !isAuthority(bytes, valueStart, valueEnd, false)) return null
    } else if (likely !== UNKNOWN && isField(likely, view, nameStart, nameEnd)) {
      scan.remember(likely, place)
    }
  }
  if (bytes[at + 1] !== LF || at + 2 - start > options.maxHeadBytes) return null
  if (!hasHost && version === VERSION_1_1) return null

  scan.position = at + 2
  scan.method = method
  scan.targetStart = methodEnd + 1
  scan.targetForm = ORIGIN_FORM
  scan.minorVersion = version === VERSION_1_1 ? 1 : 0
  scan.fieldsStart = fieldsStart
  scan.fieldCount = place >> 2

  const usual = scan.seen === 0
  const contentLength = usual ? 0 : decideRequestFraming(scan)
  if (contentLength === NO_FRAMING) return null
  const wishes = usual ? scan.minorVersion : connectionOptions(scan) | expectation(scan)
  return new RequestHead(scan, chunk, shift, contentLength, wishes)
}
