import { isAuthority } from './authority.ts'
import { COLON, CR, HTAB, REG_NAME, SLASH, SP, TEXT, TOKEN } from './characters.ts'
import { connectionOptions, expectation, KEEP_ALIVE } from './connection.ts'
import { decideRequestFraming, NO_FRAMING } from './framing.ts'
import { fourLowerCase, fourOf } from './four-bytes.ts'
import { INDEX_STRIDE, METHOD, ORIGIN_FORM } from './head-scan.ts'
import { CONN, CONNECTION, CONT, EXPE, HOST_LETTERS, knownField, TRAN, UNKNOWN } from './known-fields.ts'
import { latin1 } from './latin1.ts'
import type { ResolvedParserOptions } from './options.ts'
import { RequestHead } from './request-head.ts'
import { endsTarget, endsText, firstHit, noLetters } from './scan-bytes.ts'
import { sharedScan } from './window.ts'

const GET = fourOf('GET ')
const ECTI = fourOf('ecti')
const TION = fourOf('tion')
const KEEP = fourOf('keep')
const DASH_ALI = fourOf('-ali')
const LIVE = fourOf('live')
const HTTP = fourOf('HTTP')
const VERSION_1_1 = fourOf('/1.1')
const VERSION_1_0 = fourOf('/1.0')
/** CR LF as one number. */
const CRLF = 0x0a0d

const scan = sharedScan
const { bytes, view, index } = scan

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
  scan.index = index

  // request-line (RFC 9112 §3)
  let at = start + 3
  let method = 'GET'
  if (view.getInt32(start, true) !== GET) {
    at = start
    while (TOKEN[bytes[at]!] === 1) at++
    if (bytes[at] !== SP || at === start) return null
    method = latin1(bytes, start, at)
    if (method === 'CONNECT') return null
  }
  const methodEnd = at++
  if (bytes[at] !== SLASH) return null
  let marks = endsTarget(view.getInt32(at, true))
  while (marks === 0) marks = endsTarget(view.getInt32((at += 4), true))
  at += firstHit(marks)
  if (bytes[at] !== SP || view.getInt32(at + 1, true) !== HTTP) return null
  const version = view.getInt32(at + 5, true)
  if ((version !== VERSION_1_1 && version !== VERSION_1_0) || view.getUint16(at + 9, true) !== CRLF)
    return null
  if (methodEnd - start > options.maxMethodBytes || at - methodEnd > options.maxTargetBytes + 1) return null
  at += 11
  const fieldsStart = at

  // field lines (RFC 9112 §5), whitespace around a value left out
  const largestPlace = Math.min(index.length, options.maxHeaderCount * INDEX_STRIDE)
  let hasHost = false
  let keepAlivePlace = -1
  let place = 0
  for (; bytes[at] !== CR; place += INDEX_STRIDE) {
    if (place >= largestPlace) return null
    const nameStart = at
    const four = fourLowerCase(view, at)
    if (noLetters(four) === 0) at += 4
    while (TOKEN[bytes[at]!] === 1) at++
    const nameEnd = at++
    if (bytes[nameEnd] !== COLON || nameEnd === nameStart) return null
    if (bytes[at] === SP) at++
    if (bytes[at]! <= SP) while (bytes[at] === SP || bytes[at] === HTAB) at++
    const valueStart = at
    for (;;) {
      let hit = endsText(view.getInt32(at, true))
      while (hit === 0) hit = endsText(view.getInt32((at += 4), true))
      at += firstHit(hit)
      if (bytes[at] === CR || TEXT[bytes[at]!] === 0) break
      at++ // HTAB or a byte from 0x80 up
    }
    if (view.getUint16(at, true) !== CRLF) return null
    let valueEnd = at
    at += 2
    if (bytes[valueEnd - 1]! <= SP) {
      while (valueEnd > valueStart && (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HTAB)) valueEnd--
    }
    index[place] = nameStart
    index[place + 1] = nameEnd
    index[place + 2] = valueStart
    index[place + 3] = valueEnd
    if (four === HOST_LETTERS && nameEnd - nameStart === 4) {
      // RFC 9112 §3.2: once, and most are nothing but a name
      if (hasHost) return null
      hasHost = true
      let nameOnly = valueStart
      while (REG_NAME[bytes[nameOnly]!] === 1) nameOnly++
      if (nameOnly !== valueEnd && !isAuthority(bytes, valueStart, valueEnd, false)) return null
    } else if (
      // Connection: keep-alive, as browsers send it
      four === CONN &&
      keepAlivePlace < 0 &&
      nameEnd - nameStart === 10 &&
      valueEnd - valueStart === 10 &&
      fourLowerCase(view, valueStart) === KEEP &&
      fourLowerCase(view, valueStart + 4) === DASH_ALI &&
      fourLowerCase(view, valueStart + 6) === LIVE &&
      fourLowerCase(view, nameStart + 4) === ECTI &&
      fourLowerCase(view, nameStart + 6) === TION
    ) {
      keepAlivePlace = place
    } else if (four === CONN || four === CONT || four === TRAN || four === EXPE) {
      rememberField(place)
    }
  }
  if (view.getUint16(at, true) !== CRLF || at + 2 - start > options.maxHeadBytes) return null
  if (!hasHost && version === VERSION_1_1) return null

  scan.position = at + 2
  scan.method = method
  scan.targetStart = methodEnd + 1
  scan.targetForm = ORIGIN_FORM
  scan.minorVersion = version === VERSION_1_1 ? 1 : 0
  scan.fieldsStart = fieldsStart
  scan.fieldCount = place >> 2
  if (scan.seen === 0) {
    return new RequestHead(scan, chunk, shift, 0, keepAlivePlace < 0 ? scan.minorVersion : KEEP_ALIVE)
  }
  if (keepAlivePlace >= 0) scan.remember(CONNECTION, keepAlivePlace)
  return framedHead(chunk, shift)
}

/** Remembers a field that may matter. */
function rememberField(place: number): void {
  const known = knownField(view, index[place]!, index[place + 1]!)
  if (known !== UNKNOWN) scan.remember(known, place)
}

/** A head with fields that say more about its body or its connection. */
function framedHead(chunk: Uint8Array, shift: number): RequestHead | null {
  const contentLength = decideRequestFraming(scan)
  if (contentLength === NO_FRAMING) return null
  return new RequestHead(scan, chunk, shift, contentLength, connectionOptions(scan) | expectation(scan))
}
