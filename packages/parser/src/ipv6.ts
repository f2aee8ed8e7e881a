import { COLON, HEX, isDigit } from './characters.ts'

const GROUPS = 8
const DOT = 0x2e

/** IPv6address (RFC 3986 §3.2.2): eight groups, one run of them may be "::", the last two may be IPv4. */
export function isIPv6(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from
  let groups = 0
  let elided = false
  if (bytes[at] === COLON) {
    if (at + 1 >= to || bytes[at + 1] !== COLON) return false
    elided = true
    at += 2
    if (at === to) return true
  }
  while (at < to) {
    const end = endOfGroup(bytes, at, to)
    if (bytes[end] === DOT && end < to) {
      return isIPv4(bytes, at, to) && enough(groups + 2, elided)
    }
    if (end === at || end - at > 4) return false
    groups++
    at = end
    if (at === to) break
    if (bytes[at] !== COLON || ++at === to) return false
    if (bytes[at] === COLON) {
      if (elided) return false
      elided = true
      at++
    }
  }
  return enough(groups, elided)
}

/** "::" stands for at least one group. */
function enough(groups: number, elided: boolean): boolean {
  return elided ? groups < GROUPS : groups === GROUPS
}

function endOfGroup(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && HEX[bytes[at]!]! >= 0) at++
  return at
}

/** Four numbers from 0 to 255 without leading zeros, with dots between them. */
function isIPv4(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from
  for (let part = 0; part < 4; part++) {
    if (part > 0 && (at >= to || bytes[at++] !== DOT)) return false
    const first = at
    let value = 0
    while (at < to && isDigit(bytes[at]!) && at - first < 4) value = value * 10 + bytes[at++]! - 0x30
    if (at === first || value > 255 || (bytes[first] === 0x30 && at - first > 1)) return false
  }
  return at === to
}
