import { createSecureContext } from 'node:tls'
import type { SecureContext, SecureContextOptions } from 'node:tls'
import { CertificateError } from './certificate-error.ts'
import { loadKeyPair } from './key-pair.ts'
import type { KeyPair, TlsOptions } from './options.ts'

/** The certificates of a server, ready to be chosen from by server name. */
export interface Contexts {
  /** What the server is set up with: the first certificate. */
  readonly main: SecureContextOptions
  /** The context for a name, or null for the main one. */
  choose(serverName: string): SecureContext | null
  readonly warnings: readonly string[]
}

/**
 * Reads and checks every certificate of the options.
 * @throws {CertificateError} for the first that cannot be used
 */
export function loadContexts(options: TlsOptions, shared: SecureContextOptions): Contexts {
  const warnings: string[] = []
  const load = (pair: KeyPair, place: string): SecureContextOptions => {
    const { warnings: found, cert, key, passphrase } = loadKeyPair(pair)
    warnings.push(...found)
    const all = { ...shared, cert, key, ...(passphrase === undefined ? {} : { passphrase }) }
    checkContext(all, place)
    return all
  }
  const main = load(options, 'cert and key')
  const exact = new Map<string, SecureContext>()
  const wildcard = new Map<string, SecureContext>()
  for (const [name, pair] of Object.entries(options.sni ?? {})) {
    const { names, key } = placeOf(name, exact, wildcard)
    names.set(key, createSecureContext(load(pair, `sni[${JSON.stringify(name)}]`)))
  }
  return {
    main,
    warnings,
    choose(serverName) {
      const name = serverName.toLowerCase()
      // A wildcard stands for one label (RFC 9525 §6.3).
      return exact.get(name) ?? wildcard.get(name.slice(name.indexOf('.') + 1)) ?? null
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
    throw new TypeError(
      `createTlsListener: sni holds ${JSON.stringify(name)}, which is no server name; ` +
        'write example.com or *.example.com (ASCII, no port)',
    )
  }
  const [, star, rest = ''] = match
  return { names: star === undefined ? exact : wildcard, key: rest.toLowerCase() }
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
