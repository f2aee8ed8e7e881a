import { createServer } from '@tsws/engine'
import { respond } from '@tsws/http'
import { createTlsListener } from '@tsws/tls'
import type { TlsListener, TlsOptions } from '@tsws/tls'

export function startHttps(files: TlsOptions, port: number): TlsListener {
  const server = createServer(() => respond.text('hello\n'))
  const listener = createTlsListener(files)
  for (const warning of listener.warnings) process.emitWarning(warning)
  server.addListener(listener)
  listener.server.listen(port)
  // After a renewal: process.on('SIGHUP', () => listener.reload())
  return listener
}
