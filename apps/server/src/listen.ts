import type { HttpServer } from '@tsws/engine'
import type { TlsListener, TlsOptions } from '@tsws/tls'
import type { AddressInfo, Server } from 'node:net'
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
  if (tls === null) {
    const address = await engine.listen({ host, port })
    return { port: 'port' in address ? address.port : port, tls: null }
  }
  const listener = await tlsListener(engine, config)
  await listening(listener.server, host, port)
  return { port: (listener.server.address() as AddressInfo).port, tls: listener }
}

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

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
