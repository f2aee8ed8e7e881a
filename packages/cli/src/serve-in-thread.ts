import type { ThreadContext, ThreadServer } from '@tsws/pool'
import { prepareServer } from '@tsws/server'
import { openLog } from './log.ts'
import { MetricsOfThread } from './metrics-of-thread.ts'
import { loadMiddleware } from './middleware-modules.ts'
import { serverConfig } from './server-config.ts'
import type { ServeOrder } from './serve-order.ts'
import { ThreadOutbox } from './thread-outbox.ts'
import type { ToThread } from './thread-outbox.ts'

/** The whole server but for the port and the log's destination, built from the command line. */
export async function serveInThread({ id, data, send }: ThreadContext<ServeOrder>): Promise<ThreadServer> {
  const outbox = new ThreadOutbox(send)
  const log = await openLog(data.log, {
    destination: { write: (lines) => outbox.tell({ kind: 'log', lines }) },
    colour: data.colour,
    thread: id,
  })
  const middleware = await loadMiddleware(data.args.use, data.folder)
  const metrics = data.args.metrics === null ? null : new MetricsOfThread(id, outbox)
  const server = await prepareServer(
    serverConfig(data, middleware, log, metrics && (() => metrics.collect())),
  )
  if (metrics !== null) metrics.ofServer = () => server.readMetrics()
  for (const text of server.warnings) outbox.tell({ kind: 'warning', text })
  // What user code lets fall ends no thread, as it ends no single server: see `watchProcess`.
  process.on('uncaughtException', (error) => log.report(error, 'uncaughtException'))
  process.on('unhandledRejection', (reason) => log.report(reason, 'unhandledRejection'))
  let atOnce = false
  return {
    connection: (socket) => server.accept(socket),
    message(value) {
      const message = value as ToThread
      if (message.kind === 'listening') outbox.open()
      else if (message.kind === 'at once') atOnce = true
      else metrics?.answered(message)
    },
    stats: () => metrics?.read(),
    async drain({ grace }) {
      await server.close({ grace, ...(atOnce && { idleGrace: 0 }) })
      metrics?.sendLast()
      await log.close()
    },
  }
}
