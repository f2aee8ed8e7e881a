import { parseList, trimOws } from './list.ts'
import { isToken, unquoteString } from './token.ts'

/**
 * The directives of a `Cache-Control` field (RFC 9111 §5.2): name in lower case → its argument, or `true` where it has none.
 * An argument may be a token or a quoted-string; both give the plain text. Members that are not directives are skipped.
 * Of a directive given twice the first counts (RFC 9111 §4.2.1). A missing field (null) has none.
 */
export function parseCacheControl(value: string | null): ReadonlyMap<string, string | true> {
  const directives = new Map<string, string | true>()
  if (value === null) return directives
  for (const member of parseList(value)) {
    const equals = member.indexOf('=')
    const name = (equals < 0 ? member : trimOws(member.slice(0, equals))).toLowerCase()
    if (!isToken(name) || directives.has(name)) continue
    if (equals < 0) {
      directives.set(name, true)
      continue
    }
    const argument = trimOws(member.slice(equals + 1))
    const text = isToken(argument) ? argument : unquoteString(argument)
    if (text !== null) directives.set(name, text)
  }
  return directives
}
