import type { ConnectionInfo, HttpRequest } from '@tsws/http'

/** Watches a server. Called synchronously; what it throws is reported as a warning and goes no further. */
export interface Observer {
  onConnection?(connection: ConnectionInfo): void
  onConnectionClose?(connection: ConnectionInfo): void
  onRequest?(request: HttpRequest): void
  /**
   * Once for every request, after its answer's last byte was handed to the socket, or the connection was cut.
   * Where another protocol took over, when that has ended: 101, or 200 for CONNECT, without its bytes.
   */
  onResponse?(summary: ResponseSummary): void
  /** What became a 5xx, or cut a connection. A client that leaves is no failure. */
  onError?(error: unknown, request: HttpRequest | null, connection: ConnectionInfo): void
}

export interface ResponseSummary {
  /** Null where the bytes were no request: 400, 408, 431 and the like. */
  request: HttpRequest | null
  connection: ConnectionInfo
  /** As sent; 499 where the client left before an answer, as in nginx's logs. */
  status: number
  /** Body bytes handed to the socket, without framing. */
  bodyBytes: number
  /** From the complete head to the last byte handed over, in milliseconds. */
  durationMs: number
  /** `aborted`: cut before the whole body was sent. */
  outcome: 'complete' | 'aborted'
}
