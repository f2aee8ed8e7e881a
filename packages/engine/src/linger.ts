import type { Connection } from './connection.ts'
import type { RequestExchange } from './exchange.ts'

/**
 * Milliseconds of reading on after the end of an idle connection, so that a request which was on its
 * way meets an end and no reset, and a last answer not yet read is not lost to one (RFC 9112 §9.6):
 * a round trip around the world, and no more, since a pool may keep its side open until it next looks.
 */
export const IDLE_LINGER = 500

/**
 * Whether a connection may close its socket right after the answer. Bytes that arrive after that are
 * answered by a reset, which may take the answer from the client; so only where none can: the client
 * said that this was its last request (RFC 9112 §9.6: it must not send another), and all of it is here.
 * TLS has its own farewell (RFC 8446 §6.1).
 */
export function needsNoLinger({ head }: RequestExchange, { encrypted, intake }: Connection): boolean {
  return !head.keepAlive && !encrypted && intake.reading === 'whole' && intake.parser.buffered === 0
}
