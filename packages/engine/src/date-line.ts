/** Milliseconds: the field has the resolution of a second (RFC 9110 §5.6.7). */
const SECOND = 1000

let line = ''

/** `Date: …\r\n` for now (RFC 9110 §6.6.1), made once a second. */
export function dateLine(): string {
  if (line === '') {
    const now = Date.now()
    line = `Date: ${new Date(now).toUTCString()}\r\n`
    // Dropped when the second is over: reading the clock for every answer would cost a tenth of it.
    setTimeout(forget, SECOND - (now % SECOND)).unref()
  }
  return line
}

function forget(): void {
  line = ''
}
