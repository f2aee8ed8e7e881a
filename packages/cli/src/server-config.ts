import { resolve } from 'node:path'
import type { Middleware } from '@tsws/http'
import type { ServerConfig } from '@tsws/server'
import { countsOfThreads } from './counts-of-threads.ts'
import type { CommandLog } from './log.ts'
import type { ServeOrder } from './serve-order.ts'

/**
 * The command line as the configuration of one server.
 * @param collect where the metrics come from, for a server that is one of several
 */
export function serverConfig(
  { args, root, folder, tls }: ServeOrder,
  middleware: readonly Middleware[],
  log: CommandLog,
  collect: (() => Promise<string>) | null = null,
): ServerConfig {
  const { compressCache: cache } = args
  const stored = cache === null ? {} : { cache: { directory: resolve(folder, cache) } }
  return {
    errorPage: '50x.html',
    ...args.more,
    securityHeaders: securityHeaders(args.more.securityHeaders, tls),
    ...(args.more.rateLimit && { rateLimit: { store: countsOfThreads(), ...args.more.rateLimit } }),
    root,
    host: args.host,
    port: args.port,
    tls: tls === null ? null : { cert: tls.cert, key: tls.key },
    middleware,
    // A page of the site's own for what is not there, and one for what went wrong, where it has them.
    static: { notFoundPage: '404.html', ...args.more.static, ...args.files },
    compress: args.compress ? stored : false,
    metrics: args.metrics === null ? false : { ...args.metrics, ...(collect !== null && { collect }) },
    cors: args.cors ?? false,
    decodeRequests: args.decodeRequests ? {} : false,
    logger: log.logger,
    engine: { observer: log.observer },
  }
}

/**
 * Strict-Transport-Security is for hosts with one owner: browsers would remember it for `localhost`, where the next program
 * may be without TLS, and take away the way past a certificate that they do not trust (RFC 6797 §8.4, §12.1).
 */
function securityHeaders(
  given: ServerConfig['securityHeaders'] = {},
  tls: ServeOrder['tls'],
): NonNullable<ServerConfig['securityHeaders']> {
  if (given === false || tls === null || tls.authority === null) return given
  return { strictTransportSecurity: false, ...given }
}
