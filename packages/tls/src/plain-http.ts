import type { Socket } from 'node:net'

/** Milliseconds a client may take to read the answer and close. */
const LINGER = 1000

const BODY = 'This port speaks HTTPS: use https:// instead of http://\n'

/**
 * Whether a connection's first byte is that of an HTTP request: a method is a token (RFC 9110 §9.1),
 * and registered ones are letters. A TLS record begins with its type, 22 for a handshake (RFC 8446 §5.1).
 */
export function looksLikeHttp(first: number): boolean {
  const lower = first | 0x20
  return lower >= 0x61 && lower <= 0x7a
}

/** Says in plain HTTP what is wrong, and closes when the client has read it (RFC 9112 §9.6). */
export function answerPlainHttp(socket: Socket): void {
  socket.on('end', () => socket.destroy())
  // Unread bytes would turn the close into a reset, which takes the answer with it.
  socket.resume()
  socket.end(
    'HTTP/1.1 400 Bad Request\r\n' +
      `Date: ${new Date().toUTCString()}\r\n` +
      'Content-Type: text/plain; charset=utf-8\r\n' +
      `Content-Length: ${BODY.length}\r\n` +
      'X-Content-Type-Options: nosniff\r\n' +
      `Connection: close\r\n\r\n${BODY}`,
  )
  const timer = setTimeout(() => socket.destroy(), LINGER)
  socket.once('close', () => clearTimeout(timer))
}
