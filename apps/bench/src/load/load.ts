/** What a load generator saw in one go. */
export interface LoadResult {
  /** Whole answers. */
  readonly requests: number
  readonly durationMs: number
  /** Bytes of answers as read from the sockets. */
  readonly bytes: number
  /** Microseconds; left out where the generator can't tell. */
  readonly latency: { readonly p50?: number; readonly p99?: number; readonly p999?: number }
  readonly errors: LoadErrors
}

export interface LoadErrors {
  /** Connections that could not be opened, were reset, or ended in an answer; and answers that never came. */
  readonly transport: number
  /** Answers with a status of 400 and above. */
  readonly status: number
}

export interface LoadOptions {
  readonly port: number
  readonly tls: boolean
  /** Raw HTTP/1.1 requests, sent in turn by every connection. One entry may hold several pipelined ones. */
  readonly messages: readonly string[]
  readonly connections: number
  readonly durationMs: number
  /** The cores that the generator is pinned to. */
  readonly cpu: string
  /** Of the generator. @default 1 */
  readonly threads?: number
}
