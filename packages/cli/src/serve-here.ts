import { startServer } from '@tsws/server'
import type { LogFormat, ServeArguments } from './arguments.ts'
import { openLog } from './log.ts'
import { loadMiddleware } from './middleware-modules.ts'
import { serverConfig } from './server-config.ts'
import type { Serving } from './serving.ts'
import { explainStartFailure } from './start-failure.ts'

/** The server on this thread. */
export async function serveHere(
  args: ServeArguments,
  root: string,
  folder: string,
  format: LogFormat,
  grace: number,
): Promise<Serving> {
  const middleware = await loadMiddleware(args.use, folder)
  const log = await openLog(format)
  const server = await startServer(serverConfig(args, root, folder, middleware, log)).catch(
    (error: unknown) => {
      throw explainStartFailure(error, args)
    },
  )
  const { scheme, host, port, warnings } = server
  return {
    scheme,
    host,
    port,
    warnings,
    log,
    threads: null,
    async close() {
      await server.close({ grace })
      await log.close()
    },
  }
}
