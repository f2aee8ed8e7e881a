import type { SecureVersion } from 'node:tls'

export interface KeyPair {
  /** The certificate chain in PEM, the server's own certificate first: a path, or the text or bytes of it. */
  cert: string | Uint8Array
  /** The private key of the first certificate in PEM: a path, or the text or bytes of it. */
  key: string | Uint8Array
  /** For a key that is encrypted. */
  passphrase?: string
}

export interface ClientCertificates {
  /** Certificates of the authorities that may have issued a client's, in PEM: a path, or the text or bytes of it. */
  ca: string | Uint8Array
  /** Whether clients without a valid certificate are refused; otherwise they are served, as nobody. @default true */
  required?: boolean
}

export interface TlsOptions extends KeyPair {
  /**
   * More certificates by server name (RFC 6066 §3): `example.com`, or `*.example.com` for one label.
   * For any other name the first is used. @default none
   */
  sni?: Readonly<Record<string, KeyPair>>
  /**
   * Asks clients for a certificate of theirs (RFC 8446 §4.3.2). Handlers find what a valid one says in
   * `request.connection.clientCertificate`. @default clients are not asked
   */
  clientCertificates?: ClientCertificates
  /** The oldest version that is spoken. @default 'TLSv1.2' */
  minVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** Milliseconds until the handshake must be over. @default 10000 */
  handshakeTimeout?: number
  /** Connections that may be in their handshake at once; more are cut. @default 1000 */
  maxPendingHandshakes?: number
  /** Told of a handshake that failed: scanners and old clients cause many. @default nobody */
  onHandshakeError?: (error: Error, remoteAddress: string | null) => void
}

export const DEFAULTS = Object.freeze({
  // RFC 8996: versions before 1.2 must not be negotiated.
  minVersion: 'TLSv1.2' as SecureVersion,
  // Two round trips and a signature take well under a second, over a slow mobile link a few.
  handshakeTimeout: 10_000,
  // A handshake holds about 50 KB and the engine does not see it yet: 50 MB at most.
  maxPendingHandshakes: 1000,
})

export interface ResolvedOptions {
  readonly minVersion: SecureVersion
  readonly handshakeTimeout: number
  readonly maxPendingHandshakes: number
  readonly onHandshakeError: (error: Error, remoteAddress: string | null) => void
}

const NAMES = [
  'cert',
  'key',
  'passphrase',
  'sni',
  'clientCertificates',
  'onHandshakeError',
  ...Object.keys(DEFAULTS),
]

/** @throws {TypeError} for an option that is unknown, missing or out of range */
export function resolveOptions(options: TlsOptions): ResolvedOptions {
  for (const name of Object.keys(options)) {
    if (NAMES.includes(name)) continue
    throw new TypeError(
      `createTlsListener: there is no option ${JSON.stringify(name)}; there are ${NAMES.join(', ')}`,
    )
  }
  const { minVersion = DEFAULTS.minVersion } = options
  if (minVersion !== 'TLSv1.2' && minVersion !== 'TLSv1.3') {
    throw new TypeError(
      `createTlsListener: minVersion must be 'TLSv1.2' or 'TLSv1.3', got ${JSON.stringify(minVersion)}`,
    )
  }
  if (options.clientCertificates !== undefined) checkClients(options.clientCertificates)
  return {
    minVersion,
    handshakeTimeout: whole(options, 'handshakeTimeout', 'milliseconds'),
    maxPendingHandshakes: whole(options, 'maxPendingHandshakes', 'connections'),
    onHandshakeError: options.onHandshakeError ?? (() => {}),
  }
}

function checkClients(clients: ClientCertificates): void {
  for (const name of Object.keys(clients)) {
    if (name === 'ca' || name === 'required') continue
    throw new TypeError(
      `createTlsListener: clientCertificates: there is no option ${JSON.stringify(name)}; there are ca, required`,
    )
  }
  // What is not a boolean must not let anybody in.
  if (clients.required !== undefined && typeof clients.required !== 'boolean') {
    throw new TypeError(
      `createTlsListener: clientCertificates: required must be true or false, got ${String(clients.required)}`,
    )
  }
}

/** The longest delay a timer of Node takes, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1

function whole(options: TlsOptions, name: 'handshakeTimeout' | 'maxPendingHandshakes', unit: string): number {
  const value = options[name] ?? DEFAULTS[name]
  if (Number.isInteger(value) && value >= 1 && value <= MAX_TIMER) return value
  throw new TypeError(
    `createTlsListener: ${name} must be a whole number of ${unit} from 1 to ${MAX_TIMER}, got ${String(value)}`,
  )
}
