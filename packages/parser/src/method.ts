const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'CONNECT', 'TRACE'] as const

/** The common methods, by their first byte: one candidate each, but P has three. */
const BY_FIRST_BYTE: (readonly string[])[] = Array.from({ length: 256 }, (_, byte) =>
  METHODS.filter((method) => method.charCodeAt(0) === byte),
)

/** One of the methods of RFC 9110 §9 and PATCH as a constant, or '' for any other token. */
export function knownMethod(bytes: Uint8Array, from: number, to: number): string {
  for (const method of BY_FIRST_BYTE[bytes[from]!]!) {
    if (method.length === to - from && equals(method, bytes, from)) return method
  }
  return ''
}

/** Methods are case-sensitive (RFC 9110 §9.1). */
function equals(text: string, bytes: Uint8Array, from: number): boolean {
  for (let i = 1; i < text.length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false
  return true
}
