import { startServer } from '@tsws/server'
import { openLog } from './log.ts'
import { loadMiddleware } from './middleware-modules.ts'
import { serverConfig } from './server-config.ts'
import type { Serving } from './serving.ts'
import type { ServeOrder } from './serve-order.ts'
import { explainStartFailure } from './start-failure.ts'

/** The server on this thread. */
export async function serveHere(order: ServeOrder): Promise<Serving> {
  const { args, folder, colour, grace } = order
  const middleware = await loadMiddleware(args.use, folder)
  const log = await openLog(order.log, { colour })
  const server = await startServer(serverConfig(order, middleware, log)).catch((error: unknown) => {
    throw explainStartFailure(error, args)
  })
  const { scheme, host, port, redirectPort, warnings } = server
  return {
    scheme,
    host,
    port,
    redirectPort,
    warnings,
    log,
    threads: null,
    async reload() {
      server.reload()
      for (const warning of server.warnings) log.warn(warning)
      const changed = args.tls === null ? 'nothing has changed' : 'the certificate has been read again'
      log.info(`${changed}: this thread cannot be replaced, with --thread-strategy it could`)
    },
    async close({ atOnce }) {
      await server.close({ grace, ...(atOnce && { idleGrace: 0 }) })
      await log.close()
    },
  }
}
