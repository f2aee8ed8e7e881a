import type { Core } from './core.ts'
import type { RequestExchange } from './exchange.ts'
import type { Reading } from './connection.ts'

/** What a connection's future hangs on, besides the request itself. */
export interface Persisting {
  readonly reading: Reading
  /** Requests so far, this one included. */
  readonly requests: number
  readonly clientEnded: boolean
  readonly parser: { readonly buffered: number }
}

/** Whether a connection can outlive this answer (RFC 9112 §9.3); each return is one reason why not. */
export function mayPersist(exchange: RequestExchange, connection: Persisting, core: Core): boolean {
  const { options, draining } = core
  if (!exchange.head.keepAlive) return false // the client said so, or speaks HTTP/1.0
  if (draining) return false
  if (connection.requests >= options.maxRequestsPerConnection) return false
  if (connection.reading === 'ended') return false // the body broke its framing: no border to go on from
  if (connection.clientEnded && connection.parser.buffered === 0) return false // nothing more will come
  if (exchange.head.method === 'CONNECT') return false // what follows is meant for the tunnel there is not
  if (exchange.mustClose) return false
  if (connection.reading === 'whole') return true
  // Nobody asked for the body: whether it comes or the next head does cannot be told (RFC 9110 §10.1.1).
  if (exchange.awaitsContinue && connection.parser.buffered === 0) return false
  return exchange.bodyLength - exchange.bodyReceived <= options.maxDiscardBytes
}
