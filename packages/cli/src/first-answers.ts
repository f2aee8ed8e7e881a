import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { openPort, prepareServer } from '@tsws/server'
import type { PreparedServer } from '@tsws/server'
import { openLog } from './log.ts'
import type { LogOfThreads } from './log-of-threads.ts'
import { serverConfig } from './server-config.ts'
import type { ServeOrder } from './serve-order.ts'
import { explainStartFailure } from './start-failure.ts'

/** What this thread calls itself in the log and in metrics; those of the pool begin with 1. */
const MAIN_THREAD = 0

export interface FirstServer extends Pick<PreparedServer, 'warnings' | 'readMetrics' | 'retire'> {
  /** Where connections come from, for the pool to take over. */
  readonly listener: Server
  readonly port: number
  close(options: { grace: number; idleGrace?: number }): Promise<void>
}

/**
 * Opens the port and answers on this thread: the others, which take as long to start as the whole command did until here,
 * need not be waited for.
 *
 * @param collect the metrics of all
 */
export async function answerFirst(
  order: ServeOrder,
  { write }: LogOfThreads,
  collect: () => Promise<string>,
): Promise<FirstServer> {
  const { args, colour } = order
  const log = await openLog(order.log, { destination: { write }, colour, thread: MAIN_THREAD })
  try {
    const server = await prepareServer(serverConfig(order, [], log, collect))
    // Paused: a socket that has begun to read could not be moved to a thread.
    const listener = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true })
    listener.on('connection', (socket) => server.accept(asNew(socket)))
    const port = await openPort(listener, args.host, args.port)
    listener.on('error', () => {}) // running out of file descriptors fails an accept, not the server
    const { warnings, readMetrics, retire } = server
    return {
      listener,
      port,
      warnings,
      readMetrics,
      retire,
      async close(options) {
        listener.close()
        await server.close(options)
        await log.close()
      },
    }
  } catch (error) {
    throw explainStartFailure(error, args)
  }
}

/** As if it had not been paused: it flows when its reader comes. */
function asNew(socket: Socket): Socket {
  ;(socket as { readableFlowing: boolean | null }).readableFlowing = null
  return socket
}
