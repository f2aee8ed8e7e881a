import { LogDestination } from '@tsws/observe'
import { ServerPool } from '@tsws/pool'
import type { LogFormat, ServeArguments } from './arguments.ts'
import { openLog } from './log.ts'
import { explainStartFailure } from './start-failure.ts'
import type { Serving } from './serving.ts'
import type { ThreadData, ThreadMessage } from './thread.ts'

/** The server on several threads: each has all of it but the port and the log, which are here. */
export async function serveOnThreads(
  args: ServeArguments,
  root: string,
  folder: string,
  format: LogFormat,
  grace: number,
): Promise<Serving> {
  const output = new LogDestination(1)
  const log = await openLog(format, { write: (lines) => output.write(lines) })
  const warnings = new Set<string>()
  const data: ThreadData = { args, root, folder, log: format }
  const pool = await ServerPool.start(new URL(import.meta.resolve('@tsws/cli/thread')), {
    listen: { host: args.host, port: args.port, allowHalfOpen: true, noDelay: true },
    threads: args.threads,
    strategy: args.threadStrategy,
    data,
    grace,
  }).catch((error: unknown) => {
    throw explainStartFailure(error, args)
  })
  pool.on('message', ({ value }) => {
    const message = value as ThreadMessage
    if (message.kind === 'log') output.write(message.lines)
    else if (!warnings.has(message.text)) {
      warnings.add(message.text) // every thread reads the same certificate
      log.warn(message.text)
    }
  })
  pool.on('threadExit', ({ id, reason, connections, error }) => {
    if (reason === 'crashed' || reason === 'hung') {
      log.report(
        error ?? new Error('it gave no reason'),
        `thread ${id} ${reason} with ${connections} connections and is replaced`,
      )
    }
  })
  const [address] = pool.addresses
  return {
    scheme: args.tls === null ? 'http' : 'https',
    host: args.host,
    port: typeof address === 'object' && address !== null && 'port' in address ? address.port : args.port,
    threads: { count: pool.size, strategy: pool.strategy },
    warnings: [],
    log,
    async close() {
      await pool.close({ grace })
      await log.close()
      await output.close()
    },
  }
}
