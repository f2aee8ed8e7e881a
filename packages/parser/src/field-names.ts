import { latin1 } from './latin1.ts'

/**
 * RFC 9110 §6.5.1: no field that frames, routes, modifies the request, authenticates or says how the content is
 * to be read may be a trailer. Merged into the head by the next recipient, each would be an injection.
 */
const NEVER_A_TRAILER = // framing (RFC 9112 §6) and the connection itself (RFC 9110 §7.6.1)
  (
    'transfer-encoding content-length trailer te connection keep-alive proxy-connection upgrade ' +
    // routing
    'host max-forwards ' +
    // request modifiers: controls and conditionals
    'cache-control expect pragma range if-match if-none-match if-modified-since if-unmodified-since if-range ' +
    // authentication and state
    'authorization proxy-authorization www-authenticate proxy-authenticate cookie set-cookie ' +
    // response control data
    'age date expires location retry-after vary warning ' +
    // how the content is to be read
    'content-encoding content-type content-range content-location'
  ).split(' ')

const OTHER_USUAL_NAMES = (
  'accept accept-encoding accept-language origin priority referer sec-fetch-dest sec-fetch-mode sec-fetch-site ' +
  'upgrade-insecure-requests user-agent x-forwarded-for x-forwarded-proto'
).split(' ')

/** Each usual name at its place. Two at one place would only mean that one of them is made anew each time. */
const USUAL: string[] = Array.from({ length: 256 }, () => '')
for (const name of [...NEVER_A_TRAILER, ...OTHER_USUAL_NAMES]) {
  USUAL[placeOf(name.charCodeAt(0), name.charCodeAt(lateIn(name.length)), name.length)] = name
}

/** Which letter of a name of this length tells it from others that begin alike. */
function lateIn(length: number): number {
  return (length * 3) >> 2
}

/** A place below 256 for a first letter, a late one and a length: another one for each of the usual names. */
function placeOf(first: number, late: number, length: number): number {
  return ((first | 0x20) * 17 + (late | 0x20) * 6 + length) & 0xff
}

/** A field name in lower case (RFC 9110 §5.1): a usual one is one string for ever, found sooner than made. */
export function lowerCaseName(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from
  const usual = USUAL[placeOf(bytes[from]!, bytes[from + lateIn(length)]!, length)]!
  return usual.length === length && nameEquals(usual, bytes, from)
    ? usual
    : latin1(bytes, from, to).toLowerCase()
}

/** Whether the bytes from `from` on, which are a token, are this name, in any case (RFC 9110 §5.1). */
export function nameEquals(name: string, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[from + i]!
    const lowerCase = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte // "_" is not "-"
    if (lowerCase !== name.charCodeAt(i)) return false
  }
  return true
}

/** Whether a field of this name, in lower case, may be a trailer. */
export function mayBeTrailer(name: string): boolean {
  return !NEVER_A_TRAILER.includes(name)
}
