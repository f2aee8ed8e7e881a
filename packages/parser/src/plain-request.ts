import { TARGET, TEXT, TOKEN } from './characters.ts'
import { fourLowerCase, fourOf } from './four-bytes.ts'
import { ORIGIN_FORM } from './head-scan.ts'
import type { HeadScan } from './head-scan.ts'
import { HOST, HOST_LETTERS, knownField, mayBeKnown } from './known-fields.ts'
import { knownMethod } from './method.ts'
import { endsText, firstHit } from './scan-bytes.ts'

/**
 * Reads a request head as nearly all come: whole, HTTP/1.1 or 1.0, the target in origin-form, and every line
 * plain. Says whether it was so; any other head is read from its beginning by those who go byte by byte and know
 * what is wrong with it. There must be a NUL behind the last byte.
 *
 * Most of the time that a parser takes goes by here: that is why it is one function over local variables with its
 * loops written out. What stands around it makes the tables and numbers constant for the engine: bundlers make `var`
 * of every `const` of a module.
 */
export const scanPlainRequest = makeScan(TOKEN, TARGET, TEXT)

function makeScan(TOKEN: Uint8Array, TARGET: Uint8Array, TEXT: Uint8Array) {
  const [HTAB, LF, CR, SP, SLASH, COLON] = [0x09, 0x0a, 0x0d, 0x20, 0x2f, 0x3a]
  const HTTP = fourOf('HTTP')
  const VERSION_1_1 = fourOf('/1.1')
  const VERSION_1_0 = fourOf('/1.0')

  return (scan: HeadScan): boolean => {
    const { bytes, view, index, options, start } = scan

    // request-line (RFC 9112 §3)
    let at = start
    while (TOKEN[bytes[at]!] === 1) at++
    const methodEnd = at++
    if (bytes[methodEnd] !== SP || bytes[at] !== SLASH || methodEnd === start) return false
    while (TARGET[bytes[at]!] === 1) at++
    if (bytes[at] !== SP || view.getInt32(at + 1, true) !== HTTP) return false
    const version = view.getInt32(at + 5, true)
    if ((version !== VERSION_1_1 && version !== VERSION_1_0) || bytes[at + 9] !== CR || bytes[at + 10] !== LF)
      return false
    if (methodEnd - start > options.maxMethodBytes || at - methodEnd > options.maxTargetBytes + 1)
      return false
    scan.method = knownMethod(bytes, start, methodEnd)
    if (scan.method === 'CONNECT') return false
    scan.targetStart = methodEnd + 1
    scan.targetEnd = at
    scan.targetForm = ORIGIN_FORM
    scan.minorVersion = version === VERSION_1_1 ? 1 : 0
    at += 11
    scan.fieldsStart = at

    // field lines (RFC 9112 §5), whitespace around a value left out
    const largestPlace = Math.min(index.length, options.maxHeaderCount * 4)
    let place = 0
    for (; place < largestPlace; place += 4) {
      const nameStart = at
      while (TOKEN[bytes[at]!] === 1) at++
      const nameEnd = at++
      if (bytes[nameEnd] !== COLON || nameEnd === nameStart) {
        at = nameStart
        break
      }
      while (bytes[at] === SP || bytes[at] === HTAB) at++
      const valueStart = at
      for (;;) {
        let hit = endsText(view.getInt32(at, true))
        while (hit === 0) hit = endsText(view.getInt32((at += 4), true))
        at += firstHit(hit)
        if (TEXT[bytes[at]!] === 0) break
        at++ // HTAB or a byte from 0x80 up
      }
      if (bytes[at] !== CR || bytes[at + 1] !== LF) return false
      let valueEnd = at
      at += 2
      while (valueEnd > valueStart && (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HTAB)) valueEnd--
      index[place] = nameStart
      index[place + 1] = nameEnd
      index[place + 2] = valueStart
      index[place + 3] = valueEnd
      const letters = fourLowerCase(view, nameStart)
      if (letters === HOST_LETTERS) {
        if (nameEnd - nameStart === 4) scan.remember(HOST, place)
      } else if (mayBeKnown(letters)) {
        const known = knownField(view, nameStart, nameEnd)
        if (known >= 0) scan.remember(known, place)
      }
    }
    if (bytes[at] !== CR || bytes[at + 1] !== LF || at + 2 - start > options.maxHeadBytes) return false

    scan.position = at + 2
    scan.fieldCount = place >> 2
    return true
  }
}
