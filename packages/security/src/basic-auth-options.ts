import type { HttpRequest } from '@tsws/http'
import { checkRealm } from './authorization.ts'
import type { FailuresOptions } from './failed-attempts.ts'
import { readPasswordHash } from './password-hash.ts'
import type { PasswordHash } from './password-hash.ts'

export interface BasicAuthOptions {
  /**
   * Names and passwords: each plain, or a hash that `hashPassword` made (`$scrypt$…`, or `$argon2id$…` of elsewhere).
   * Keep plain ones out of what others can read, and don't mix the two: the time of an answer would tell which names
   * have a plain one. Either this or `verify`.
   */
  users?: Readonly<Record<string, string>>
  /** Looks a name and its password up elsewhere. Either this or `users`. */
  verify?: (name: string, password: string) => boolean | Promise<boolean>
  /** What browsers show as the name of the place; ASCII. @default 'Restricted' */
  realm?: string
  /** Requests that need no password. @default none */
  skip?: ((request: HttpRequest) => boolean) | null
  /** Seconds for which a password that was right need not be checked again, 0 to 86400; not used for plain ones. @default 60 */
  rememberFor?: number
  /** How often one client may be wrong; `memory` lets threads count together. @default { limit: 10, window: 300 } */
  failures?: FailuresOptions
  /** Is told once when a password came over a connection without TLS from another machine. @default process.emitWarning */
  warn?: (message: string) => void
}

export const BASIC_AUTH_DEFAULTS = Object.freeze({
  realm: 'Restricted',
  skip: null,
  // Seconds: a page with all it loads costs one check, and who is locked out is so within a minute.
  rememberFor: 60,
  failures: Object.freeze({}),
  warn: (message: string): void => process.emitWarning(message, { code: 'TSWS_BASIC_AUTH_PLAIN' }),
})

const MAX_REMEMBER = 86_400

/** What a name has to come with. */
export type Secret =
  | { readonly kind: 'plain'; readonly password: string }
  | { readonly kind: 'hash'; readonly hash: PasswordHash }

export type ResolvedBasicAuth = Required<Omit<BasicAuthOptions, 'users' | 'verify'>> & {
  /** null with `verify`. */
  readonly secrets: ReadonlyMap<string, Secret> | null
  readonly verify: NonNullable<BasicAuthOptions['verify']> | null
}

type Given = Required<Omit<BasicAuthOptions, 'users' | 'verify'>> & Pick<BasicAuthOptions, 'users' | 'verify'>

/** @throws {TypeError} naming the option, what it must be and what it was; never a password */
export function resolveBasicAuth(options: BasicAuthOptions): ResolvedBasicAuth {
  for (const name of Object.keys(options ?? {}))
    if (!(name in BASIC_AUTH_DEFAULTS) && name !== 'users' && name !== 'verify')
      throw new TypeError(
        `basicAuth: there is no option ${name}; there are users, verify, ${Object.keys(BASIC_AUTH_DEFAULTS).join(', ')}`,
      )
  const given = Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined))
  const { users, verify, ...rest }: Given = { ...BASIC_AUTH_DEFAULTS, ...given }
  if ((users === undefined) === (verify === undefined))
    throw new TypeError('basicAuth: give either users or verify')
  checkRealm(rest.realm, 'basicAuth')
  const { rememberFor } = rest
  if (!Number.isInteger(rememberFor) || rememberFor < 0 || rememberFor > MAX_REMEMBER)
    throw new TypeError(
      `basicAuth: rememberFor must be whole seconds from 0 to ${MAX_REMEMBER}, got ${String(rememberFor)}`,
    )
  for (const [name, value] of Object.entries({ skip: rest.skip, verify, warn: rest.warn }))
    if (value !== null && value !== undefined && typeof value !== 'function')
      throw new TypeError(`basicAuth: ${name} must be a function, got ${typeof value}`)
  return { ...rest, secrets: users === undefined ? null : secretsOf(users), verify: verify ?? null }
}

/** Neither holds control characters, and a name no colon (RFC 7617 §2). */
export const CONTROL_CHARACTER = /[\x00-\x1f\x7f]/

function secretsOf(users: unknown): ReadonlyMap<string, Secret> {
  if (typeof users !== 'object' || users === null || Array.isArray(users))
    throw new TypeError(`basicAuth: users must be an object of names and passwords, got ${typeof users}`)
  const secrets = new Map<string, Secret>()
  for (const [name, password] of Object.entries(users)) {
    if (name === '' || name.includes(':') || CONTROL_CHARACTER.test(name))
      throw new TypeError(`basicAuth: users: ${JSON.stringify(name)} cannot be a name: RFC 7617 §2`)
    secrets.set(name.normalize('NFC'), secretOf(name, password))
  }
  if (secrets.size === 0) throw new TypeError('basicAuth: users: there is nobody who could be let in')
  return secrets
}

function secretOf(name: string, password: unknown): Secret {
  const refused = (why: string): TypeError =>
    new TypeError(`basicAuth: users: the password of ${name} cannot be used: ${why}`)
  if (typeof password !== 'string' || password === '') throw refused('it must be a text that is not empty')
  if (CONTROL_CHARACTER.test(password)) throw refused('it holds control characters (RFC 7617 §2)')
  if (!password.startsWith('$')) return { kind: 'plain', password }
  try {
    return { kind: 'hash', hash: readPasswordHash(password) }
  } catch (error) {
    throw refused((error as Error).message)
  }
}
