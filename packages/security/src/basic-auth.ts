import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { HttpError } from '@tsws/http'
import type { Handler, HttpRequest, Middleware } from '@tsws/http'
import { AddressSet, normalizeAddress } from './address-set.ts'
import { credentialsOf, keepPrivate, quoted, refuse } from './authorization.ts'
import { CONTROL_CHARACTER, resolveBasicAuth } from './basic-auth-options.ts'
import type { BasicAuthOptions, ResolvedBasicAuth, Secret } from './basic-auth-options.ts'
import { FailedAttempts } from './failed-attempts.ts'
import { setIdentity } from './identity.ts'
import { normal } from './password-hash.ts'
import { Turns } from './turns.ts'

/** Checks of a hash, or looks elsewhere, at a time: each takes a thread of Node's pool, which files need too, and 16 MiB. */
const MAX_CHECKS = 2
/** Requests that wait for one; two at a time and at 0.25 s a check, the last waits eight seconds. */
const MAX_WAITING = 64
/** Passwords that were right of late, of about 200 bytes each. */
const MAX_REMEMBERED = 1000
/** Seconds. */
const RETRY_AFTER = 5

/**
 * Lets in who knows a name and its password (RFC 7617): others get 401. A password that is a hash is checked once
 * and remembered for a while; a client that is wrong too often gets 429 before its password is looked at, the right one
 * too. Passwords go over the wire as they are: use it over TLS.
 *
 * Who it was is what `identityOf(request)` says. Answers are kept out of shared caches.
 *
 * @throws {TypeError} for an option that is unknown or holds no sense
 */
export function basicAuth(options: BasicAuthOptions): Middleware {
  const resolved = resolveBasicAuth(options)
  const { skip } = resolved
  // RFC 7617 §2.1: tells clients to write what is not ASCII as UTF-8.
  const challenge = `Basic ${quoted('realm', resolved.realm)}, charset="UTF-8"`
  const failures = new FailedAttempts(resolved.failures, 'basicAuth')
  const warnWhenPlain = plainWarning(resolved.warn)
  const passwords = new Passwords(resolved)

  const decide = (
    request: HttpRequest,
    next: Handler,
    name: string,
    verdict: Verdict,
  ): ReturnType<Handler> => {
    if (verdict === 'right') return letIn(request, next, name)
    const refusal = verdict === 'unread' ? failures.refusalOf(request) : null
    return refusal ?? refuse(401, challenge, 'Unauthorized: the name or the password is wrong')
  }

  return (request, next) => {
    if (skip !== null && skip(request)) return next(request)
    const credentials = credentialsOf(request.headers.get('authorization'), 'basic')
    if (credentials.kind !== 'given') return refuse(401, challenge, 'Unauthorized')
    warnWhenPlain(request)
    if (passwords.remembers(credentials.token)) return letIn(request, next, nameOf(credentials.token))
    const refusal = failures.refusalOf(request)
    if (refusal !== null) return refusal
    const pair = decode(credentials.token)
    if (pair === null) {
      failures.add(request)
      return decide(request, next, '', 'wrong')
    }
    const verdict = passwords.check(pair, credentials.token, {
      mayGoOn: () => failures.refusalOf(request) === null,
      failed: () => failures.add(request),
    })
    if (typeof verdict === 'string') return decide(request, next, pair.name, verdict)
    return verdict.then((later) => decide(request, next, pair.name, later))
  }
}

const NO_CLAIMS = Object.freeze({})

function letIn(request: HttpRequest, next: Handler, name: string): ReturnType<Handler> {
  setIdentity(request, { scheme: 'basic', name, claims: NO_CLAIMS })
  const answer = next(request)
  return answer instanceof Promise ? answer.then(keepPrivate) : keepPrivate(answer)
}

/** `unread`: the client was wrong too often while it waited for its turn. */
type Verdict = 'right' | 'wrong' | 'unread'

interface Attempt {
  /** Asked when a check that had to wait has its turn. */
  mayGoOn(): boolean
  /** Told before the next has its turn. */
  failed(): void
}

