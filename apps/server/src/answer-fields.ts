import { answerError } from '@tsws/http'
import type { HttpRequest, HttpResponse } from '@tsws/http'
import { requestId } from '@tsws/observe'
import type { RequestIdMiddleware } from '@tsws/observe'
import { securityHeaders } from '@tsws/security'
import type { SecurityHeaders } from '@tsws/security'
import type { ResolvedConfig } from './options.ts'

/**
 * What every answer carries. Layers add it to what comes back through them; errors are thrown past
 * every layer, and get it from `errorResponse`.
 */
export interface AnswerFields {
  readonly security: SecurityHeaders | null
  readonly requestId: RequestIdMiddleware | null
  readonly errorResponse: (error: unknown, request: HttpRequest | null) => HttpResponse
}

export function answerFields(config: Pick<ResolvedConfig, 'securityHeaders' | 'requestId'>): AnswerFields {
  const security = config.securityHeaders === false ? null : securityHeaders(config.securityHeaders)
  const id = config.requestId === false ? null : requestId(config.requestId)
  return {
    security,
    requestId: id,
    errorResponse(error, request) {
      const response = answerError(error, request)
      id?.apply(response, request)
      security?.apply(response, request?.connection.encrypted ?? false)
      return response
    },
  }
}
