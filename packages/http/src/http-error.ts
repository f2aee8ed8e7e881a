import type { HttpHeaders } from './headers.ts'
import { HttpHeaders as Headers } from './headers.ts'
import type { HeadersInit } from './headers.ts'
import { reasonPhrase } from './status.ts'
import { withCode } from './with-code.ts'

export interface HttpErrorOptions {
  /** Stable, for programs: `ERR_BODY_TOO_LARGE`. Default `ERR_HTTP_<status>`. */
  code?: string
  /** What led to it; logged, never sent. */
  cause?: unknown
  /** Fields for the answer: `Allow` of a 405, `Retry-After` of a 503. */
  headers?: HeadersInit
}

const BRAND = Symbol.for('@tsws/http.HttpError')

/**
 * A failure with the status it should be answered with. Throw it from a handler or a middleware.
 * The message of a 4xx is sent to the client; that of a 5xx is not, only logged.
 */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  /** 400 to 599 */
  readonly status: number
  readonly code: string
  readonly headers: HttpHeaders | null
  readonly [BRAND] = true

  /** @throws {RangeError} `ERR_INVALID_STATUS` when status is no integer from 400 to 599 */
  constructor(status: number, message?: string, options: HttpErrorOptions = {}) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      const problem = `HttpError: status must be an integer from 400 to 599, got ${String(status)}`
      throw withCode(new RangeError(problem), 'ERR_INVALID_STATUS')
    }
    super(message ?? reasonPhrase(status), options.cause === undefined ? undefined : { cause: options.cause })
    this.status = status
    this.code = options.code ?? `ERR_HTTP_${status}`
    this.headers = options.headers === undefined ? null : new Headers(options.headers)
  }
}

/** True for an HttpError of any copy of this package. */
export function isHttpError(error: unknown): error is HttpError {
  return typeof error === 'object' && error !== null && BRAND in error
}