interface Pair {
  readonly name: string
  readonly password: string
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** user-id ":" password, in UTF-8, without control characters (RFC 7617 §2); null for anything else. */
function decode(token: string): Pair | null {
  let text: string
  try {
    text = utf8.decode(Buffer.from(token, 'base64'))
  } catch {
    return null
  }
  const colon = text.indexOf(':')
  if (colon < 0 || CONTROL_CHARACTER.test(text)) return null
  // Names that look the same are the same (RFC 8265 §3.3.2).
  return { name: text.slice(0, colon).normalize('NFC'), password: text.slice(colon + 1) }
}

/** Of credentials that were right before. */
function nameOf(token: string): string {
  return (decode(token) as Pair).name
}

/**
 * Tells right passwords from wrong ones. What is compared are keyed hashes, in constant time, and who is not there
 * costs as much as who is: the time an answer takes must not tell which names there are.
 */
class Passwords {
  readonly #secrets: ReadonlyMap<string, Secret> | null
  readonly #verify: ResolvedBasicAuth['verify']
  readonly #key = randomBytes(32)
  readonly #plain = new Map<string, Buffer>()
  readonly #standIn: Secret | undefined
  readonly #rememberFor: number
  /** Until when (ms), by keyed hash of the credentials, oldest first. */
  readonly #remembered = new Map<string, number>()
  readonly #turns = new Turns(MAX_CHECKS, MAX_WAITING)

  constructor({ secrets, verify, rememberFor }: ResolvedBasicAuth) {
    this.#secrets = secrets
    this.#verify = verify
    this.#rememberFor = rememberFor * 1000
    for (const [name, secret] of secrets ?? [])
      if (secret.kind === 'plain') this.#plain.set(name, this.#digest(normal(secret.password)))
    this.#standIn = [...(secrets?.values() ?? [])].find(({ kind }) => kind === 'hash')
  }

  remembers(token: string): boolean {
    if (this.#remembered.size === 0) return false
    const until = this.#remembered.get(this.#digest(token).toString('latin1'))
    return until !== undefined && until > Date.now()
  }

  /** @throws {HttpError} 503 when too many checks wait */
  check({ name, password }: Pair, token: string, attempt: Attempt): Verdict | Promise<Verdict> {
    const secret = this.#secrets?.get(name)
    const digest = this.#plain.get(name)
    const verify = this.#verify
    if (verify !== null) return this.#inTurn(token, attempt, async () => verify(name, password))
    const matches = timingSafeEqual(digest ?? NOBODY, this.#digest(normal(password))) && digest !== undefined
    if (matches) return 'right'
    const hashed = secret ?? this.#standIn
    if (hashed?.kind !== 'hash') {
      attempt.failed()
      return 'wrong'
    }
    return this.#inTurn(
      token,
      attempt,
      async () => (await hashed.hash.matches(password)) && secret !== undefined,
    )
  }

  #inTurn(token: string, attempt: Attempt, look: () => Promise<boolean>): Promise<Verdict> {
    const turn = this.#turns.take(async () => {
      if (!attempt.mayGoOn()) return 'unread'
      const isRight = (await look()) === true
      if (isRight) this.#remember(token)
      else attempt.failed()
      return isRight ? 'right' : 'wrong'
    })
    if (turn !== null) return turn
    throw new HttpError(503, 'too many passwords are being checked', {
      code: 'ERR_BASIC_AUTH_BUSY',
      headers: { 'Retry-After': RETRY_AFTER },
    })
  }

  #remember(token: string): void {
    if (this.#rememberFor === 0) return
    const key = this.#digest(token).toString('latin1')
    this.#remembered.delete(key)
    this.#remembered.set(key, Date.now() + this.#rememberFor)
    if (this.#remembered.size <= MAX_REMEMBERED) return
    const [oldest] = this.#remembered.keys()
    this.#remembered.delete(oldest as string)
  }

  #digest(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest()
  }
}

/** What the password of nobody is compared with. */
const NOBODY = randomBytes(32)

/** Once: a proxy on the same machine, or a developer's browser, is no wire that others could listen at. */
function plainWarning(warn: (message: string) => void): (request: HttpRequest) => void {
  const here = new AddressSet(['loopback', 'unix'])
  let warned = false
  return ({ connection: { encrypted, remoteAddress } }) => {
    if (encrypted || warned) return
    if (here.has(remoteAddress === null ? null : normalizeAddress(remoteAddress))) return
    warned = true
    warn('basicAuth: a password came over a connection without TLS, where anybody on the way can read it')
  }
}
