import type { RequestHead } from '@tsws/parser'
import type { Connection } from './connection.ts'
import type { Core } from './core.ts'
import { connectRefused } from './errors.ts'
import type { RequestExchange } from './exchange.ts'
import type { ResolvedOptions } from './options.ts'

/** Somebody who speaks another protocol on the same stream. */
export type Taker = NonNullable<ResolvedOptions['upgrade']>

/**
 * Who takes the stream over that this request came on, or null. A request with a body is never
 * handed over: the body's bytes are not of the new protocol, and an Upgrade may be ignored
 * (RFC 9110 §7.8), while a CONNECT has no body to begin with (§9.3.6).
 *
 * @throws {HttpError} 501 for a tunnel that nobody here provides
 */
export function takerFor(head: RequestHead, { connect, upgrade }: ResolvedOptions): Taker | null {
  const bare = head.contentLength === 0
  if (head.method === 'CONNECT') {
    if (connect === null || !bare) throw connectRefused()
    return connect
  }
  return bare && upgrade !== null && head.upgrade !== null ? upgrade : null
}

/** Gives a stream away. Where its taker fails, it is cut: nobody else listens to it any more. */
export function handOver(core: Core, connection: Connection, exchange: RequestExchange, take: Taker): void {
  const { request } = exchange
  let outcome: 'complete' | 'aborted' = 'complete'
  const failed = (error: unknown): void => {
    outcome = 'aborted'
    core.observers.error(error, request, connection)
    connection.destroy()
  }
  // What the taker said on the wire is its own; this is what it was asked to do (RFC 9110 §15.2.2, §9.3.6).
  exchange.status = request.method === 'CONNECT' ? 200 : 101
  core.handOver(connection, () => core.observers.finished(exchange, outcome))
  try {
    const result: unknown = take(request, connection.stream, connection.intake.parser.rest())
    if (result instanceof Promise) result.catch(failed)
  } catch (error) {
    failed(error)
  }
}
