import { cac } from 'cac'
import type { CAC } from 'cac'
import type { ServerConfig } from '@tsws/server'
import { suggest, UsageError } from './usage-error.ts'

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
  /** Certificate chain and private key, PEM files; both or neither. */
  tls: { cert: string; key: string } | null
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
  /** The configuration file as typed; null when none was given. */
  config: string | null
  /** What only a configuration file says. */
  more: ServerSettings
}

/** Parts of the server's configuration for which there are no options on the command line. */
export type ServerSettings = Pick<
  ServerConfig,
  'static' | 'errorPage' | 'securityHeaders' | 'allowedHosts' | 'trustedProxies' | 'health'
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
  | { readonly kind: 'serve'; readonly serve: ServeArguments }

/** Where a developer's server is looked for, and what needs no privilege. */
export const DEFAULT_PORT = 8080
/** Only this machine can connect until somebody says otherwise. */
export const DEFAULT_HOST = '127.0.0.1'

/** Values of options by their name, as the command line's parser gives them. */
export type Flags = Readonly<Record<string, unknown>>

const LOG_FORMATS: readonly LogFormat[] = ['pretty', 'json', 'off']

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
  const words = argv.filter((word) => word !== '--')
  const { args, options } = cli.parse(['node', 'tsws', ...words], { run: false })
  const { '--': _, ...given } = options as Record<string, unknown>
  refuseUnknown(cli, given)
  // cac says `compress: true` where nobody said anything.
  if (given['compress'] === true && !words.includes('--compress')) delete given['compress']
  const flags: Flags = { compress: true, ...beneath, ...given }
  if (flags['help']) return { kind: 'help', text: helpText(cli) }
  if (flags['version']) return { kind: 'version' }
  if (args.length > 1) throw new UsageError(`one folder can be served, got ${args.length}: ${args.join(' ')}`)
  return {
    kind: 'serve',
    serve: {
      root: args[0] ?? single(flags['root'], 'root'),
      port: portOf(flags['port']),
      host: single(flags['host'], '--host') ?? DEFAULT_HOST,
      use: list(flags['use'], '--use'),
      log: logFormatOf(flags['log']),
      tls: tlsOf(single(flags['tlsCert'], '--tls-cert'), single(flags['tlsKey'], '--tls-key')),
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
      ...compressOf(given, flags),
      config: single(flags['config'], '--config'),
      more: {},
    },
  }
}

const OPTIONS: readonly (readonly [flags: string, description: string])[] = [
  ['-p, --port <number>', `TCP port, 0 for any free one (default: ${DEFAULT_PORT})`],
  ['--host <address>', `address to listen on, 0.0.0.0 for all (default: ${DEFAULT_HOST})`],
  ['--use <file>', 'module whose default export is a middleware, or a list of them; may be repeated'],
  ['--log <format>', 'access log: pretty, json or off (default: pretty on a terminal, json elsewhere)'],
  ['--tls-cert <file>', 'certificate chain (PEM): serve HTTPS; needs --tls-key'],
  ['--tls-key <file>', 'private key (PEM)'],
  [
    '--threads <number>',
    'threads that serve; auto: one for each core (default: auto, but 1 on a terminal or with --use)',
  ],
  [
    '--thread-strategy <name>',
    'how connections reach them: auto, transfer, reusePort or cluster (default: auto)',
  ],
  ['--spa', 'answer pages that are not found with index.html (single-page applications)'],
  ['--clean-urls', 'answer /about with about.html, and redirect /about.html to /about'],
  ['--base <path>', 'path under which the folder appears (default: /)'],
  ['--listing', 'show folders that have no index.html as a list'],
  ['--immutable', 'the files never change while the server runs: look at each only once'],
  ['--no-compress', 'send nothing compressed'],
  ['--compress-cache <dir>', 'keep what was compressed in this folder, for the next start'],
  ['--decode-requests', 'middleware reads request bodies decoded by their Content-Encoding (gzip, br, zstd)'],
  ['--config <file>', 'TOML file for what the command line leaves open, header rules included'],
  ['-h, --help', 'show this help'],
  ['-v, --version', 'show the version'],
]

function describe(): CAC {
  const cli = cac('tsws')
  const command = cli.command('[root]')
  for (const [flags, description] of OPTIONS) command.option(flags, description)
  return cli
}

function helpText(cli: CAC): string {
  const options = cli.commands[0]?.options ?? []
  const width = Math.max(...options.map(({ rawName }) => rawName.length))
  const lines = options.map(({ rawName, description }) => `  ${rawName.padEnd(width)}  ${description}`)
  return `Usage: tsws [root] [options]

Serves a folder over HTTP/1.1. Without a root, the folder you stand in.

Options:
${lines.join('\n')}

Examples:
  tsws ./dist
  tsws ./dist --port 3000 --host 0.0.0.0
  tsws --use api.ts --log json
  tsws ./dist --spa --threads auto --compress-cache ~/.cache/tsws
`
}

