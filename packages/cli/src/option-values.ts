import type { BasicAuthOptions, CorsOptions } from '@tsws/security'
import type { LogFormat, ServeArguments, ThreadStrategy } from './arguments.ts'
import { UsageError } from './usage-error.ts'

// What each word of the command line may be. Every function throws a `UsageError` that says what was expected.

/** Values of options by their name, as the command line's parser gives them. */
export type Flags = Readonly<Record<string, unknown>>

/** Where a developer's server is looked for, and what needs no privilege. */
export const DEFAULT_PORT = 8080
/** Only this machine can connect until somebody says otherwise. */
export const DEFAULT_HOST = '127.0.0.1'

const LOG_FORMATS: readonly LogFormat[] = ['pretty', 'json', 'off']

export function portOf(value: unknown): number {
  return portNumber(single(value, '--port'), '--port') ?? DEFAULT_PORT
}

function portNumber(text: string | null, flag: string): number | null {
  if (text === null) return null
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`${flag} must be a whole number from 0 to 65535, got ${text}`)
  }
  return port
}

export function logFormatOf(value: unknown): LogFormat | null {
  const text = single(value, '--log')
  if (text === null) return null
  const format = LOG_FORMATS.find((known) => known === text)
  if (format === undefined) throw new UsageError(`--log must be pretty, json or off, got ${text}`)
  return format
}

/**
 * Files of one's own, or `--tls` for a local certificate; where both are said, in different places perhaps, the files.
 * @param given what stands on the command line itself: there, nothing may be said in vain
 */
export function tlsOf(given: Flags, flags: Flags): ServeArguments['tls'] {
  const cert = single(flags['tlsCert'], '--tls-cert')
  const key = single(flags['tlsKey'], '--tls-key')
  const names = list(flags['tlsNames'], '--tls-names').flatMap((entry) => entry.split(','))
  if (isOff(given['tls'])) {
    const vain = ['tlsCert', 'tlsKey', 'tlsNames'].find((name) => given[name] !== undefined)
    if (vain === undefined) return null
    throw new UsageError(`--no-tls and --${vain.replace(/[A-Z]/, '-$&').toLowerCase()} exclude each other`)
  }
  if (cert !== null && key !== null) return { cert, key }
  if (cert !== null) throw new UsageError('--tls-cert needs --tls-key beside it')
  if (key !== null) throw new UsageError('--tls-key needs --tls-cert beside it')
  if (given['tlsNames'] === undefined && !isOn(flags['tls'] ?? names.length > 0, '--tls')) return null
  return { names: names.map((name) => name.trim()) }
}

/** @param given what stands on the command line itself: there, nothing may be said in vain */
export function redirectOf(given: Flags, flags: Flags): ServeArguments['redirect'] {
  const port = portNumber(single(flags['redirectPort'], '--redirect-port'), '--redirect-port')
  const toPort = portNumber(single(flags['redirectToPort'], '--redirect-to-port'), '--redirect-to-port')
  const acmeWebroot = single(flags['acmeWebroot'], '--acme-webroot')
  if (port !== null) return { port, toPort, acmeWebroot }
  if (given['redirectToPort'] !== undefined)
    throw new UsageError('--redirect-to-port needs --redirect-port beside it')
  if (given['acmeWebroot'] !== undefined)
    throw new UsageError('--acme-webroot needs --redirect-port beside it')
  return null
}

function isOff(value: unknown): boolean {
  return (Array.isArray(value) ? value.at(-1) : value) === false
}

/** More threads than this serve nobody: machines with more cores want several processes. */
export const MAX_THREADS = 256

export function threadsOf(text: string | null): number | 'auto' | null {
  if (text === null || text === 'auto') return text
  const threads = Number(text)
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new UsageError(`--threads must be auto or a whole number from 1 to ${MAX_THREADS}, got ${text}`)
  }
  return threads
}

const STRATEGIES: readonly ThreadStrategy[] = ['auto', 'transfer', 'reusePort', 'cluster']

export function strategyOf(text: string | null): ThreadStrategy {
  const strategy = STRATEGIES.find((known) => known === (text ?? 'auto'))
  if (strategy !== undefined) return strategy
  throw new UsageError(`--thread-strategy must be auto, transfer, reusePort or cluster, got ${text}`)
}

