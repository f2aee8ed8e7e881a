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

/** Usual names, as they are and with capitals, to the one string that they are in lower case: found sooner than made. */
const LOWER_CASE = new Map<string, string>()
for (const name of [...NEVER_A_TRAILER, ...OTHER_USUAL_NAMES]) {
  LOWER_CASE.set(name, name)
  LOWER_CASE.set(
    name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
    name,
  )
}

/** A field name in lower case (RFC 9110 §5.1). */
export function lowerCaseName(name: string): string {
  return LOWER_CASE.get(name) ?? name.toLowerCase()
}

/** Whether a field of this name, in lower case, may be a trailer. */
export function mayBeTrailer(name: string): boolean {
  return !NEVER_A_TRAILER.includes(name)
}
