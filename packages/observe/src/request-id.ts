import type { HttpRequest, HttpResponse, Middleware } from '@tsws/http'

export interface RequestIdOptions {
  /** The field that carries the id, in and out. @default 'X-Request-Id' */
  header?: string
  /**
   * Whether an id that comes with the request is taken over: always, or for the requests that this
   * function accepts. Only where a proxy of ours sets it: otherwise clients write into our log.
   * @default false
   */
  inbound?: boolean | ((request: HttpRequest) => boolean)
  /** Whether the answer carries the id. @default true */
  echo?: boolean
}

export interface RequestIdMiddleware extends Middleware {
  /** Adds the id to one answer, for those that pass no middleware: the answers to errors. */
  apply(response: HttpResponse, request: HttpRequest | null): void
}

// UUID, ULID, base64, trace ids: what can stand in a log and in a field without harm, 128 at most.
const WELL_FORMED = /^[\w.:~+/=@-]{1,128}$/

/**
 * Takes over a well-formed id that came with the request, where the options allow it, and tells
 * the client the id of its request. `request.id` exists without this middleware too.
 *
 * @throws {TypeError} for a header that is no field name
 */
export function requestId(options: RequestIdOptions = {}): RequestIdMiddleware {
  const { header = 'X-Request-Id', inbound = false, echo = true } = options
  if (typeof header !== 'string' || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(header)) {
    throw new TypeError(
      `requestId: header must be a field name (RFC 9110 §5.1), got ${JSON.stringify(header)}`,
    )
  }
  const accepts = typeof inbound === 'function' ? inbound : () => inbound
  const apply = (response: HttpResponse, request: HttpRequest | null): void => {
    if (echo && request !== null) response.headers.set(header, request.id)
  }
  const echoed = (response: HttpResponse, request: HttpRequest): HttpResponse => {
    // A handler that returned nothing is for the engine to report, not for us to trip over.
    if (response?.headers) apply(response, request)
    return response
  }
  const middleware: Middleware = (request, next) => {
    const given = inbound === false ? null : request.headers.get(header)
    if (given !== null && WELL_FORMED.test(given) && accepts(request)) request.id = given
    const answer = next(request)
    return answer instanceof Promise
      ? answer.then((response) => echoed(response, request))
      : echoed(answer, request)
  }
  return Object.assign(middleware, { apply })
}
