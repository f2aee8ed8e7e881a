import { authorityEnd, isAuthority } from './authority.ts'
import { SLASH } from './characters.ts'
import { ABSOLUTE_FORM, ASTERISK_FORM, AUTHORITY_FORM, COMPLETE, ORIGIN_FORM } from './head-scan.ts'
import type { HeadScan, Progress } from './head-scan.ts'
import { latin1 } from './latin1.ts'

const ASTERISK = 0x2a
const SCHEME = /^https?:\/\//i
const LONGEST_SCHEME = 8

/** Which of its four forms the request-target has (RFC 9112 §3.2), and whether its method may use it. */
export function decideTargetForm(scan: HeadScan): Progress {
  const { bytes, targetStart, targetEnd, method } = scan
  if (method === 'CONNECT') return authorityForm(scan)
  if (bytes[targetStart] === SLASH) {
    scan.targetForm = ORIGIN_FORM
    return COMPLETE
  }
  if (bytes[targetStart] === ASTERISK && targetEnd === targetStart + 1) return asteriskForm(scan)
  return absoluteForm(scan)
}

/** RFC 9112 §3.2.3: host and port, only for CONNECT, which takes nothing else. */
function authorityForm(scan: HeadScan): Progress {
  const { bytes, targetStart, targetEnd } = scan
  if (!isAuthority(bytes, targetStart, targetEnd, true)) return scan.fail('ERR_TARGET_FORM', targetStart)
  scan.targetForm = AUTHORITY_FORM
  return COMPLETE
}

/** RFC 9112 §3.2.4: "*", only for a server-wide OPTIONS. */
function asteriskForm(scan: HeadScan): Progress {
  if (scan.method !== 'OPTIONS') return scan.fail('ERR_TARGET_FORM', scan.targetStart)
  scan.targetForm = ASTERISK_FORM
  return COMPLETE
}

/** RFC 9112 §3.2.2: an http or https URI in whole (schemes in any case, RFC 9110 §4.2.3). */
function absoluteForm(scan: HeadScan): Progress {
  const { bytes, targetStart, targetEnd } = scan
  const scheme = SCHEME.exec(latin1(bytes, targetStart, Math.min(targetEnd, targetStart + LONGEST_SCHEME)))
  if (scheme === null) return scan.fail('ERR_TARGET_FORM', targetStart)
  const from = targetStart + scheme[0].length
  const to = authorityEnd(bytes, from, targetEnd)
  // RFC 9110 §4.2.1: an empty host is to be rejected; §4.2.4: userinfo is to be treated as an error.
  if (from === to || !isAuthority(bytes, from, to, false)) return scan.fail('ERR_INVALID_AUTHORITY', from)
  scan.targetForm = ABSOLUTE_FORM
  return COMPLETE
}
