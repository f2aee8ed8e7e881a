import { COLON, HEX, isDigit, REG_NAME, SLASH } from './characters.ts'
import { isIPv6 } from './ipv6.ts'
import { latin1 } from './latin1.ts'

const PERCENT = 0x25
const QUESTION_MARK = 0x3f
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
/** IPvFuture (RFC 3986 §3.2.2) */
const IP_FUTURE = /^v[0-9a-f]+\.[-\w.~!$&'()*+,;=:]+$/i
const LARGEST_PORT = 65_535

/**
 * uri-host [ ":" port ] (RFC 9110 §4.2, §7.2), never userinfo. With `portRequired` it is the authority-form of
 * CONNECT, whose port must be one that can be connected to (RFC 9110 §9.3.6).
 */
export function isAuthority(bytes: Uint8Array, from: number, to: number, portRequired: boolean): boolean {
  const hostEnd = bytes[from] === OPEN_BRACKET ? endOfLiteral(bytes, from, to) : endOfRegName(bytes, from, to)
  if (hostEnd < 0) return false
  if (hostEnd === to) return !portRequired
  if (bytes[hostEnd] !== COLON || hostEnd === from) return false
  return isPort(bytes, hostEnd + 1, to, portRequired)
}

/** Where the authority of an http URI ends: at its path, its query, or with it (RFC 3986 §3.2). */
export function authorityEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && bytes[at] !== SLASH && bytes[at] !== QUESTION_MARK) at++
  return at
}

/** port = *DIGIT (RFC 3986 §3.2.3). */
function isPort(bytes: Uint8Array, from: number, to: number, required: boolean): boolean {
  let port = 0
  for (let i = from; i < to; i++) {
    if (!isDigit(bytes[i]!)) return false
    port = Math.min(port * 10 + bytes[i]! - 0x30, LARGEST_PORT + 1)
  }
  return !required || (port > 0 && port <= LARGEST_PORT)
}

/**
 * reg-name, which an IPv4 address is too (RFC 3986 §3.2.2); a percent sign needs its two digits. What stands behind
 * an authority (whitespace, a line's end, "/", "?") is in no name, so the end is not looked for.
 */
function endOfRegName(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  for (;;) {
    while (REG_NAME[bytes[at]!] === 1) at++
    if (at === to || bytes[at] !== PERCENT) return at
    if (at + 2 >= to || HEX[bytes[at + 1]!]! < 0 || HEX[bytes[at + 2]!]! < 0) return -1
    at += 3
  }
}

/** IP-literal = "[" ( IPv6address / IPvFuture ) "]" (RFC 3986 §3.2.2). */
function endOfLiteral(bytes: Uint8Array, from: number, to: number): number {
  let close = from + 1
  while (close < to && bytes[close] !== CLOSE_BRACKET) close++
  const literal = latin1(bytes, from + 1, close)
  return close < to && (isIPv6(literal) || IP_FUTURE.test(literal)) ? close + 1 : -1
}
