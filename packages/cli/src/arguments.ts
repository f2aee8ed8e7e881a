import type { BasicAuthOptions, CorsOptions } from '@tsws/security'
import type { ServerConfig } from '@tsws/server'
import { describe, helpText, refuseUnknown, withoutSwitchValues } from './known-options.ts'
import {
  authTableOf,
  baseOf,
  compressOf,
  corsOf,
  DEFAULT_HOST,
  isOn,
  list,
  logFormatOf,
  metricsOf,
  portOf,
  redirectOf,
  single,
  spaOf,
  strategyOf,
  threadsOf,
  tlsOf,
} from './option-values.ts'
import type { Flags } from './option-values.ts'
import { UsageError } from './usage-error.ts'

export type ThreadStrategy = 'auto' | 'transfer' | 'reusePort' | 'cluster'

export type LogFormat = 'pretty' | 'json' | 'off'

/** What the command line asks for, checked word by word; the file system has not been looked at. */
export interface ServeArguments {
  /** Folder to serve as typed; null when none was given. */
  root: string | null
  /** TCP port; 0 takes any that is free. @default 8080 */
  port: number
  /** Address or name to listen on. @default '127.0.0.1' */
  host: string
  /** Middleware modules, outermost first. */
  use: string[]
  /** null: `pretty` on a terminal, `json` elsewhere. */
  log: LogFormat | null
  /** Certificate chain and private key, PEM files; or the names that a local certificate has beyond the usual ones. */
  tls: { cert: string; key: string } | { names: readonly string[] } | null
  /** PEM file with the authorities whose certificates clients need; null: clients need none. */
  tlsClientCa: string | null
  /** The second port, which sends plain HTTP to HTTPS; null for none. */
  redirect: { port: number; toPort: number | null; acmeWebroot: string | null } | null
  /** Threads that serve; `auto` is one for each core that can be used, null leaves it to the command. */
  threads: number | 'auto' | null
  /** How connections reach the threads. @default 'auto' */
  threadStrategy: ThreadStrategy
  /** How the folder is served. */
  files: FileArguments
  /** Compression by `Accept-Encoding`. @default true */
  compress: boolean
  /** Folder in which what was compressed survives a restart; null keeps it in memory only. */
  compressCache: string | null
  /** Request bodies reach middleware decoded by their `Content-Encoding`. @default false */
  decodeRequests: boolean
  /** Where metrics are answered and to whom; null for none. */
  metrics: { path: string; from: readonly string[] } | null
  /** Which pages of other origins may read answers; null for none. */
  cors: CorsOptions | null
  /** Names and passwords, of the environment or the configuration file; null for none. */
  auth: BasicAuthOptions | null
  /** File of names and passwords as typed; null when none was given. */
  authFile: string | null
  /** The configuration file as typed; null when none was given. */
  config: string | null
  /** What only a configuration file says. */
  more: ServerSettings
}

/** Parts of the server's configuration for which there are no options on the command line. */
export type ServerSettings = Pick<
  ServerConfig,
  'static' | 'errorPage' | 'securityHeaders' | 'allowedHosts' | 'trustedProxies' | 'health' | 'rateLimit'
>

export interface FileArguments {
  /** Path under which the folder appears. @default '/' */
  base: string
  /** `/about` answers with `about.html`. */
  cleanUrls: boolean
  /** Pages that are not found are `index.html`, or that page, for applications that route in the browser. */
  spa: boolean | string
  /** A directory without an index is shown as a list. */
  listing: boolean
  /** The files never change while the server runs. */
  immutable: boolean
}

export type Arguments =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }
  | { readonly kind: 'trust' }
  | { readonly kind: 'serve'; readonly serve: ServeArguments }

/**
 * A `--` is skipped wherever it stands: pnpm 12 passes on the one that people type between its
 * own words and ours. A folder whose name begins with a dash is `./-name`.
 *
 * @param argv the words after the program's name
 * @param beneath values of options that the words leave open, by name: `{ cleanUrls: true }`
 * @throws {UsageError}
 */
export function parseArguments(argv: readonly string[], beneath: Flags = {}): Arguments {
  const cli = describe()
  // cac wants the program's two words in front, and has no action to run: what follows is ours.
  const { words, values } = withoutSwitchValues(argv.filter((word) => word !== '--'))
  const { args, options } = cli.parse(['node', 'tsws', ...words], { run: false })
  const { '--': _, ...given } = { ...(options as Record<string, unknown>), ...values }
  refuseUnknown(cli, given)
  // cac says `compress: true` where nobody said anything.
  if (given['compress'] === true && !words.includes('--compress')) delete given['compress']
  const flags: Flags = { compress: true, ...beneath, ...given }
  if (flags['help']) return { kind: 'help', text: helpText(cli) }
  if (flags['version']) return { kind: 'version' }
  if (given['tlsTrust']) return { kind: 'trust' }
  if (args.length > 1) throw new UsageError(`one folder can be served, got ${args.length}: ${args.join(' ')}`)
  return {
    kind: 'serve',
    serve: {
      root: args[0] ?? single(flags['root'], 'root'),
      port: portOf(flags['port']),
      host: single(flags['host'], '--host') ?? DEFAULT_HOST,
      use: list(flags['use'], '--use'),
      log: logFormatOf(flags['log']),
      tls: tlsOf(given, flags),
      tlsClientCa: single(flags['tlsClientCa'], '--tls-client-ca'),
      redirect: redirectOf(given, flags),
      threads: threadsOf(single(flags['threads'], '--threads')),
      threadStrategy: strategyOf(single(flags['threadStrategy'], '--thread-strategy')),
      files: {
        base: baseOf(single(flags['base'], '--base')),
        cleanUrls: isOn(flags['cleanUrls'], '--clean-urls'),
        spa: spaOf(flags['spa']),
        listing: isOn(flags['listing'], '--listing'),
        immutable: isOn(flags['immutable'], '--immutable'),
      },
      decodeRequests: isOn(flags['decodeRequests'], '--decode-requests'),
      metrics: metricsOf(given, flags),
      cors: corsOf(given, flags),
      auth: authTableOf(flags['auth']),
      authFile: single(flags['authFile'], '--auth-file'),
      ...compressOf(given, flags),
      config: single(flags['config'], '--config'),
      more: {},
    },
  }
}
