/**
 * The members of a comma-separated list (RFC 9110 §5.6.1), in order, without the whitespace around them.
 * A comma inside a quoted-string does not separate; empty members are dropped (§5.6.1.2).
 * A quoted-string that never ends runs to the end of the value.
 */
export function parseList(value: string): string[] {
  return splitOutsideQuotes(value, COMMA)
}

/**
 * Whether a list of tokens, such as `Connection` or `Vary`, names `token`: whole members only, letter case ignored.
 * A missing field (null) names nothing.
 */
export function listIncludes(value: string | null, token: string): boolean {
  if (value === null) return false
  if (value.length === token.length) return sameIgnoringCase(value, token)
  if (value.length < token.length) return false
  return parseList(value).some((member) => sameIgnoringCase(member, token))
}

/**
 * `existing` with `token` added at its end, unless it is there already; for `Vary` above all, where a `*`
 * already says everything (RFC 9110 §12.5.5), so that it stays alone.
 */
export function appendToList(existing: string | null, token: string): string {
  if (existing === null || existing.length === 0) return token
  if (listIncludes(existing, token) || listIncludes(existing, '*')) return existing
  if (token === '*') return '*'
  return parseList(existing).length === 0 ? token : `${existing}, ${token}`
}

/** Splits at one separator, leaving quoted-strings whole; members are trimmed of OWS, empty ones dropped. */
export function splitOutsideQuotes(value: string, separator: number): string[] {
  const members: string[] = []
  let start = 0
  let quoted = false
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at)
    if (quoted) {
      if (code === BACKSLASH) at++
      else if (code === QUOTE) quoted = false
    } else if (code === QUOTE) {
      quoted = true
    } else if (code === separator) {
      pushTrimmed(members, value, start, at)
      start = at + 1
    }
  }
  pushTrimmed(members, value, start, value.length)
  return members
}

/** `text` without the spaces and tabs around it: OWS (RFC 9110 §5.6.3) and no other whitespace. */
export function trimOws(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && isOws(text.charCodeAt(from))) from++
  while (to > from && isOws(text.charCodeAt(to - 1))) to--
  return from === 0 && to === text.length ? text : text.slice(from, to)
}

export const COMMA = 0x2c
export const SEMICOLON = 0x3b
const BACKSLASH = 0x5c
const QUOTE = 0x22

function pushTrimmed(members: string[], value: string, from: number, to: number): void {
  while (from < to && isOws(value.charCodeAt(from))) from++
  while (to > from && isOws(value.charCodeAt(to - 1))) to--
  if (from < to) members.push(value.slice(from, to))
}

function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function sameIgnoringCase(a: string, b: string): boolean {
  return a === b || (a.length === b.length && a.toLowerCase() === b.toLowerCase())
}
