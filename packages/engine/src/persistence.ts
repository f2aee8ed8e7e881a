import type { Core } from './core.ts'
import type { RequestExchange } from './exchange.ts'
import type { Reading } from './intake.ts'

/** What a connection's future hangs on, besides the request itself. */
export interface Persisting {
  /** Requests so far, this one included. */
  readonly requests: number
  readonly intake: {
    readonly reading: Reading
    readonly clientEnded: boolean
    readonly parser: { readonly buffered: number }
  }
}

/** Whether a connection can outlive this answer (RFC 9112 §9.3); each return is one reason why not. */
export function mayPersist(
  exchange: RequestExchange,
  { intake, requests }: Persisting,
  { options, draining }: Core,
): boolean {
  if (!exchange.head.keepAlive) return false // the client said so, or speaks HTTP/1.0
  if (draining) return false
  if (requests >= options.maxRequestsPerConnection) return false
  if (intake.reading === 'ended') return false // the body broke its framing: no border to go on from
  if (intake.clientEnded && intake.parser.buffered === 0) return false // nothing more will come
  if (exchange.head.method === 'CONNECT') return false // what follows is meant for the tunnel there is not
  if (exchange.mustClose) return false
  if (intake.reading === 'whole') return true
  // Nobody asked for the body: whether it comes or the next head does cannot be told (RFC 9110 §10.1.1).
  if (exchange.awaitsContinue && intake.parser.buffered === 0) return false
  return exchange.bodyLength - exchange.bodyReceived <= options.maxDiscardBytes
}
