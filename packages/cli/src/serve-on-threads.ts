import { once } from 'node:events'
import { shareAcrossThreads } from '@tsws/compress/threads'
import type { ServerPool } from '@tsws/pool'
import { strategyHere } from '@tsws/pool/surroundings'
import type { Strategy } from '@tsws/pool/surroundings'
import type { RunningRedirect } from '@tsws/server'
import type { FirstServer } from './first-answers.ts'
import type { CommandLog } from './log.ts'
import { openLogOfThreads } from './log-of-threads.ts'
import { MetricsOfThreads } from './metrics-of-threads.ts'
import { fixedChanges } from './serve-order.ts'
import type { ServeOrder } from './serve-order.ts'
import { explainStartFailure } from './start-failure.ts'
import type { Serving } from './serving.ts'
import type { Listeners } from './start-pool.ts'
import type { ToThread } from './thread-outbox.ts'

const AT_ONCE: ToThread = { kind: 'at once' }

/**
 * Milliseconds after the port is open until threads are started: to start them takes the processor for a while, and who
 * waited for the port asks now.
 */
const FIRST_ANSWERS = 50

/**
 * The server on several threads: each has all of it but the port and the log's destination, which are here. Until the first
 * of them serves, this thread answers too, where it can.
 */
export async function serveOnThreads(order: ServeOrder): Promise<Serving> {
  const { args, grace } = order
  const strategy = strategyOf(order)
  if (args.compress) shareAcrossThreads()
  const tickets =
    order.tls === null ? null : (await import('@tsws/tls/threads')).shareTicketKeysAcrossThreads()
  if (args.more.rateLimit || order.auth !== null) (await import('./counts-of-threads.ts')).countTogether()
  const output = await openLogOfThreads(order)
  const metrics = new MetricsOfThreads()
  const listeners = { output, metrics, told: new Set<string>() }
  const { log } = output
  const { first, port, pool, serving } = canAnswerFirst(order, strategy)
    ? await startBehindFirst(order, listeners)
    : await startBeforePort(order, listeners)
  if (args.metrics !== null) metrics.loadSoon()
  const redirect = await startRedirect(order, port, log).catch(async (error: unknown) => {
    await (await pool())?.close({ grace: 0 })
    throw explainStartFailure(error, args)
  })
  return {
    scheme: args.tls === null ? 'http' : 'https',
    host: args.host,
    port,
    redirectPort: redirect?.port ?? null,
    threads: { count: order.threads, strategy },
    warnings: first?.warnings ?? [],
    log,
    async reload(next) {
      listeners.told.clear()
      // Lines of one stream are of one kind, and the listeners are those of the start.
      const data: ServeOrder = { ...next, log: order.log }
      tickets?.renew() // new threads ask every client for what they now want to know
      await (await serving)?.reload({ data, grace }).catch((error: unknown) => {
        throw explainStartFailure(error, next.args)
      })
      tickets?.renew() // and do not believe what old ones went on to give until their end
      redirect?.reload()
      log.info('every thread has been replaced')
      const fixed = fixedChanges(order, next)
      if (fixed.length > 0) log.warn(`only a new start changes ${fixed.join(', ')}`)
    },
    async close({ atOnce }) {
      const ending = first?.close({ grace, ...(atOnce && { idleGrace: 0 }) })
      const threads = await pool()
      if (atOnce) threads?.broadcast(AT_ONCE)
      await Promise.all([ending, threads?.close({ grace }), redirect?.close({ grace })])
      await output.close()
    },
  }
}

function strategyOf({ args }: ServeOrder): Strategy {
  try {
    return strategyHere(args.threadStrategy)
  } catch (error) {
    throw explainStartFailure(error, args)
  }
}

/** The plain port is this thread's: it has little to do. */
async function startRedirect(
  order: ServeOrder,
  port: number,
  log: CommandLog,
): Promise<RunningRedirect | null> {
  if (order.args.redirect === null) return null
  const [server, { serverConfig }] = await Promise.all([import('@tsws/server'), import('./server-config.ts')])
  return server.startRedirect(serverConfig(order, [], log), { port })
}

/**
 * Where this thread accepts connections. Modules of the user belong to the threads: what they set up here would never end,
 * and never be replaced. Certificates and tickets are the threads' as well.
 */
function canAnswerFirst({ args, tls }: ServeOrder, strategy: Strategy): boolean {
  return strategy !== 'reusePort' && args.use.length === 0 && tls === null
}

interface Started {
  readonly first: FirstServer | null
  readonly port: number
  /** The pool when its first thread serves, or has failed to and will be tried again; null when it could not be started. */
  readonly serving: Promise<ServerPool | null>
  /** To be closed. If it has not been started, it will not be. */
  pool(): Promise<ServerPool | null>
}

/** This thread answers at once, and the threads take over when they are there. */
async function startBehindFirst(order: ServeOrder, listeners: Listeners): Promise<Started> {
  const { output, metrics, told } = listeners
  const { answerFirst } = await import('./first-answers.ts')
  const first = await answerFirst(order, output, () => metrics.text())
  metrics.readHere = first.readMetrics
  for (const warning of first.warnings) told.add(warning)
  let isClosing = false
  const start = async (): Promise<{ pool: ServerPool; isThere: Promise<unknown> } | null> => {
    if (isClosing) return null
    const { startPool } = await import('./start-pool.ts')
    const where = { listen: { server: first.listener, allowHalfOpen: true, noDelay: true }, startWith: 0 }
    const pool = await startPool(order, where, listeners)
    const isThere = Promise.race([once(pool, 'threadReady'), once(pool, 'threadExit')])
    pool.once('threadReady', () => void first.retire().then(() => metrics.endHere()))
    return { pool, isThere }
  }
  const { promise: mayStart, resolve: startNow } = Promise.withResolvers<void>()
  setTimeout(startNow, FIRST_ANSWERS)
  const starting = mayStart.then(start).catch((error: unknown) => {
    output.log.report(error, 'no thread could be started: the main thread goes on alone')
    return null
  })
  return {
    first,
    port: first.port,
    serving: starting.then(async (started) => {
      await started?.isThere
      return started?.pool ?? null
    }),
    pool() {
      isClosing = true
      startNow()
      return starting.then((started) => started?.pool ?? null)
    },
  }
}

/** The first thread opens the port, or is there when it is opened; the others follow. */
async function startBeforePort(order: ServeOrder, listeners: Listeners): Promise<Started> {
  const { host, port } = order.args
  const { startPool } = await import('./start-pool.ts')
  const listen = { host, port, allowHalfOpen: true, noDelay: true }
  const pool = await startPool(order, { listen, startWith: 1 }, listeners)
  const [address] = pool.addresses
  return {
    first: null,
    port: typeof address === 'object' ? address.port : port,
    serving: Promise.resolve(pool),
    pool: () => Promise.resolve(pool),
  }
}
