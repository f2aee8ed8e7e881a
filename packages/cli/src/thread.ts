// One thread of `tsws --threads`: the whole server but for the port, built from the same command line.
import type { StartThread } from '@tsws/pool'
import { prepareServer } from '@tsws/server'
import type { LogFormat, ServeArguments } from './arguments.ts'
import { openLog } from './log.ts'
import { loadMiddleware } from './middleware-modules.ts'
import { serverConfig } from './server-config.ts'

/** What a thread is told. */
export interface ThreadData {
  args: ServeArguments
  root: string
  folder: string
  log: LogFormat
}

/** What a thread tells: lines for the log, which one destination writes, so that none is torn. */
export type ThreadMessage = { kind: 'log'; lines: string } | { kind: 'warning'; text: string }

export const startThread: StartThread<ThreadData> = async ({ data, send }) => {
  const tell = (message: ThreadMessage): void => send(message)
  const log = await openLog(data.log, { write: (lines) => tell({ kind: 'log', lines }) })
  const middleware = await loadMiddleware(data.args.use, data.folder)
  const server = await prepareServer(serverConfig(data.args, data.root, data.folder, middleware, log))
  for (const text of server.warnings) tell({ kind: 'warning', text })
  // What user code lets fall ends no thread, as it ends no single server: see `watchProcess`.
  process.on('uncaughtException', (error) => log.report(error, 'uncaughtException'))
  process.on('unhandledRejection', (reason) => log.report(reason, 'unhandledRejection'))
  return {
    connection: (socket) => server.accept(socket),
    async drain({ grace }) {
      await server.close({ grace })
      await log.close()
    },
  }
}
