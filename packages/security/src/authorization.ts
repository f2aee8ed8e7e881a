import { respond } from '@tsws/http'
import type { HttpResponse } from '@tsws/http'

export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'given'; readonly token: string }

/** Characters of credentials; more than any password or token that is used. */
const MAX_CREDENTIALS = 8192

/**
 * The credentials of a scheme, as token68 (RFC 9110 §11.4); `none` for no field or another scheme, `malformed` for what
 * is no token68. Two fields come as one with a comma, and are malformed.
 */
export function credentialsOf(field: string | null, scheme: 'basic' | 'bearer'): Credentials {
  if (field === null) return NONE
  const end = field.indexOf(' ')
  // Schemes are compared without case (RFC 9110 §11.1).
  if ((end < 0 ? field : field.slice(0, end)).toLowerCase() !== scheme) return NONE
  const token = end < 0 ? '' : field.slice(end).trimStart()
  return token.length <= MAX_CREDENTIALS && TOKEN68.test(token) ? { kind: 'given', token } : MALFORMED
}

const NONE = { kind: 'none' } as const
const MALFORMED = { kind: 'malformed' } as const
const TOKEN68 = /^[\w\-.~+/]+=*$/

/** A challenge (RFC 9110 §11.6.1) with its answer. Returned, not thrown: it is what every visitor meets first. */
export function refuse(status: 400 | 401 | 403, challenge: string, text: string): HttpResponse {
  return respond.text(`${text}\n`, {
    status,
    headers: { 'WWW-Authenticate': challenge, 'Cache-Control': 'no-store' },
  })
}

/** A parameter of a challenge as quoted-string (RFC 9110 §5.6.4). */
export function quoted(name: string, value: string): string {
  return `${name}="${value.replace(/["\\]/g, String.raw`\$&`)}"`
}

/**
 * A realm is shown to people, and has to survive every client: visible ASCII and spaces.
 * @throws {TypeError}
 */
export function checkRealm(realm: unknown, what: string): string {
  if (typeof realm === 'string' && /^[\x20-\x7e]{1,200}$/.test(realm)) return realm
  throw new TypeError(`${what}: realm must be up to 200 characters of ASCII, got ${JSON.stringify(realm)}`)
}

/**
 * Keeps an answer out of shared caches where it says that they may have it, as it may for everybody's files: without
 * such words they may not (RFC 9111 §3.5).
 */
export function keepPrivate(response: HttpResponse): HttpResponse {
  // A handler that returned nothing is for the engine to report, not for us to trip over.
  const value = response?.headers?.get('cache-control') ?? null
  if (value === null || !LETS_SHARE.test(value) || KEEPS.test(value)) return response
  const directives = value.split(',').map((directive) => directive.trim())
  const kept = directives.filter((directive) => !SHARED_ONLY.test(directive))
  response.headers.set('Cache-Control', ['private', ...kept].join(', '))
  return response
}

const LETS_SHARE = /(?:^|[,\s])(?:public|must-revalidate|s-maxage)\b/i
const KEEPS = /(?:^|[,\s])(?:private|no-store)(?=\s*(?:,|$))/i
const SHARED_ONLY = /^(?:public|s-maxage=.*|proxy-revalidate)$/i
