import type { CompressOptions, DecodeOptions } from '@tsws/compress'
import type { EngineOptions } from '@tsws/engine'
import type { Middleware } from '@tsws/http'
import type { Log, RequestIdOptions } from '@tsws/observe'
import type {
  BasicAuthOptions,
  BearerAuthOptions,
  CorsOptions,
  RateLimitOptions,
  SecurityHeadersOptions,
} from '@tsws/security'
import type { StaticOptions } from '@tsws/static'
import type { TlsOptions } from '@tsws/tls'

/** What a server is made of. Each part can be left out; what is on by default is what a public server needs. */
export interface ServerConfig {
  /** Folder whose files are served, or null for a server without files. @default null */
  root?: string | null
  /** Address or name to listen on; `0.0.0.0` and `::` are all addresses. @default '127.0.0.1' */
  host?: string
  /** TCP port; 0 takes any that is free. @default 8080 */
  port?: number
  /** Certificate and key: serves HTTPS instead of HTTP. @default null */
  tls?: TlsOptions | null
  /** A second port that speaks plain HTTP and sends clients to HTTPS; needs `tls`. @default null */
  redirect?: RedirectOptions | null
  /** The user's own layers, outermost first; they stand before the files. @default [] */
  middleware?: readonly Middleware[]
  /** Where the access log and failures go, or null for none. @default null */
  logger?: Log['logger'] | null
  /**
   * Tells every client the id of its request in a field. Off by default: the log and the answer to
   * a failure name it anyway.
   * @default false
   */
  requestId?: RequestIdOptions | false
  /** Answers `GET /health`. @default true */
  health?: boolean
  /**
   * Answers `GET /metrics` in the format of Prometheus, to clients on this machine; or false.
   * @default false
   */
  metrics?: ServerMetricsOptions | false
  /** Compression by `Accept-Encoding`, or false for none. @default {} */
  compress?: CompressOptions | false
  /**
   * Decodes request bodies by their `Content-Encoding`, so that the user's layers read them plain; other
   * codings are answered with 415. Off, a body reaches them as it was sent, with the field that says how.
   * @default false
   */
  decodeRequests?: DecodeOptions | false
  /** Security fields of every answer, errors too, or false for none. @default {} */
  securityHeaders?: SecurityHeadersOptions | false
  /**
   * Host names this server answers for, others get 421; null for any. Set it where a web page of
   * somebody else must not reach a server on the user's own machine (DNS rebinding).
   * @default null
   */
  allowedHosts?: readonly string[] | null
  /** Proxies whose `X-Forwarded-For` is believed: addresses, CIDR blocks, `loopback`, `private`. @default [] */
  trustedProxies?: readonly string[]
  /** Which pages of other origins may read answers, errors too; or false for none. @default false */
  cors?: CorsOptions | false
  /** Requests that a client may make in a while, others get 429; false for any number. @default false */
  rateLimit?: RateLimitOptions | false
  /**
   * Who is let in to everything but health and metrics: names with passwords, or tokens; false for everybody.
   * @default false
   */
  auth?: { basic: BasicAuthOptions } | { bearer: BearerAuthOptions } | false
  /** How files are served. @default {} */
  static?: StaticOptions
  /**
   * A page below the root for failures (status 500 and up) of requests that accept HTML; a plain line
   * where the file is not there. Read once, at the start. @default null
   */
  errorPage?: string | null
  /**
   * Limits and deadlines of connections. A handler that never answers is given up after five
   * minutes here, with 503; the engine by itself would wait for ever.
   * @default { handlerTimeout: 300_000 }
   */
  engine?: Omit<EngineOptions, 'errorResponse'>
}

export interface RedirectOptions {
  /** TCP port; 80 is where browsers come by themselves. 0 takes any that is free. */
  port: number
  /** Address or name to listen on. @default that of the server */
  host?: string
  /** The port that clients are sent to, where something forwards it to the server's own. @default the server's own */
  toPort?: number
  /** Whether clients may remember the answer: 308, otherwise 307. @default true */
  permanent?: boolean
  /**
   * Folder whose `.well-known/acme-challenge/` is served, where an ACME client puts the proof that a name is yours
   * (RFC 8555 §8.3, http-01); null for none. @default the server's `root`
   */
  acmeWebroot?: string | null
}

export interface ServerMetricsOptions {
  /** @default '/metrics' */
  path?: string
  /**
   * Who may read them: addresses, CIDR blocks, `loopback`, `private`; for others there are none. Behind a proxy the
   * client's address is what `trustedProxies` makes it.
   * @default ['loopback']
   */
  from?: readonly string[]
  /** Where they come from, for a server that is one of several. @default this server, and its process */
  collect?: () => Promise<string>
}

