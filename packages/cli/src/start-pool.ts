import { ServerPool } from '@tsws/pool'
import type { ServerPoolOptions } from '@tsws/pool'
import type { LogOfThreads } from './log-of-threads.ts'
import type { MetricsOfThreads } from './metrics-of-threads.ts'
import type { ServeOrder } from './serve-order.ts'
import { explainStartFailure } from './start-failure.ts'
import type { ThreadMessage, ToThread } from './thread-outbox.ts'

const LISTENING: ToThread = { kind: 'listening' }

/** Who does something with what threads tell. */
export interface Listeners {
  readonly output: LogOfThreads
  readonly metrics: MetricsOfThreads
  /** Warnings that were told already: every thread reads the same certificate. */
  readonly told: Set<string>
}

/** Starts the threads, and hears what they tell. */
export async function startPool(
  order: ServeOrder,
  where: Pick<ServerPoolOptions, 'listen' | 'startWith'>,
  { output, metrics, told }: Listeners,
): Promise<ServerPool> {
  const { args, grace } = order
  const pool = await ServerPool.start(new URL(import.meta.resolve('@tsws/cli/thread')), {
    ...where,
    threads: order.threads,
    strategy: args.threadStrategy,
    data: order,
    grace,
  }).catch((error: unknown) => {
    throw explainStartFailure(error, args)
  })
  const { log, write } = output
  metrics.attach(pool)
  pool.on('message', ({ id, value }) => {
    const message = value as ThreadMessage
    if (message.kind === 'log') return write(message.lines)
    if (message.kind !== 'warning') return metrics.received(id, message)
    if (told.has(message.text)) return
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
  return pool
}
