export interface CorsOptions {
  /**
   * Who may read answers: `'*'` for every page there is, a list of origins such as `https://example.com` and
   * `https://*.example.com` (subdomains, not the name itself), or a function that is asked for each origin.
   * @default '*'
   */
  origins?: '*' | readonly string[] | ((origin: string) => boolean)
  /** Whether pages of other origins may send cookies and logins along; wants `origins` that are not `'*'`. @default false */
  credentials?: boolean
  /** Methods besides GET, HEAD and POST, which need no leave. @default ['PUT', 'PATCH', 'DELETE'] */
  methods?: readonly string[] | '*'
  /** Request fields that pages may set. @default ['Authorization', 'Content-Type'] */
  allowedHeaders?: readonly string[] | '*'
  /** Response fields that scripts may read besides the few that they always may. @default [] */
  exposedHeaders?: readonly string[] | '*'
  /** Seconds that browsers keep the answer to a preflight, whole, 0 to 86400. @default 600 */
  maxAge?: number
  /** Whether `origins` (as a list or a function) also lets in `null`: sandboxed frames, files, `data:` URLs. @default false */
  nullOrigin?: boolean
}

export const CORS_DEFAULTS = Object.freeze({
  // What everybody may read anyway; where that is not so, somebody has to say who may.
  origins: '*',
  // Any page could act in the name of who looks at it.
  credentials: false,
  methods: Object.freeze(['PUT', 'PATCH', 'DELETE']),
  // What an API is called with: JSON, and a token that the page was given.
  allowedHeaders: Object.freeze(['Authorization', 'Content-Type']),
  exposedHeaders: Object.freeze([]),
  // Ten minutes: a page asks once in a while it is used, and a change of the rules is known soon.
  maxAge: 600,
  // Every sandboxed frame of every site has this origin.
  nullOrigin: false,
})

/** Browsers keep it no longer than this (Firefox), or than two hours (Chromium). */
const MOST_AGE = 86_400

export interface ResolvedCors {
  readonly origins: '*' | readonly string[] | ((origin: string) => boolean)
  readonly nullOrigin: boolean
  /** Fields of every answer that may be read, but for the origin. */
  readonly fields: readonly (readonly [string, string])[]
  /** Fields of the answer to a preflight, besides. */
  readonly preflightFields: readonly (readonly [string, string])[]
}

/** @throws {TypeError} naming the option, what it must be and what it was */
export function resolveCors(options: CorsOptions = {}): ResolvedCors {
  for (const name of Object.keys(options))
    if (!(name in CORS_DEFAULTS))
      throw new TypeError(
        `cors: there is no option ${name}; there are ${Object.keys(CORS_DEFAULTS).join(', ')}`,
      )
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const resolved = { ...CORS_DEFAULTS, ...given } as Required<CorsOptions>
  const { origins, credentials, nullOrigin, maxAge } = resolved
  if (typeof credentials !== 'boolean') throw wrong('credentials', 'true or false', credentials)
  if (typeof nullOrigin !== 'boolean') throw wrong('nullOrigin', 'true or false', nullOrigin)
  if (origins !== '*' && typeof origins !== 'function' && !isList(origins))
    throw wrong('origins', "'*', a list of origins, or a function", origins)
  if (credentials && origins === '*')
    throw new TypeError("cors: credentials need origins that are named: with '*', any page could use them")
  if (!Number.isInteger(maxAge) || maxAge < 0 || maxAge > MOST_AGE)
    throw wrong('maxAge', `a whole number of seconds from 0 to ${MOST_AGE}`, maxAge)
  const names = (option: 'methods' | 'allowedHeaders' | 'exposedHeaders'): string =>
    listOf(option, resolved[option], credentials)
  const methods = names('methods')
  const allowed = names('allowedHeaders')
  const exposed = names('exposedHeaders')
  return {
    origins,
    nullOrigin,
    fields: [
      ...field('Access-Control-Allow-Credentials', credentials ? 'true' : ''),
      ...field('Access-Control-Expose-Headers', exposed),
    ],
    preflightFields: [
      ...field('Access-Control-Allow-Methods', methods),
      // The one name that `*` does not stand for (Fetch, CORS-preflight fetch step 7).
      ...field('Access-Control-Allow-Headers', allowed === '*' ? '*, Authorization' : allowed),
      ['Access-Control-Max-Age', String(maxAge)],
    ],
  }
}

function field(name: string, value: string): [string, string][] {
  return value === '' ? [] : [[name, value]]
}

/** token (RFC 9110 §5.6.2): a method or the name of a field. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

function listOf(option: string, value: readonly string[] | '*', credentials: boolean): string {
  if (value === '*') {
    // Browsers take it for a name then (Fetch, CORS protocol and credentials).
    if (credentials) throw new TypeError(`cors: ${option} must be named one by one where credentials are on`)
    return '*'
  }
  if (!isList(value) || !value.every((name) => TOKEN.test(name) && name !== '*'))
    throw wrong(option, "a list of names, or '*'", value)
  return value.join(', ')
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function wrong(option: string, expected: string, value: unknown): TypeError {
  return new TypeError(`cors: ${option} must be ${expected}, got ${JSON.stringify(value) ?? String(value)}`)
}
