import type { ConnectionInfo, HttpRequest } from '@tsws/http'

// The shape of the engine's `Observer`, declared here because packages of one floor don't import
// each other. TypeScript compares by shape, so an observer made here fits the engine.

/** One answer, whole or cut. */
export interface ResponseSummary {
  /** Null where the bytes were no request. */
  readonly request: HttpRequest | null
  readonly connection: ConnectionInfo
  readonly status: number
  /** Body bytes handed to the socket. */
  readonly bodyBytes: number
  /** Milliseconds from the complete head to the last byte handed over. */
  readonly durationMs: number
  /** `aborted`: cut before the whole body was sent. */
  readonly outcome: 'complete' | 'aborted'
}

/** What a server tells about its work. A method that is absent costs nothing. */
export interface Observer {
  onResponse?(summary: ResponseSummary): void
  onError?(error: unknown, request: HttpRequest | null, connection: ConnectionInfo): void
}
