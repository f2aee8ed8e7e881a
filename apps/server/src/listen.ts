import type { HttpServer } from '@tsws/engine'
import type { TlsListener, TlsOptions } from '@tsws/tls'
import { createServer } from 'node:net'
import { openPort } from './open-port.ts'
import type { ResolvedConfig } from './options.ts'

export interface Listening {
  readonly port: number
  /** What decrypts, with TLS. */
  readonly tls: TlsListener | null
}

/**
 * Opens the port, plain or with TLS.
 * @throws the system's error: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`
 * @throws {CertificateError} when the certificate or its key cannot be used
 */
export async function listen(engine: HttpServer, config: ResolvedConfig): Promise<Listening> {
  const { host, port, tls } = config
  if (tls !== null) {
    const listener = await tlsListener(engine, config)
    return { port: await openPort(listener.server, host, port), tls: listener }
  }
  const server = createServer(SOCKETS)
  const opened = await openPort(server, host, port)
  engine.addListener({ server, event: 'connection', encrypted: false })
  return { port: opened, tls: null }
}

/**
 * A client that has sent its request may close its side and still read (RFC 9112 §9.6); small answers must not wait for
 * the client's ACK.
 */
const SOCKETS = Object.freeze({ allowHalfOpen: true, noDelay: true })

/** What turns TCP connections into TLS ones for the engine; it does not listen yet. */
export async function tlsListener(engine: HttpServer, config: ResolvedConfig): Promise<TlsListener> {
  // Loaded only where it is used: the start-up of a plain server does without OpenSSL.
  const { createTlsListener } = await import('@tsws/tls')
  const listener = createTlsListener({
    onHandshakeError: handshakeLog(config),
    ...(config.tls as TlsOptions),
  })
  engine.addListener(listener)
  return listener
}

/** Scanners and old clients cause many: nothing for the log of every day. */
function handshakeLog({ logger }: ResolvedConfig): NonNullable<TlsOptions['onHandshakeError']> {
  return (err, remoteAddress) => logger?.debug({ err, remoteAddress }, 'TLS handshake failed')
}
