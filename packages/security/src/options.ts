import { contentSecurityPolicy, DEFAULT_POLICY, STRICT_POLICY } from './content-security-policy.ts'
import type { PolicyDirectives } from './content-security-policy.ts'

/** A field's value, or false to send none. */
export type FieldOption = string | false

export interface TransportSecurity {
  /** How long browsers may only come by TLS, in seconds. @default 15552000 (180 days) */
  maxAge?: number
  /** For every subdomain too. @default false */
  includeSubDomains?: boolean
  /** Consent to be built into browsers; hard to take back. @default false */
  preload?: boolean
}

/** Each option is one field of every answer. A string replaces its value, false switches it off. */
export interface SecurityHeadersOptions {
  /**
   * Content-Security-Policy: directives, the whole value as a string, or `'strict'` for `STRICT_POLICY`.
   * @default DEFAULT_POLICY
   */
  contentSecurityPolicy?: PolicyDirectives | FieldOption
  /**
   * Strict-Transport-Security, sent over TLS only (RFC 6797 §7.2).
   * @default { maxAge: 15552000 }
   */
  strictTransportSecurity?: TransportSecurity | FieldOption
  /** X-Content-Type-Options: no guessing of media types. @default 'nosniff' */
  contentTypeOptions?: FieldOption
  /** X-Frame-Options (RFC 7034), for browsers that don't know `frame-ancestors`. @default 'SAMEORIGIN' */
  frameOptions?: FieldOption
  /** Referrer-Policy. @default 'strict-origin-when-cross-origin' */
  referrerPolicy?: FieldOption
  /**
   * Cross-Origin-Opener-Policy, sent over TLS only: elsewhere browsers ignore it and complain.
   * @default 'same-origin-allow-popups'
   */
  crossOriginOpenerPolicy?: FieldOption
  /** Cross-Origin-Resource-Policy. @default false */
  crossOriginResourcePolicy?: FieldOption
  /** Cross-Origin-Embedder-Policy. @default false */
  crossOriginEmbedderPolicy?: FieldOption
  /** Permissions-Policy. @default false */
  permissionsPolicy?: FieldOption
}

export const DEFAULTS = Object.freeze({
  contentSecurityPolicy: DEFAULT_POLICY,
  // 180 days: long enough to hold between visits, short enough to leave TLS again within half a year.
  // Not for subdomains and not for preload lists: that is a decision about hosts this server doesn't know.
  strictTransportSecurity: Object.freeze({ maxAge: 15_552_000, includeSubDomains: false, preload: false }),
  contentTypeOptions: 'nosniff',
  frameOptions: 'SAMEORIGIN',
  // What current browsers do by themselves, said for those that don't.
  referrerPolicy: 'strict-origin-when-cross-origin',
  // `same-origin` would cut the windows that sign-in and payment open; this keeps those we open.
  crossOriginOpenerPolicy: 'same-origin-allow-popups',
  // `same-origin` would keep other origins, a dev server on another port too, from using our files.
  crossOriginResourcePolicy: false,
  // Any foreign image without consent would stop loading.
  crossOriginEmbedderPolicy: false,
  // Browsers already keep powerful features from foreign frames; denying them to the site itself breaks it.
  permissionsPolicy: false,
})

/** The fields to send, in the order they are sent: those for any connection, and those for TLS besides. */
export interface ResolvedFields {
  readonly always: readonly (readonly [name: string, value: string])[]
  readonly encrypted: readonly (readonly [name: string, value: string])[]
}

/** @throws {TypeError} for an option that is unknown or holds no field value */
export function resolveOptions(options: SecurityHeadersOptions = {}): ResolvedFields {
  for (const name of Object.keys(options)) {
    if (name in DEFAULTS) continue
    throw new TypeError(
      `securityHeaders: there is no option ${JSON.stringify(name)}; there are ${Object.keys(DEFAULTS).join(', ')}`,
    )
  }
  const simple = (option: SimpleOption, name: string): [string, string][] => {
    const value = options[option] ?? DEFAULTS[option]
    return value === false ? [] : [[name, checkValue(option, value)]]
  }
  return {
    always: [
      ...simple('contentTypeOptions', 'X-Content-Type-Options'),
      ...policyField(options.contentSecurityPolicy ?? DEFAULTS.contentSecurityPolicy),
      ...simple('frameOptions', 'X-Frame-Options'),
      ...simple('referrerPolicy', 'Referrer-Policy'),
      ...simple('crossOriginResourcePolicy', 'Cross-Origin-Resource-Policy'),
      ...simple('crossOriginEmbedderPolicy', 'Cross-Origin-Embedder-Policy'),
      ...simple('permissionsPolicy', 'Permissions-Policy'),
    ],
    encrypted: [
      ...transportField(options.strictTransportSecurity ?? DEFAULTS.strictTransportSecurity),
      ...simple('crossOriginOpenerPolicy', 'Cross-Origin-Opener-Policy'),
    ],
  }
}

type SimpleOption = Exclude<keyof SecurityHeadersOptions, 'contentSecurityPolicy' | 'strictTransportSecurity'>

function policyField(option: PolicyDirectives | FieldOption): [string, string][] {
  if (option === false) return []
  const name = 'Content-Security-Policy'
  if (option === 'strict') return [[name, contentSecurityPolicy(STRICT_POLICY)]]
  if (typeof option === 'object' && option !== null) return [[name, contentSecurityPolicy(option)]]
  return [[name, checkValue('contentSecurityPolicy', option)]]
}

function transportField(option: TransportSecurity | FieldOption): [string, string][] {
  if (option === false) return []
  const name = 'Strict-Transport-Security'
  if (typeof option !== 'object' || option === null)
    return [[name, checkValue('strictTransportSecurity', option)]]
  const { maxAge, includeSubDomains, preload } = { ...DEFAULTS.strictTransportSecurity, ...option }
  // delta-seconds (RFC 6797 §6.1.1): digits only, so no sign, no fraction, no exponent.
  if (!Number.isSafeInteger(maxAge) || maxAge < 0) {
    throw new TypeError(
      `securityHeaders: strictTransportSecurity.maxAge must be whole seconds from 0, got ${String(maxAge)}`,
    )
  }
  return [
    [name, `max-age=${maxAge}${includeSubDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`],
  ]
}

function checkValue(option: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value
  throw new TypeError(
    `securityHeaders: ${option} must be a field value, or false to send none, got ${JSON.stringify(value)}`,
  )
}
