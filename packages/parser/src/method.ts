const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'CONNECT', 'TRACE']

/** One of the methods of RFC 9110 §9 and PATCH as a constant, or '' for any other token. */
export function knownMethod(bytes: Uint8Array, from: number, to: number): string {
  for (let i = 0; i < METHODS.length; i++) {
    const method = METHODS[i]!
    if (method.length === to - from && equals(method, bytes, from)) return method
  }
  return ''
}

/** Methods are case-sensitive (RFC 9110 §9.1). */
function equals(text: string, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false
  return true
}
