// The parts of a request-target (RFC 9112 §3.2) whose syntax a parser has already checked.

const SLASH = 0x2f
const ASTERISK = 0x2a
/** Stands for a start of the path where there is none: `CONNECT example.com:443`. */
const AUTHORITY_FORM = -1

/**
 * The path as received; `/` where an absolute target has none (RFC 9110 §4.2.3); `*` for the
 * asterisk-form; `''` for the authority-form, which has none (RFC 9112 §3.3).
 */
export function pathnameOf(target: string): string {
  const start = pathStart(target)
  if (start === AUTHORITY_FORM) return ''
  const query = target.indexOf('?', start)
  const path = query < 0 ? (start === 0 ? target : target.slice(start)) : target.slice(start, query)
  return path === '' ? '/' : path
}

/** The query with its `?`, or `''`. */
export function searchOf(target: string): string {
  const query = target.indexOf('?')
  return query < 0 ? '' : target.slice(query)
}

/** The authority that the target itself names, in absolute-form or authority-form; null where `Host` does. */
export function authorityOf(target: string): string | null {
  const start = pathStart(target)
  if (start === AUTHORITY_FORM) return target
  return start === 0 ? null : target.slice(target.indexOf('//') + 2, start)
}

function pathStart(target: string): number {
  const first = target.charCodeAt(0)
  if (first === SLASH || first === ASTERISK) return 0
  const scheme = target.indexOf('://')
  if (scheme < 0) return AUTHORITY_FORM
  for (let at = scheme + 3; at < target.length; at++) {
    const char = target[at]
    if (char === '/' || char === '?') return at
  }
  return target.length
}