export type ResolvedConfig = Required<ServerConfig>

export const DEFAULTS = Object.freeze({
  root: null,
  // Nobody else can connect until somebody says so.
  host: '127.0.0.1',
  // Where a developer looks for a server, and free to use without more rights.
  port: 8080,
  tls: null,
  // What else is on the machine may need port 80.
  redirect: null,
  middleware: Object.freeze([]),
  logger: null,
  requestId: false,
  health: true,
  // Nobody's numbers are shown who did not ask for it.
  metrics: false,
  compress: Object.freeze({}),
  // Nobody's bytes are blown up who did not ask for it; and what stores uploads as they come needs them coded.
  decodeRequests: false,
  securityHeaders: Object.freeze({}),
  // A server does not know its own names; a guess would refuse visitors.
  allowedHosts: null,
  // Anyone can write X-Forwarded-For.
  trustedProxies: Object.freeze([]),
  // Answers belong to the pages of this origin until somebody shares them.
  cors: false,
  // Only who knows the site knows how often one may ask.
  rateLimit: false,
  // A server does not know who its users are.
  auth: false,
  static: Object.freeze({}),
  // A site says what its page is called.
  errorPage: null,
  // Milliseconds. A slow upload that a handler waits for is within it, a promise forgotten is not; it is also
  // what node:http gives a whole request.
  engine: Object.freeze({ handlerTimeout: 300_000 }),
}) satisfies Readonly<ResolvedConfig>

/** @throws {TypeError} naming the option, what it must be and what it was */
export function resolveConfig(config: ServerConfig = {}): ResolvedConfig {
  for (const name of Object.keys(config)) {
    if (!(name in DEFAULTS)) {
      throw new TypeError(
        `startServer: there is no option ${name}; there are ${Object.keys(DEFAULTS).join(', ')}`,
      )
    }
  }
  const resolved: ResolvedConfig = {
    ...DEFAULTS,
    ...withoutUndefined(config),
    engine: { ...DEFAULTS.engine, ...config.engine },
  }
  const { port, host, root, middleware } = resolved
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TypeError(`startServer: port must be a whole number from 0 to 65535, got ${String(port)}`)
  }
  if (typeof host !== 'string' || host === '') {
    throw new TypeError(`startServer: host must be an address or a name, got ${JSON.stringify(host)}`)
  }
  if (root !== null && (typeof root !== 'string' || root === '')) {
    throw new TypeError(`startServer: root must be the path of a folder or null, got ${JSON.stringify(root)}`)
  }
  if (resolved.redirect !== null) checkRedirect(resolved.redirect, resolved)
  if (!Array.isArray(middleware)) {
    throw new TypeError(`startServer: middleware must be a list of functions, got ${typeof middleware}`)
  }
  const { auth } = resolved
  if (
    auth !== false &&
    Object.keys(auth ?? {}).filter((way) => way === 'basic' || way === 'bearer').length !== 1
  ) {
    throw new TypeError('startServer: auth must be { basic: … }, { bearer: … } or false')
  }
  return resolved
}

const REDIRECT_OPTIONS = ['port', 'host', 'toPort', 'permanent', 'acmeWebroot']

function checkRedirect(redirect: RedirectOptions, { tls, port: serverPort }: ResolvedConfig): void {
  const unknown = Object.keys(redirect).find((name) => !REDIRECT_OPTIONS.includes(name))
  if (unknown !== undefined) {
    throw new TypeError(
      `startServer: redirect: there is no option ${unknown}; there are ${REDIRECT_OPTIONS.join(', ')}`,
    )
  }
  if (tls === null) throw new TypeError('startServer: redirect sends clients to HTTPS, which needs tls')
  for (const name of ['port', 'toPort'] as const) {
    const value = redirect[name]
    if (value === undefined && name === 'toPort') continue
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > 65_535) {
      throw new TypeError(
        `startServer: redirect: ${name} must be a whole number from 0 to 65535, got ${String(value)}`,
      )
    }
  }
  if (redirect.port !== 0 && redirect.port === serverPort && redirect.host === undefined) {
    throw new TypeError(
      `startServer: redirect: port must be another than the server's own, got ${serverPort} for both`,
    )
  }
}

function withoutUndefined(config: ServerConfig): Partial<ResolvedConfig> {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined))
}
