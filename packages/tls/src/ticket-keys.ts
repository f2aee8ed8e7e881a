import { randomBytes } from 'node:crypto'
import type { Server } from 'node:tls'

/** Bytes: what Node splits into a name, an AES key and an HMAC key. */
const KEY_LENGTH = 48
/**
 * Milliseconds one key seals session tickets. Who steals it can read the sessions of TLS 1.2 that it
 * sealed, so that a key for the whole life of the process would undo forward secrecy (RFC 9325 §3.4).
 */
const LIFETIME = 12 * 60 * 60 * 1000

/** Gives the server fresh ticket keys from time to time, until `stop`; older tickets cost a full handshake. */
export function rotateTicketKeys(server: Server): { stop(): void } {
  const timer = setInterval(() => server.setTicketKeys(randomBytes(KEY_LENGTH)), LIFETIME)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