/** Segments of RFC 3986 §3.3 without percent-encoding, none of them empty. */
const BASE_PATH = /^(?:\/[\w.~!$&'()*+,;=:@-]+)*\/?$/
/** Clients resolve these before they ask (RFC 3986 §5.2.4), so nothing below would ever be asked for. */
const DOT_SEGMENT = /\/\.\.?(?:\/|$)/

export function baseOf(path: string | null): string {
  if (path === null) return '/'
  if (BASE_PATH.test(path) && !DOT_SEGMENT.test(path)) return path
  throw new UsageError(`--base must be a path that begins with a slash, such as /app, got ${path}`)
}

export function compressOf(given: Flags, flags: Flags): Pick<ServeArguments, 'compress' | 'compressCache'> {
  if (given['compress'] === false && given['compressCache'] !== undefined)
    throw new UsageError('--compress-cache and --no-compress exclude each other')
  const compress = isOn(flags['compress'], '--compress')
  const compressCache = single(flags['compressCache'], '--compress-cache')
  return { compress, compressCache: compress ? compressCache : null }
}

/** Of a switch given twice the last word counts. */
export function isOn(value: unknown, flag: string): boolean {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value
  if (last === undefined || typeof last === 'boolean') return last ?? false
  throw new UsageError(`${flag} is on or off and takes no value, got ${String(last)}`)
}

/** A switch, or with a value the page itself: `--spa=app.html`. */
export function spaOf(value: unknown): boolean | string {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value
  return typeof last === 'string' && last !== '' ? last : isOn(last, '--spa')
}

/**
 * A switch for every page there is, or the origins that are let in; in a file, everything that `cors` knows.
 * @param given what stands on the command line itself: it goes over what is said elsewhere, in whichever way
 */
export function corsOf(given: Flags, flags: Flags): CorsOptions | null {
  const value = flags['cors']
  if (given['cors'] !== undefined && given['corsOrigin'] === undefined)
    return isOn(value, '--cors') ? {} : null
  const origins = list(flags['corsOrigin'], '--cors-origin')
  if (origins.length > 0)
    return { origins: origins.flatMap((one) => one.split(',')).map((one) => one.trim()) }
  if (typeof value === 'string') return { origins: [value] }
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return { origins: value }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  return isOn(value, '--cors') ? {} : null
}

/** `name:password` of the environment, or the table of the file. What is wrong with it is said without the password. */
export function authTableOf(value: unknown): BasicAuthOptions | null {
  if (value === undefined) return null
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  const text = typeof value === 'string' ? value : ''
  const colon = text.indexOf(':')
  if (colon > 0 && colon < text.length - 1)
    return { users: { [text.slice(0, colon)]: text.slice(colon + 1) } }
  throw new UsageError('--auth must be name:password')
}

/** @param given what stands on the command line itself: there, nothing may be said in vain */
export function metricsOf(given: Flags, flags: Flags): ServeArguments['metrics'] {
  const isWanted = isOn(flags['metrics'], '--metrics')
  for (const name of ['metricsPath', 'metricsFrom'])
    if (given[name] !== undefined && !isWanted)
      throw new UsageError(
        `--metrics-${name.slice('metrics'.length).toLowerCase()} needs --metrics beside it`,
      )
  const path = single(flags['metricsPath'], '--metrics-path') ?? '/metrics'
  if (!/^\/[^?#\s]*$/.test(path))
    throw new UsageError(
      `--metrics-path must be a path that begins with a slash, such as /metrics, got ${path}`,
    )
  const from = list(flags['metricsFrom'], '--metrics-from').flatMap((entry) => entry.split(','))
  const addresses = from.map((entry) => entry.trim())
  return isWanted ? { path, from: addresses.length === 0 ? ['loopback'] : addresses } : null
}

/** cac turns what looks like a number into one; here all values are words. */
export function list(value: unknown, flag: string): string[] {
  if (value === undefined) return []
  const words = (Array.isArray(value) ? value : [value]).map(String)
  if (words.includes('')) throw new UsageError(`${flag} must not be empty`)
  return words
}

export function single(value: unknown, flag: string): string | null {
  const words = list(value, flag)
  if (words.length > 1) throw new UsageError(`${flag} was given ${words.length} times: ${words.join(', ')}`)
  return words[0] ?? null
}
