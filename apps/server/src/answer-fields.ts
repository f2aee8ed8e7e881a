import { answerError } from '@tsws/http'
import type { EngineOptions } from '@tsws/engine'
import type { HttpRequest, HttpResponse } from '@tsws/http'
import { requestId } from '@tsws/observe'
import type { RequestIdMiddleware } from '@tsws/observe'
import { cors, securityHeaders } from '@tsws/security'
import type { Cors, SecurityHeaders } from '@tsws/security'
import type { ErrorPage } from '@tsws/static'
import type { ResolvedConfig } from './options.ts'
import { wantsHtml } from './wants-html.ts'

/**
 * What every answer carries. Layers add it to what comes back through them; errors are thrown past
 * every layer, and get it from `errorResponse`.
 */
export interface AnswerFields {
  readonly security: SecurityHeaders | null
  readonly requestId: RequestIdMiddleware | null
  readonly cors: Cors | null
  readonly errorResponse: NonNullable<EngineOptions['errorResponse']>
}

export function answerFields(
  config: Pick<ResolvedConfig, 'securityHeaders' | 'requestId' | 'cors'>,
  errorPage: ErrorPage | null = null,
): AnswerFields {
  const security = config.securityHeaders === false ? null : securityHeaders(config.securityHeaders)
  const id = config.requestId === false ? null : requestId(config.requestId)
  const sharing = config.cors === false ? null : cors(config.cors)
  return {
    security,
    requestId: id,
    cors: sharing,
    errorResponse(error, request, connection) {
      const response = withPage(answerError(error, request), request, errorPage)
      id?.apply(response, request)
      sharing?.apply(response, request)
      security?.apply(response, connection.encrypted)
      return response
    },
  }
}

/** The site's own page for a failure, to who reads pages. The fields of the answer stay: `Retry-After` of a 503. */
function withPage(response: HttpResponse, request: HttpRequest | null, page: ErrorPage | null): HttpResponse {
  if (page === null || response.status < 500 || !wantsHtml(request)) return response
  const answer = page(response.status)
  for (const [name, value] of response.headers)
    if (!answer.headers.has(name)) answer.headers.append(name, value)
  return answer
}
