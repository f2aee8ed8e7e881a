import { HttpError, respond } from '@tsws/http'
import type { Handler, Middleware } from '@tsws/http'
import { secureTargetCheck } from '@tsws/security'

/** Methods that somebody here may answer: the files, a middleware of the user. */
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const ALLOW = METHODS.join(', ')
const known: ReadonlySet<string> = new Set(METHODS)

const SLASH = 0x2f

/**
 * What is asked of the server as a whole, before any code for a single resource runs.
 * @param trustedProxies those that may ask for `https` URLs over a connection without TLS
 */
export function serverWide(trustedProxies: readonly string[]): Middleware {
  const checkSecureTarget = secureTargetCheck(trustedProxies)
  return (request, next) => {
    if (request.target.charCodeAt(0) !== SLASH) {
      if (request.target === '*') return answerAsterisk(request.method)
      checkSecureTarget(request)
    }
    // TRACE sends back what it received, credentials that scripts cannot read included (cross-site tracing).
    if (request.method === 'TRACE') throw notAllowed('TRACE')
    return next(request)
  }
}

/** RFC 9110 §9.3.7: `OPTIONS *` asks what the server can do in general. No other method goes with `*`. */
function answerAsterisk(method: string): ReturnType<Handler> {
  if (method === 'OPTIONS') return respond.empty(204, { headers: { Allow: ALLOW } })
  throw new HttpError(400, 'the target * goes with OPTIONS only (RFC 9112 §3.2.4)')
}

/** RFC 9110 §9.1: a method that nobody here knows is 501, and not 404, which would speak of the resource. */
export function refuseUnknownMethod(method: string): void {
  if (!known.has(method)) throw new HttpError(501, `this server does not know the method ${method}`)
}

function notAllowed(method: string): HttpError {
  return new HttpError(405, `${method} is switched off`, { headers: { Allow: ALLOW } })
}
