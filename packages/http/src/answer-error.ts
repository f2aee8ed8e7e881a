import { isHttpError } from './http-error.ts'
import type { HttpRequest } from './request.ts'
import type { HttpResponse } from './response.ts'
import { text } from './respond.ts'
import { reasonPhrase } from './status.ts'

/**
 * The one place where a failure becomes an answer. An `HttpError` gives its status, its fields and,
 * below 500, its message. Everything else is a 500. No 5xx shows its message (CWE-209): what it
 * carries is the request id, by which the log line with the real error can be found.
 */
export function answerError(error: unknown, request: HttpRequest | null): HttpResponse {
  const known = isHttpError(error) ? error : null
  const status = known?.status ?? 500
  const body = status < 500 && known ? `${known.message}\n` : serverFault(status, request)
  return text(body, { status, headers: known?.headers ?? null })
}

function serverFault(status: number, request: HttpRequest | null): string {
  const phrase = `${reasonPhrase(status)}\n`
  return request === null ? phrase : `${phrase}Request id: ${request.id}\n`
}