function refuseUnknown(cli: CAC, flags: Record<string, unknown>): void {
  const options = cli.commands[0]?.options ?? []
  const known = options.flatMap(({ names }) => names)
  const unknown = Object.keys(flags).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    const near = suggest(
      unknown,
      known.map(kebab).filter((name) => name.length > 1),
    )
    const hint = near === null ? '' : ` Did you mean ${dashes(near)}?`
    throw new UsageError(`unknown option ${dashes(kebab(unknown))}.${hint} tsws --help lists all options.`)
  }
  for (const { name, negated, required, rawName } of options) {
    if (required && typeof flags[name] === 'boolean') {
      throw new UsageError(`--${kebab(name)} needs a value: ${rawName}`)
    }
    if (!required && !negated && !SWITCHES.includes(name) && flags[name] === false)
      throw new UsageError(`unknown option --no-${kebab(name)}.`)
  }
}

function portOf(value: unknown): number {
  const text = single(value, '--port')
  if (text === null) return DEFAULT_PORT
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`--port must be a whole number from 0 to 65535, got ${text}`)
  }
  return port
}

function logFormatOf(value: unknown): LogFormat | null {
  const text = single(value, '--log')
  if (text === null) return null
  const format = LOG_FORMATS.find((known) => known === text)
  if (format === undefined) throw new UsageError(`--log must be pretty, json or off, got ${text}`)
  return format
}

function tlsOf(cert: string | null, key: string | null): ServeArguments['tls'] {
  if (cert !== null && key !== null) return { cert, key }
  if (cert !== null) throw new UsageError('--tls-cert needs --tls-key beside it')
  if (key !== null) throw new UsageError('--tls-key needs --tls-cert beside it')
  return null
}

/** More threads than this serve nobody: machines with more cores want several processes. */
export const MAX_THREADS = 256

function threadsOf(text: string | null): number | 'auto' | null {
  if (text === null || text === 'auto') return text
  const threads = Number(text)
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new UsageError(`--threads must be auto or a whole number from 1 to ${MAX_THREADS}, got ${text}`)
  }
  return threads
}

const STRATEGIES: readonly ThreadStrategy[] = ['auto', 'transfer', 'reusePort', 'cluster']

function strategyOf(text: string | null): ThreadStrategy {
  const strategy = STRATEGIES.find((known) => known === (text ?? 'auto'))
  if (strategy !== undefined) return strategy
  throw new UsageError(`--thread-strategy must be auto, transfer, reusePort or cluster, got ${text}`)
}

/** Segments of RFC 3986 §3.3 without percent-encoding, none of them empty. */
const BASE_PATH = /^(?:\/[\w.~!$&'()*+,;=:@-]+)*\/?$/
/** Clients resolve these before they ask (RFC 3986 §5.2.4), so nothing below would ever be asked for. */
const DOT_SEGMENT = /\/\.\.?(?:\/|$)/

function baseOf(path: string | null): string {
  if (path === null) return '/'
  if (BASE_PATH.test(path) && !DOT_SEGMENT.test(path)) return path
  throw new UsageError(`--base must be a path that begins with a slash, such as /app, got ${path}`)
}

function compressOf(given: Flags, flags: Flags): Pick<ServeArguments, 'compress' | 'compressCache'> {
  if (given['compress'] === false && given['compressCache'] !== undefined)
    throw new UsageError('--compress-cache and --no-compress exclude each other')
  const compress = isOn(flags['compress'], '--compress')
  const compressCache = single(flags['compressCache'], '--compress-cache')
  return { compress, compressCache: compress ? compressCache : null }
}

/** Options that are on or off; `--no-` before their name takes back what stands in the environment or a file. */
export const SWITCHES: readonly string[] = [
  'spa',
  'cleanUrls',
  'listing',
  'immutable',
  'compress',
  'decodeRequests',
]

/** Of a switch given twice the last word counts. */
function isOn(value: unknown, flag: string): boolean {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value
  if (last === undefined || typeof last === 'boolean') return last ?? false
  throw new UsageError(`${flag} is on or off and takes no value, got ${String(last)}`)
}

/** A switch, or with a value the page itself: `--spa=app.html`. */
function spaOf(value: unknown): boolean | string {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value
  return typeof last === 'string' && last !== '' ? last : isOn(last, '--spa')
}

/** cac turns what looks like a number into one; here all values are words. */
function list(value: unknown, flag: string): string[] {
  if (value === undefined) return []
  const words = (Array.isArray(value) ? value : [value]).map(String)
  if (words.includes('')) throw new UsageError(`${flag} must not be empty`)
  return words
}

function single(value: unknown, flag: string): string | null {
  const words = list(value, flag)
  if (words.length > 1) throw new UsageError(`${flag} was given ${words.length} times: ${words.join(', ')}`)
  return words[0] ?? null
}

export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function dashes(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`
}
