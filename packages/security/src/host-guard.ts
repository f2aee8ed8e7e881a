import { isIP, isIPv6 } from 'node:net'
import { HttpError } from '@tsws/http'
import type { Middleware } from '@tsws/http'

export interface HostGuardOptions {
  /**
   * Whether any IP address literal is let through. It is safe against DNS rebinding, which needs a
   * name that the attacker owns.
   * @default true
   */
  ipLiterals?: boolean
}

/** The names that mean this machine (RFC 6761 §6.3). */
export const LOOPBACK_HOSTS: readonly string[] = Object.freeze(['localhost', '*.localhost'])

/** Entries. A server is asked for few hosts; what an attacker invents is looked up again each time. */
const MAX_REMEMBERED = 256
/** Characters of the longest host worth remembering: a name of 253 (RFC 1035 §2.3.4), a colon and a port. */
const MAX_REMEMBERED_LENGTH = 259

/**
 * Answers 421 (RFC 9110 §15.5.20) to a request for a host that is not ours. This is what stops DNS
 * rebinding: a web page whose own name is made to point here, so that its scripts read our answers.
 *
 * Entries: `example.com` (any port), `example.com:8080` (that port only), `*.example.com`
 * (subdomains, not the name itself), `192.0.2.1`, `[2001:db8::1]`, with or without a port.
 *
 * A request that names no host at all passes: HTTP/1.0 probes send none, and browsers always do.
 *
 * @throws {TypeError} for an entry that is no host
 */
export function hostGuard(allowedHosts: readonly string[], options: HostGuardOptions = {}): Middleware {
  const rules = new HostRules(allowedHosts, options.ipLiterals ?? true)
  const remembered = new Map<string, boolean>()
  return (request, next) => {
    const { host } = request
    let allowed = remembered.get(host)
    if (allowed === undefined) {
      allowed = host === '' || rules.allow(host)
      if (remembered.size < MAX_REMEMBERED && host.length <= MAX_REMEMBERED_LENGTH)
        remembered.set(host, allowed)
    }
    if (allowed) return next(request)
    throw new HttpError(421, `this server does not answer for the host ${quote(host)}`, {
      code: 'ERR_HOST_NOT_ALLOWED',
    })
  }
}

/** Characters of a host that the answer repeats. */
const MAX_QUOTED = 100

function quote(host: string): string {
  return JSON.stringify(host.length > MAX_QUOTED ? `${host.slice(0, MAX_QUOTED)}…` : host)
}

/** A host as it is compared: lower case, no trailing dot, IPv6 in its shortest form. */
interface Host {
  readonly name: string
  /** `''` when none was given. */
  readonly port: string
  readonly literal: boolean
}

class HostRules {
  readonly #exact = new Set<string>()
  readonly #suffixes: { readonly suffix: string; readonly port: string }[] = []
  readonly #ipLiterals: boolean

  constructor(entries: readonly string[], ipLiterals: boolean) {
    if (!Array.isArray(entries)) {
      throw new TypeError(`hostGuard: allowedHosts must be an array, got ${typeof entries}`)
    }
    this.#ipLiterals = ipLiterals
    for (const entry of entries) this.#add(entry)
  }

  allow(authority: string): boolean {
    const host = parseHost(authority)
    if (host === null) return false
    if (host.literal && this.#ipLiterals) return true
    if (this.#exact.has(host.name) || this.#exact.has(`${host.name}:${host.port}`)) return true
    return this.#suffixes.some(
      ({ suffix, port }) =>
        host.name.length > suffix.length && host.name.endsWith(suffix) && (port === '' || port === host.port),
    )
  }

  #add(entry: string): void {
    const wild = String(entry).startsWith('*.')
    const host = parseHost(wild ? entry.slice(2) : isIPv6(entry) ? `[${entry}]` : String(entry))
    if (host === null || (wild && host.literal)) {
      throw new TypeError(
        `hostGuard: ${JSON.stringify(entry)} is no host; write example.com, *.example.com, 192.0.2.1 or [2001:db8::1], ` +
          `each with or without a :port`,
      )
    }
    if (wild) this.#suffixes.push({ suffix: `.${host.name}`, port: host.port })
    else this.#exact.add(host.port === '' ? host.name : `${host.name}:${host.port}`)
  }
}

// uri-host [ ":" port ] (RFC 9110 §7.2). A registered name may hold sub-delims and percent-encoding
// (RFC 3986 §3.2.2); no host that is served has them, so letters, digits, "-", "_" and "." it is.
const AUTHORITY = /^(?:\[([0-9a-f:.]+)\]|([\w-]+(?:\.[\w-]+)*)\.?)(?::(\d{0,5}))?$/i

function parseHost(authority: string): Host | null {
  const match = AUTHORITY.exec(authority)
  if (match === null) return null
  const [, bracketed, name = '', port = ''] = match
  if (bracketed === undefined) return { name: name.toLowerCase(), port, literal: isIP(name) === 4 }
  if (!isIPv6(bracketed)) return null
  // The URL parser writes IPv6 in its one canonical form (RFC 5952).
  return { name: new URL(`http://[${bracketed}]`).hostname, port, literal: true }
}
