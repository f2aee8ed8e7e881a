import type { Handler, HttpRequest, HttpResponse, Middleware } from '@tsws/http'
import { checkRealm, credentialsOf, keepPrivate, quoted, refuse } from './authorization.ts'
import { setIdentity } from './identity.ts'

/** What a token says; null for a token that is not, or no longer, good. */
export type Claims = Readonly<Record<string, unknown>>

export interface BearerAuthOptions {
  /**
   * Says what a token says, or null for one that is not good. Throw an `HttpError` (503) where it cannot be told.
   * For JSON Web Tokens there is `jwtVerifier` of `@tsws/security/jwt`.
   */
  verify: (token: string, request: HttpRequest) => Claims | null | Promise<Claims | null>
  /** Scopes that a token must all have, in its `scope` (RFC 9068 §2.2.3) or `scp`; without them 403. @default none */
  scopes?: readonly string[]
  /** The name of the place; ASCII. @default none is sent */
  realm?: string
  /** Requests that need no token. @default none */
  skip?: ((request: HttpRequest) => boolean) | null
}

export const BEARER_AUTH_DEFAULTS = Object.freeze({
  verify: undefined,
  scopes: [],
  realm: undefined,
  skip: null,
})

/**
 * Lets in who brings a good token (RFC 6750): others get 401, or 403 when the token does not reach as far. Tokens are
 * taken from `Authorization` only: in an address they would stand in logs (RFC 9700 §2.4).
 *
 * Who it was is what `identityOf(request)` says. Answers are kept out of shared caches.
 *
 * @throws {TypeError} for an option that is unknown or holds no sense
 */
export function bearerAuth(options: BearerAuthOptions): Middleware {
  const { verify, scopes, realm, skip } = resolve(options)
  const challengeOf = challenges(realm)
  // Who brought nothing is told no error (RFC 6750 §3.1).
  const none = challengeOf()
  const malformed = challengeOf('invalid_request', 'the credentials are no token')
  const invalid = challengeOf('invalid_token', 'the token is not valid')
  const insufficient = challengeOf('insufficient_scope', 'the token does not reach that far', scopes)

  const decide = (request: HttpRequest, next: Handler, claims: Claims | null): ReturnType<Handler> => {
    if (claims === null || typeof claims !== 'object')
      return refuse(401, invalid, 'Unauthorized: the token is not valid')
    if (!hasAll(claims, scopes))
      return refuse(403, insufficient, 'Forbidden: the token does not reach that far')
    const { sub } = claims
    setIdentity(request, { scheme: 'bearer', name: typeof sub === 'string' ? sub : null, claims })
    const answer = next(request)
    return answer instanceof Promise ? answer.then(keepPrivate) : keepPrivate(answer)
  }

  return (request, next): HttpResponse | Promise<HttpResponse> => {
    if (skip !== null && skip(request)) return next(request)
    const credentials = credentialsOf(request.headers.get('authorization'), 'bearer')
    if (credentials.kind === 'none') return refuse(401, none, 'Unauthorized')
    if (credentials.kind === 'malformed')
      return refuse(400, malformed, 'Bad Request: the credentials are no token')
    const claims = verify(credentials.token, request)
    return claims instanceof Promise
      ? claims.then((found) => decide(request, next, found))
      : decide(request, next, claims)
  }
}

/** A scope is a word of these (RFC 6749 §3.3). */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/

interface Resolved {
  readonly verify: BearerAuthOptions['verify']
  readonly scopes: readonly string[]
  readonly realm: string | null
  readonly skip: ((request: HttpRequest) => boolean) | null
}

function resolve(options: BearerAuthOptions): Resolved {
  for (const name of Object.keys(options ?? {}))
    if (!(name in BEARER_AUTH_DEFAULTS))
      throw new TypeError(
        `bearerAuth: there is no option ${name}; there are ${Object.keys(BEARER_AUTH_DEFAULTS).join(', ')}`,
      )
  const { verify, scopes = [], realm, skip = null } = options ?? {}
  if (typeof verify !== 'function')
    throw new TypeError(`bearerAuth: verify must be a function, got ${typeof verify}`)
  if (skip !== null && typeof skip !== 'function')
    throw new TypeError(`bearerAuth: skip must be a function, got ${typeof skip}`)
  if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === 'string' && SCOPE.test(scope)))
    throw new TypeError(
      `bearerAuth: scopes must be a list of words without spaces, got ${JSON.stringify(scopes)}`,
    )
  return { verify, scopes, realm: realm === undefined ? null : checkRealm(realm, 'bearerAuth'), skip }
}

type Challenge = (error?: string, description?: string, scopes?: readonly string[]) => string

/** RFC 6750 §3. */
function challenges(realm: string | null): Challenge {
  return (error, description, scopes = []) => {
    const parameters = [
      ...(realm === null ? [] : [quoted('realm', realm)]),
      ...(error === undefined ? [] : [quoted('error', error)]),
      ...(description === undefined ? [] : [quoted('error_description', description)]),
      ...(scopes.length === 0 ? [] : [quoted('scope', scopes.join(' '))]),
    ]
    return parameters.length === 0 ? 'Bearer' : `Bearer ${parameters.join(', ')}`
  }
}

function hasAll(claims: Claims, scopes: readonly string[]): boolean {
  if (scopes.length === 0) return true
  const { scope = claims['scp'] } = claims
  const has: unknown[] = typeof scope === 'string' ? scope.split(' ') : Array.isArray(scope) ? scope : []
  return scopes.every((wanted) => has.includes(wanted))
}
