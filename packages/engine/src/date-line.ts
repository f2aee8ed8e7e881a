/** Milliseconds a Date line serves: the field has the resolution of a second (RFC 9110 §5.6.7). */
const SECOND = 1000

let second = -1
let line = ''

/** `Date: …\r\n` for now (RFC 9110 §6.6.1), made once a second. */
export function dateLine(): string {
  const now = Math.floor(Date.now() / SECOND)
  if (now !== second) {
    second = now
    line = `Date: ${new Date(now * SECOND).toUTCString()}\r\n`
  }
  return line
}
