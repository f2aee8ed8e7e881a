import { isatty } from 'node:tty'
import { inspect } from 'node:util'
import { reachableUrls } from './addresses.ts'
import { banner, readyLine } from './announce.ts'
import type { Announcement } from './announce.ts'
import { parseArguments } from './arguments.ts'
import type { ServeArguments } from './arguments.ts'
import { watchProcess } from './process-events.ts'
import { decideOrder } from './serve-order.ts'
import type { ServeOrder } from './serve-order.ts'
import type { Serving } from './serving.ts'
import { settle } from './settle.ts'
import { StartError, UsageError } from './usage-error.ts'
import { readVersion } from './version.ts'
import { writeNow } from './write-now.ts'

export interface MainOptions {
  /** The folder to serve when the command line names none. @default '.' */
  defaultRoot?: string
}

/**
 * The command `tsws`: runs until a signal ends the process. Paths are read from the current folder.
 *
 * Exit codes: 0 after a signal, 1 when the server could not start, 2 for a slip on the command line.
 */
export async function main(argv: readonly string[], options: MainOptions = {}): Promise<void> {
  try {
    const parsed = parseArguments(argv)
    if (parsed.kind === 'help') writeNow(1, parsed.text)
    else if (parsed.kind === 'version') writeNow(1, `${readVersion()}\n`)
    else if (parsed.kind === 'trust') writeNow(1, await (await import('./tls-files.ts')).explainTrust())
    else await serve(argv, parsed.serve, options.defaultRoot ?? '.')
  } catch (error) {
    writeNow(2, describe(error))
    // A module of the user may have left timers or sockets open, which would keep the process.
    process.exit(error instanceof UsageError ? 2 : 1)
  }
}

async function serve(argv: readonly string[], args: ServeArguments, defaultRoot: string): Promise<void> {
  const isTerminal = isatty(1)
  const decide = async (): Promise<ServeOrder> =>
    decideOrder(await settle(argv, args), defaultRoot, isTerminal)
  const order = await decide()
  const server = await start(order)
  watchProcess({
    // Who stops it by hand has read what there was; browsers keep idle connections open for minutes.
    stop: (signal) => server.close({ atOnce: isTerminal && signal === 'SIGINT' }),
    // A terminal that closes sends this signal too, and then nobody wants the server any more.
    reload: isTerminal ? null : async () => server.reload(await decide()),
    report: (error, origin) => server.log.report(error, origin),
  })
  const announcement = announcementOf(server, order)
  writeNow(1, isTerminal ? banner(announcement) : readyLine(announcement))
  for (const warning of server.warnings) server.log.warn(warning)
  if (order.tls?.isNewAuthority) server.log.info(NEW_AUTHORITY)
}

/**
 * The server itself, or the pool, is loaded where it is needed: each starts faster without the other. Who names a
 * strategy gets the pool with a single thread too, which can then be replaced.
 */
async function start(order: ServeOrder): Promise<Serving> {
  if (order.threads === 1 && order.args.threadStrategy === 'auto')
    return (await import('./serve-here.ts')).serveHere(order)
  return (await import('./serve-on-threads.ts')).serveOnThreads(order)
}

const NEW_AUTHORITY =
  'a local certificate authority has been made: browsers warn until they trust it, which "tsws --tls-trust" says how'

function announcementOf(server: Serving, { root, tls }: ServeOrder): Announcement {
  const { scheme, host, port, redirectPort, threads } = server
  const urls = reachableUrls(scheme, host, port)
  return {
    urls,
    root,
    port,
    redirectPort,
    version: readVersion(),
    threads,
    authority: tls?.authority ?? null,
  }
}

/** One line for what a person can put right; the stack only where code is at fault. */
function describe(error: unknown): string {
  if (error instanceof UsageError) return `tsws: ${error.message}\n`
  if (!(error instanceof StartError)) return `tsws: could not start\n${inspect(error)}\n`
  const cause = error.cause === undefined ? '' : `${inspect(error.cause)}\n`
  return `tsws: ${error.message}\n${cause}`
}
