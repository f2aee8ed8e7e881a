import type { ConnectionInfo, HttpRequest } from '@tsws/http'
import { channel } from 'node:diagnostics_channel'
import type { RequestExchange } from './exchange.ts'
import type { Observer, ResponseSummary } from './observer.ts'

// diagnostics_channel: anyone in the process may listen, nobody pays when no one does.
const requestStart = channel('tsws.request.start')
const responseFinish = channel('tsws.response.finish')
const requestError = channel('tsws.request.error')
const connectionOpen = channel('tsws.connection.open')
const connectionClose = channel('tsws.connection.close')

/** All that watch one server, as one: sorted by event at start-up, so that an unwatched event costs a length check. */
export class Observers {
  readonly #request: ((request: HttpRequest) => void)[]
  readonly #response: ((summary: ResponseSummary) => void)[]
  readonly #error: ((failure: Failure) => void)[]
  readonly #open: ((connection: ConnectionInfo) => void)[]
  readonly #close: ((connection: ConnectionInfo) => void)[]

  constructor(observers: readonly Observer[]) {
    this.#request = observers.flatMap((o) => o.onRequest?.bind(o) ?? [])
    this.#response = observers.flatMap((o) => o.onResponse?.bind(o) ?? [])
    this.#error = observers.flatMap((o) => {
      const onError = o.onError?.bind(o)
      return onError ? ({ error, request, connection }: Failure) => onError(error, request, connection) : []
    })
    this.#open = observers.flatMap((o) => o.onConnection?.bind(o) ?? [])
    this.#close = observers.flatMap((o) => o.onConnectionClose?.bind(o) ?? [])
  }

  /** Whether anyone wants to know when an answer ends: only then is it timed. */
  get watchesResponses(): boolean {
    return this.#response.length > 0 || responseFinish.hasSubscribers
  }

  request(request: HttpRequest): void {
    tell(this.#request, request)
    if (requestStart.hasSubscribers) requestStart.publish({ request })
  }

  /** An answer is out to its last byte, or was cut. */
  finished(
    { request, connection, status, bytes, startedAt }: RequestExchange,
    outcome: 'complete' | 'aborted',
  ): void {
    if (!this.watchesResponses) return
    const durationMs = performance.now() - startedAt
    this.#finish({ request, connection, status, bodyBytes: bytes, durationMs, outcome })
  }

  /** Bytes that were no request were answered. */
  refused(connection: ConnectionInfo, status: number, bodyBytes: number): void {
    if (!this.watchesResponses) return
    this.#finish({ request: null, connection, status, bodyBytes, durationMs: 0, outcome: 'complete' })
  }

  #finish(summary: ResponseSummary): void {
    tell(this.#response, summary)
    if (responseFinish.hasSubscribers) responseFinish.publish(summary)
  }

  error(error: unknown, request: HttpRequest | null, connection: ConnectionInfo): void {
    tell(this.#error, { error, request, connection })
    if (requestError.hasSubscribers) requestError.publish({ error, request, connection })
  }

  connectionOpen(connection: ConnectionInfo): void {
    tell(this.#open, connection)
    if (connectionOpen.hasSubscribers) connectionOpen.publish({ connection })
  }

  connectionClose(connection: ConnectionInfo): void {
    tell(this.#close, connection)
    if (connectionClose.hasSubscribers) connectionClose.publish({ connection })
  }
}

interface Failure {
  error: unknown
  request: HttpRequest | null
  connection: ConnectionInfo
}

// A broken log must not break an answer.
function tell<T>(listeners: readonly ((event: T) => unknown)[], event: T): void {
  if (listeners.length === 0) return
  for (const listener of listeners) {
    try {
      const result = listener(event)
      if (result instanceof Promise) result.catch(warn) // an async one may fail later
    } catch (error) {
      warn(error)
    }
  }
}

function warn(error: unknown): void {
  process.emitWarning(`an observer failed: ${error instanceof Error ? error.message : typeof error}`, {
    code: 'TSWS_OBSERVER',
  })
}
