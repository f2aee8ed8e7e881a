import { HttpError } from '@tsws/http'
import { createRemoteJWKSet, errors, importJWK, jwtVerify } from 'jose'
import type { CryptoKey, JWK, JWTVerifyGetKey, KeyObject } from 'jose'
import type { Claims } from './bearer-auth.ts'

export interface JwtOptions {
  /** Where the issuer publishes its keys (a JSON Web Key Set, RFC 7517 §5); https, but on this machine. Either this or `key`. */
  jwks?: string | URL
  /** The one key that signs: a public key, or the bytes of a shared secret. Either this or `jwks`. */
  key?: KeyObject | CryptoKey | JWK | Uint8Array
  /** Who must have made the token (`iss`). */
  issuer: string | readonly string[]
  /** For whom it must be made (`aud`): a token for somebody else must not open our doors. */
  audience: string | readonly string[]
  /** The algorithms that are accepted, such as `['RS256']`; never left to the token (RFC 8725 §3.1). */
  algorithms: readonly string[]
  /** Seconds that clocks may differ, 0 to 300. @default 5 */
  clockTolerance?: number
  /** Claims that must be there. @default ['exp'] */
  requiredClaims?: readonly string[]
  /** What `typ` must be, such as `at+jwt` (RFC 9068); undefined for anything. @default undefined */
  type?: string
}

export const JWT_DEFAULTS = Object.freeze({
  // Seconds: what machines with NTP differ at worst.
  clockTolerance: 5,
  // A token that never ends cannot be taken back.
  requiredClaims: Object.freeze(['exp']),
})

/** Milliseconds to wait for the keys; a request waits with them. */
const KEYS_TIMEOUT = 5000
/** Milliseconds before they are asked for again for a key that is not among them: anybody can make one up. */
const KEYS_COOLDOWN = 30_000
/** Milliseconds for which they are kept. */
const KEYS_KEPT = 600_000
/** Seconds. */
const RETRY_AFTER = 5

/**
 * Makes a `verify` for `bearerAuth` that takes JSON Web Tokens (RFC 7519), checked by `jose`, which you install beside
 * this package. Keys that cannot be fetched are a 503: nobody can tell then whether a token is good.
 *
 * @throws {TypeError} for options that would accept what they should not
 */
export function jwtVerifier(options: JwtOptions): (token: string) => Promise<Claims | null> {
  const { issuer, audience, algorithms, type } = options
  const { clockTolerance = JWT_DEFAULTS.clockTolerance, requiredClaims = JWT_DEFAULTS.requiredClaims } =
    options
  check(options, clockTolerance)
  const keyOf = keySource(options)
  const expected = {
    issuer: [issuer].flat() as string[],
    audience: [audience].flat() as string[],
    algorithms: [...algorithms],
    clockTolerance,
    requiredClaims: [...requiredClaims],
    ...(type !== undefined && { typ: type }),
  }
  return async (token) => {
    try {
      return (await jwtVerify(token, keyOf, expected)).payload
    } catch (error) {
      if (isTokensFault(error)) return null
      throw new HttpError(503, 'the keys of the issuer cannot be had', {
        code: 'ERR_JWT_KEYS',
        cause: error,
        headers: { 'Retry-After': RETRY_AFTER },
      })
    }
  }
}

/** What `jose` says of tokens; all else is about the keys, or the way to them. */
function isTokensFault(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return false
  return !(
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === GENERIC
  )
}

/** How `jose` names an answer of the key server that is not 200 or no JSON. */
const GENERIC = 'ERR_JOSE_GENERIC'

function keySource({ jwks, key, algorithms }: JwtOptions): JWTVerifyGetKey {
  if (jwks !== undefined)
    return createRemoteJWKSet(new URL(jwks), {
      timeoutDuration: KEYS_TIMEOUT,
      cooldownDuration: KEYS_COOLDOWN,
      cacheMaxAge: KEYS_KEPT,
    })
  const imported = isJwk(key) ? importJWK(key, algorithms[0]) : Promise.resolve(key as CryptoKey | Uint8Array)
  // Not the token's fault, whatever `jose` calls it.
  const usable = imported.catch((cause: unknown) => {
    throw new Error('jwtVerifier: the key cannot be used', { cause })
  })
  usable.catch(() => {}) // told with the first token
  return () => usable
}

function isJwk(key: JwtOptions['key']): key is JWK {
  return typeof key === 'object' && 'kty' in key && typeof key.kty === 'string'
}

const MAX_TOLERANCE = 300

function check(options: JwtOptions, clockTolerance: number): void {
  const { jwks, key, issuer, audience, algorithms } = options
  if ((jwks === undefined) === (key === undefined))
    throw new TypeError('jwtVerifier: give either jwks or key')
  if (jwks !== undefined) checkUrl(String(jwks))
  for (const [name, value] of Object.entries({ issuer, audience })) {
    const values: unknown[] = [value].flat()
    if (values.length === 0 || !values.every((one) => typeof one === 'string' && one !== ''))
      throw new TypeError(
        `jwtVerifier: ${name} must be a text, or a list of them, got ${JSON.stringify(value)}`,
      )
  }
  const names: unknown = algorithms
  if (
    !Array.isArray(names) ||
    names.length === 0 ||
    !names.every((name) => typeof name === 'string' && name !== 'none')
  )
    throw new TypeError(
      `jwtVerifier: algorithms must be a list such as ["RS256"], got ${JSON.stringify(algorithms)}`,
    )
  if (jwks !== undefined && algorithms.some((name) => name.startsWith('HS')))
    throw new TypeError('jwtVerifier: published keys cannot be shared secrets: HS algorithms go with key')
  if (!(Number.isInteger(clockTolerance) && clockTolerance >= 0 && clockTolerance <= MAX_TOLERANCE))
    throw new TypeError(
      `jwtVerifier: clockTolerance must be whole seconds from 0 to ${MAX_TOLERANCE}, got ${String(clockTolerance)}`,
    )
}

/** Who can change the keys on their way can sign anything. */
function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : null
  const isHere = url !== null && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)) return
  throw new TypeError(`jwtVerifier: jwks must be an https URL, got ${JSON.stringify(text)}`)
}
