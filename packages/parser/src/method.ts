/** GET, the common one, is told by three bytes. */
const LETTER_G = 0x47
const LETTER_E = 0x45
const LETTER_T = 0x54

const OTHERS = ['POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'CONNECT', 'TRACE']

/** One of the methods of RFC 9110 §9 and PATCH as a constant, or '' for any other token. */
export function knownMethod(bytes: Uint8Array, from: number, to: number): string {
  if (
    to - from === 3 &&
    bytes[from] === LETTER_G &&
    bytes[from + 1] === LETTER_E &&
    bytes[from + 2] === LETTER_T
  ) {
    return 'GET'
  }
  for (let i = 0; i < OTHERS.length; i++) {
    const method = OTHERS[i]!
    if (method.length === to - from && equals(method, bytes, from)) return method
  }
  return ''
}

/** Methods are case-sensitive (RFC 9110 §9.1). */
function equals(text: string, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false
  return true
}
