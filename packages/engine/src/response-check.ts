import type { HttpResponse } from '@tsws/http'
import { ResponseError } from './errors.ts'

/**
 * Whether what a handler returned can be sent at all. Checked by its shape and not by its class:
 * a middleware may bring its own copy of @tsws/http.
 *
 * @throws {ResponseError} `ERR_NO_RESPONSE`, `ERR_INVALID_STATUS`
 */
export function checkResponse(response: HttpResponse): void {
  if (typeof response?.headers?.encodeAfter !== 'function') {
    throw new ResponseError(
      'ERR_NO_RESPONSE',
      `the handler must return an HttpResponse, got ${describe(response)}; was a return or an await forgotten?`,
    )
  }
  const { status } = response
  // RFC 9110 §15: three digits; 1xx are interim and have their own way out.
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new ResponseError(
      'ERR_INVALID_STATUS',
      `a response needs a status from 200 to 599, got ${String(status)}`,
    )
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'object' ? `an object of ${value.constructor?.name ?? 'no class'}` : typeof value
}

/** Any thenable counts, as it does for `await`. */
export function isThenable(answer: HttpResponse | Promise<HttpResponse>): answer is Promise<HttpResponse> {
  return typeof (answer as Partial<Promise<HttpResponse>> | undefined)?.then === 'function'
}
