import { resolve } from 'node:path'
import { inspect } from 'node:util'
import { startServer } from '@tsws/server'
import type { RunningServer, ServerConfig } from '@tsws/server'
import { reachableUrls } from './addresses.ts'
import { banner, readyLine } from './announce.ts'
import type { Announcement } from './announce.ts'
import { parseArguments } from './arguments.ts'
import type { ServeArguments } from './arguments.ts'
import { documentRoot } from './document-root.ts'
import { openLog } from './log.ts'
import { loadMiddleware } from './middleware-modules.ts'
import { watchProcess } from './process-events.ts'
import { explainStartFailure } from './start-failure.ts'
import { StartError, UsageError } from './usage-error.ts'
import { readVersion } from './version.ts'
import { writeNow } from './write-now.ts'

export interface MainOptions {
  /** The folder to serve when the command line names none. @default '.' */
  defaultRoot?: string
}

type CompressOptions = Exclude<ServerConfig['compress'], false | undefined>

/** Milliseconds that answers in flight have after the first signal, before they are cut. */
const GRACE = 10_000

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
    else await serve(parsed.serve, options.defaultRoot ?? '.')
  } catch (error) {
    writeNow(2, describe(error))
    // A module of the user may have left timers or sockets open, which would keep the process.
    process.exit(error instanceof UsageError ? 2 : 1)
  }
}

async function serve(args: ServeArguments, defaultRoot: string): Promise<void> {
  const folder = process.cwd()
  const root = await documentRoot(args.root ?? defaultRoot, folder)
  const tls =
    args.tls === null ? null : { cert: resolve(folder, args.tls.cert), key: resolve(folder, args.tls.key) }
  const middleware = await loadMiddleware(args.use, folder)
  const isTerminal = process.stdout.isTTY
  const log = await openLog(args.log ?? (isTerminal ? 'pretty' : 'json'))
  const server = await startServer({
    root,
    host: args.host,
    port: args.port,
    tls,
    middleware,
    // A page of the site's own for what is not there, and one for what went wrong, where it has them.
    static: { ...args.files, notFoundPage: '404.html' },
    errorPage: '50x.html',
    compress: args.compress ? compressOptions(args.compressCache, folder) : false,
    logger: log.logger,
    engine: { observer: log.observer },
  }).catch((error: unknown) => {
    throw explainStartFailure(error, args)
  })
  watchProcess({
    stop: async () => {
      await server.close({ grace: GRACE })
      await log.close()
    },
    report: (error, origin) => log.report(error, origin),
  })
  const announcement = announcementOf(server, root)
  writeNow(1, isTerminal ? banner(announcement) : readyLine(announcement))
  for (const warning of server.warnings) log.warn(warning)
}

function compressOptions(cache: string | null, folder: string): CompressOptions {
  return cache === null ? {} : { cache: { directory: resolve(folder, cache) } }
}

function announcementOf(server: RunningServer, root: string): Announcement {
  const { scheme, host, port } = server
  return { urls: reachableUrls(scheme, host, port), root, port, version: readVersion() }
}

/** One line for what a person can put right; the stack only where code is at fault. */
function describe(error: unknown): string {
  if (error instanceof UsageError) return `tsws: ${error.message}\n`
  if (!(error instanceof StartError)) return `tsws: could not start\n${inspect(error)}\n`
  const cause = error.cause === undefined ? '' : `${inspect(error.cause)}\n`
  return `tsws: ${error.message}\n${cause}`
}
