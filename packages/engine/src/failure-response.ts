import { respond } from '@tsws/http'
import type { ConnectionInfo, HttpRequest, HttpResponse } from '@tsws/http'
import type { Core } from './core.ts'
import { checkResponse } from './response-check.ts'

/**
 * The answer to a failure, by the server's `errorResponse`; a bare 500 where that fails itself.
 * Whatever ends in a 5xx is told to the observers.
 */
export function failureResponse(
  { observers, options }: Core,
  failure: unknown,
  request: HttpRequest | null,
  connection: ConnectionInfo,
): HttpResponse {
  try {
    const response = options.errorResponse(failure, request, connection)
    checkResponse(response)
    if (response.status >= 500) observers.error(failure, request, connection)
    return response
  } catch (error) {
    observers.error(failure, request, connection)
    observers.error(error, request, connection)
    return bareFailure()
  }
}

/** What can always be sent. */
export function bareFailure(): HttpResponse {
  return respond.text('Internal Server Error\n', { status: 500 })
}
