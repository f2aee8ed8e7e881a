import { answerError, HeaderBlock } from '@tsws/http'
import type { HttpRequest, HttpResponse, Middleware } from '@tsws/http'
import { resolveOptions } from './options.ts'
import type { SecurityHeadersOptions } from './options.ts'

export type ErrorResponse = (error: unknown, request: HttpRequest | null) => HttpResponse

export interface SecurityHeaders {
  /** Adds the fields to what the handler answers. A field that the handler set itself stays. */
  readonly middleware: Middleware
  /** Adds the fields to one answer, for those that pass no middleware. */
  apply(response: HttpResponse, encrypted: boolean): void
  /**
   * An `errorResponse` for the engine whose answers carry the fields too: errors are thrown past
   * every middleware. Without a request nothing tells TLS from plain, and the plain fields are sent.
   */
  errorResponse(answer?: ErrorResponse): ErrorResponse
  /** The fields over a plain connection: never Strict-Transport-Security (RFC 6797 §7.2). */
  readonly plain: HeaderBlock
  /** The fields over TLS. */
  readonly encrypted: HeaderBlock
}

/**
 * The security fields of a server, encoded once. An answer takes them as one pointer.
 * @throws {TypeError} for an option that is unknown or holds no field value
 */
export function securityHeaders(options?: SecurityHeadersOptions): SecurityHeaders {
  const fields = resolveOptions(options)
  const plain = new HeaderBlock(fields.always)
  const encrypted = new HeaderBlock([...fields.always, ...fields.encrypted])
  const apply = (response: HttpResponse, overTls: boolean): void => {
    response.headers.addBlock(overTls ? encrypted : plain)
  }
  // Made here, so that an asynchronous answer costs no closure.
  const addPlain = adder(plain)
  const addEncrypted = adder(encrypted)
  return {
    plain,
    encrypted,
    apply,
    middleware(request, next) {
      const add = request.connection.encrypted ? addEncrypted : addPlain
      const answer = next(request)
      return answer instanceof Promise ? answer.then(add) : add(answer)
    },
    errorResponse(answer = answerError) {
      return (error, request) => {
        const response = answer(error, request)
        apply(response, request?.connection.encrypted ?? false)
        return response
      }
    },
  }
}

function adder(block: HeaderBlock): (response: HttpResponse) => HttpResponse {
  return (response) => {
    // A handler that returned nothing is for the engine to report, not for us to trip over.
    response?.headers?.addBlock(block)
    return response
  }
}
