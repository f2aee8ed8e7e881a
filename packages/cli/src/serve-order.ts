import type { BasicAuthOptions } from '@tsws/security'
import type { LogFormat, ServeArguments } from './arguments.ts'
import { cacheFolder } from './cache-folder.ts'
import { documentRoot } from './document-root.ts'
import { threadCount } from './thread-count.ts'
import type { TlsFiles } from './tls-files.ts'
import { UsageError } from './usage-error.ts'

/** What to serve, with everything decided that the command line left open. */
export interface ServeOrder {
  readonly args: ServeArguments
  /** The folder that is served, absolute. */
  readonly root: string
  /** Where paths of the command line begin. */
  readonly folder: string
  readonly log: LogFormat
  /** Null: plain HTTP. */
  readonly tls: TlsFiles | null
  /** Whether lines for people may be coloured. */
  readonly colour: boolean
  /** Who is let in; null for everybody. */
  readonly auth: BasicAuthOptions | null
  readonly threads: number
  /** Milliseconds that answers in flight have at the end. */
  readonly grace: number
}

/** Milliseconds that answers in flight have after the first signal, before they are cut. */
const GRACE = 10_000

/**
 * Looks at the file system and the machine for what the command line and the configuration file say.
 *
 * @param defaultRoot the folder to serve when they name none
 * @throws {UsageError}
 */
export async function decideOrder(
  args: ServeArguments,
  defaultRoot: string,
  isTerminal: boolean,
): Promise<ServeOrder> {
  const folder = process.cwd()
  const root = documentRoot(args.root ?? defaultRoot, folder)
  if (args.compressCache !== null) await cacheFolder(args.compressCache, root, folder)
  const log = args.log ?? (isTerminal ? 'pretty' : 'json')
  const tls = args.tls === null ? null : await (await import('./tls-files.ts')).tlsFiles(args, root, folder)
  if (args.redirect !== null && tls === null)
    throw new UsageError('--redirect-port sends clients to HTTPS, which needs --tls or --tls-cert')
  if (args.tlsClientCa !== null && tls === null)
    throw new UsageError('--tls-client-ca asks clients for certificates, which needs --tls or --tls-cert')
  const hasAuth = args.auth !== null || args.authFile !== null
  const auth = hasAuth ? await (await import('./users-file.ts')).authOf(args, root, folder) : null
  const threads = await threadCount(args, isTerminal)
  return { args, root, folder, log, tls, auth, colour: isTerminal, threads, grace: GRACE }
}

/** Settings of the command that only a new start changes, by the names of their options. */
const FIXED = ['host', 'port', 'redirect', 'threads', 'threadStrategy', 'log'] as const

/** Which of the fixed settings the two orders do not have in common. */
export function fixedChanges(before: ServeOrder, after: ServeOrder): string[] {
  return FIXED.filter((name) => JSON.stringify(before.args[name]) !== JSON.stringify(after.args[name]))
}
