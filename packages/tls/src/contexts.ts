import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { SecureContext, SecureContextOptions } from 'node:tls'
import { CertificateError } from './certificate-error.ts'
import { loadAuthorities, loadKeyPair, nameOf } from './key-pair.ts'
import type { KeyPair, TlsOptions } from './options.ts'
import { asciiHostName } from './host-name.ts'

/** The certificates of a server, ready to be chosen from by server name. */
export interface Contexts {
  /** What the server is set up with: the first certificate. */
  readonly main: SecureContextOptions
  /** The context for a name, or null for the main one. */
  choose(serverName: string): SecureContext | null
  /** Whether one of the certificates is for that name or address. */
  isFor(host: string): boolean
  readonly warnings: readonly string[]
}

/**
 * Reads and checks every certificate of the options.
 * @throws {CertificateError} for the first that cannot be used
 */
export function loadContexts(options: TlsOptions, shared: SecureContextOptions): Contexts {
  const warnings: string[] = []
  const leaves: X509Certificate[] = []
  const clients =
    options.clientCertificates === undefined ? {} : { ca: loadAuthorities(options.clientCertificates.ca) }
  const load = (pair: KeyPair, place: string, name: string | null): SecureContextOptions => {
    const { warnings: found, cert, key, passphrase, leaf } = loadKeyPair(pair)
    warnings.push(...found)
    leaves.push(leaf)
    if (name !== null && !isFor(leaf, name.replace('*', 'any')))
      warnings.push(`the certificate of ${place} is not for that name (${nameOf(leaf)}): browsers refuse it`)
    const all = { ...shared, ...clients, cert, key, ...(passphrase === undefined ? {} : { passphrase }) }
    checkContext(all, place)
    return all
  }
  const main = load(options, 'cert and key', null)
  const exact = new Map<string, SecureContext>()
  const wildcard = new Map<string, SecureContext>()
  for (const [name, pair] of Object.entries(options.sni ?? {})) {
    const { names, key } = placeOf(name, exact, wildcard)
    names.set(key, createSecureContext(load(pair, `sni[${JSON.stringify(name)}]`, name)))
  }
  return {
    main,
    warnings,
    isFor: (host) => leaves.some((leaf) => isFor(leaf, host)),
    choose(serverName) {
      // Sent without a final dot (RFC 6066 §3), but not by everybody.
      const name = serverName.toLowerCase().replace(/\.$/, '')
      const found = exact.get(name)
      if (found !== undefined) return found
      // A wildcard stands for one whole label, and not for none (RFC 9525 §6.3).
      const dot = name.indexOf('.')
      return dot < 1 ? null : (wildcard.get(name.slice(dot + 1)) ?? null)
    },
  }
}

const SERVER_NAME = /^(\*\.)?([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)$/i

function placeOf<T>(
  name: string,
  exact: Map<string, T>,
  wildcard: Map<string, T>,
): { names: Map<string, T>; key: string } {
  const match = SERVER_NAME.exec(name)
  if (match === null) {
    const ascii = asciiHostName(name)
    throw new TypeError(
      `createTlsListener: sni holds ${JSON.stringify(name)}, which is no server name; ` +
        `write ${ascii !== '' && SERVER_NAME.test(ascii) ? ascii : 'example.com or *.example.com (ASCII, no port)'}`,
    )
  }
  const [, star, rest = ''] = match
  return { names: star === undefined ? exact : wildcard, key: rest.toLowerCase() }
}

/** Whether clients that asked for the name take the certificate. */
function isFor(leaf: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return leaf.checkIP(name) !== undefined
  return leaf.checkHost(name, { subject: 'never' }) !== undefined
}

/** What only OpenSSL can say: a key too small, a digest too old for its security level. */
function checkContext(options: SecureContextOptions, place: string): void {
  try {
    createSecureContext(options)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new CertificateError('ERR_TLS_REFUSED', `OpenSSL refuses ${place}: ${message}`, cause)
  }
}
