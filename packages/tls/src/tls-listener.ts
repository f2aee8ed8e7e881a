import { constants } from 'node:crypto'
import { createSecureContext, createServer as createTlsServer } from 'node:tls'
import type { SecureContextOptions } from 'node:tls'
import type { Listener } from '@tsws/engine'
import { loadContexts } from './contexts.ts'
import { resolveOptions } from './options.ts'
import type { TlsOptions } from './options.ts'
import { SniffingServer } from './sniffing-server.ts'
import { TicketKeys } from './ticket-keys.ts'

// Mozilla's "intermediate" list without the finite-field groups, which need parameters of their own:
// forward secrecy and authenticated encryption only.
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

// Elliptic curves only: a client can ask for the finite fields of TLS 1.3 at no cost of its own, and each costs the server more
// than the rest of the handshake (CVE-2002-20001). The first is safe from a later quantum computer too, where OpenSSL has it (3.5).
const GROUPS = 'X25519:P-256:P-384'
const GROUPS_HYBRID = `X25519MLKEM768:${GROUPS}`

export interface TlsListener extends Listener {
  readonly event: 'secureConnection'
  readonly encrypted: true
  /** About the certificates in use: expired, soon to expire, chain in disorder. One line each. */
  readonly warnings: readonly string[]
  /** Whether one of the certificates in use is for that name or address of a host. */
  isFor(host: string): boolean
  /** Handshakes under way. */
  readonly pendingHandshakes: number
  /**
   * Reads the files again, for new connections; those that are open stay as they are. When any of
   * them cannot be used, it throws and everything stays as it was.
   * @throws {CertificateError}
   */
  reload(): void
}

/**
 * A listener for the engine that speaks TLS. It does not listen yet: call `listener.server.listen`.
 *
 * HTTP/1.1 and 1.0 are offered (ALPN, RFC 7301); a client that offers others only is refused by
 * `no_application_protocol` (§3.2): what it would send next is not HTTP/1. One that speaks plain HTTP to it is told so.
 *
 * @throws {CertificateError} when the certificate or its key cannot be used, in one line that says why
 * @throws {TypeError} for an option that is unknown or out of range
 */
export function createTlsListener(options: TlsOptions): TlsListener {
  const resolved = resolveOptions(options)
  const shared: SecureContextOptions = {
    minVersion: resolved.minVersion,
    ciphers: CIPHERS,
    ecdhCurve: keyExchangeGroups(),
    // A client must not make the server sign again and again on one connection (CVE-2011-1473).
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  }
  const { clientCertificates: clients } = options
  let contexts = loadContexts(options, shared)
  const inner = createTlsServer({
    ...contexts.main,
    // HTTP/1.0 is spoken too, and its clients offer nothing else: `curl --http1.0`.
    ALPNProtocols: ['http/1.1', 'http/1.0'],
    handshakeTimeout: resolved.handshakeTimeout,
    requestCert: clients !== undefined,
    rejectUnauthorized: clients?.required ?? true,
    SNICallback: (name, done) => done(null, contexts.choose(name) ?? undefined),
  })
  const server = new SniffingServer(inner, resolved)
  const tickets = new TicketKeys(inner)
  server.once('close', () => tickets.stop())
  return {
    server,
    event: 'secureConnection',
    encrypted: true,
    get warnings() {
      return contexts.warnings
    },
    isFor: (host) => contexts.isFor(host),
    get pendingHandshakes() {
      return server.pendingHandshakes
    },
    reload() {
      const next = loadContexts(options, shared)
      inner.setSecureContext(next.main)
      tickets.renew()
      contexts = next
    },
  }
}

function keyExchangeGroups(): string {
  try {
    createSecureContext({ ecdhCurve: GROUPS_HYBRID })
    return GROUPS_HYBRID
  } catch {
    return GROUPS
  }
}
