import { shareAcrossThreads } from '@tsws/compress/threads'
import { ServerPool } from '@tsws/pool'
import type { RunningRedirect } from '@tsws/server'
import type { CommandLog } from './log.ts'
import { fixedChanges } from './serve-order.ts'
import type { ServeOrder } from './serve-order.ts'
import { explainStartFailure } from './start-failure.ts'
import type { Serving } from './serving.ts'
import type { ThreadMessage, ToThread } from './thread-outbox.ts'

const LISTENING: ToThread = { kind: 'listening' }
const AT_ONCE: ToThread = { kind: 'at once' }

/** The server on several threads: each has all of it but the port and the log's destination, which are here. */
export async function serveOnThreads(order: ServeOrder): Promise<Serving> {
  const { args, grace } = order
  if (args.compress) shareAcrossThreads()
  const tickets =
    order.tls === null ? null : (await import('@tsws/tls/threads')).shareTicketKeysAcrossThreads()
  if (args.more.rateLimit || order.auth !== null) (await import('./counts-of-threads.ts')).countTogether()
  const starting = ServerPool.start(new URL(import.meta.resolve('@tsws/cli/thread')), {
    listen: { host: args.host, port: args.port, allowHalfOpen: true, noDelay: true },
    threads: order.threads,
    startWith: 1, // the first answer need not wait for the others
    strategy: args.threadStrategy,
    data: order,
    grace,
  })
  starting.catch(() => {}) // looked at below
  // Loaded while the threads start.
  const { MetricsOfThreads, openLogOfThreads } = await import('./told-by-threads.ts')
  const { log, write, close: closeLog } = await openLogOfThreads(order)
  const pool = await starting.catch((error: unknown) => {
    throw explainStartFailure(error, args)
  })
  const told = new Set<string>()
  const metrics = new MetricsOfThreads(pool)
  pool.on('message', ({ id, value }) => {
    const message = value as ThreadMessage
    if (message.kind === 'log') return write(message.lines)
    if (message.kind !== 'warning') return metrics.received(id, message)
    if (told.has(message.text)) return // every thread reads the same certificate
    told.add(message.text)
    log.warn(message.text)
  })
  pool.on('threadExit', ({ id, reason, connections, error }) => {
    if (reason !== 'crashed' && reason !== 'hung') return
    log.report(
      error ?? new Error('it gave no reason'),
      `thread ${id} ${reason} with ${connections} connections and is replaced`,
    )
  })
  // From now on somebody listens to what threads tell: see `ThreadOutbox`.
  pool.on('threadReady', ({ id }) => pool.send(id, LISTENING))
  pool.broadcast(LISTENING)
  if (args.metrics !== null) metrics.loadSoon()
  const [address] = pool.addresses
  const port = typeof address === 'object' && address !== null && 'port' in address ? address.port : args.port
  const redirect = await startRedirect(order, port, log, pool)
  return {
    scheme: args.tls === null ? 'http' : 'https',
    host: args.host,
    port,
    redirectPort: redirect?.port ?? null,
    threads: { count: pool.size, strategy: pool.strategy },
    warnings: [],
    log,
    async reload(next) {
      told.clear()
      // Lines of one stream are of one kind, and the listeners are those of the start.
      const data: ServeOrder = { ...next, log: order.log }
      tickets?.renew() // new threads ask every client for what they now want to know
      await pool.reload({ data, grace }).catch((error: unknown) => {
        throw explainStartFailure(error, next.args)
      })
      tickets?.renew() // and do not believe what old ones went on to give until their end
      redirect?.reload()
      log.info('every thread has been replaced')
      const fixed = fixedChanges(order, next)
      if (fixed.length > 0) log.warn(`only a new start changes ${fixed.join(', ')}`)
    },
    async close({ atOnce }) {
      if (atOnce) pool.broadcast(AT_ONCE)
      await Promise.all([pool.close({ grace }), redirect?.close({ grace })])
      await closeLog()
    },
  }
}

/** The plain port is this thread's: it has little to do. */
async function startRedirect(
  order: ServeOrder,
  port: number,
  log: CommandLog,
  pool: ServerPool,
): Promise<RunningRedirect | null> {
  if (order.args.redirect === null) return null
  const [server, { serverConfig }] = await Promise.all([import('@tsws/server'), import('./server-config.ts')])
  return server.startRedirect(serverConfig(order, [], log), { port }).catch(async (error: unknown) => {
    await pool.close({ grace: 0 })
    throw explainStartFailure(error, order.args)
  })
}
