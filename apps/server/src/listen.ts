import type { HttpServer } from '@tsws/engine'
import type { AddressInfo, Server } from 'node:net'
import type { ResolvedConfig } from './options.ts'

/**
 * Opens the port, plain or with TLS, and tells which one it is.
 * @throws the system's error: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`
 */
export async function listen(engine: HttpServer, { host, port, tls }: ResolvedConfig): Promise<number> {
  if (tls === null) {
    const address = await engine.listen({ host, port })
    return 'port' in address ? address.port : port
  }
  // Loaded only where it is used: TLS is a third of the start-up time.
  const { createTlsListener } = await import('@tsws/tls')
  const listener = createTlsListener(tls)
  await listening(listener.server, host, port)
  engine.addListener(listener)
  return (listener.server.address() as AddressInfo).port
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
