import { resolve } from 'node:path'
import type { Middleware } from '@tsws/http'
import type { RedirectOptions, ServerConfig } from '@tsws/server'
import type { TlsOptions } from '@tsws/tls'
import { failureCounts, requestCounts } from './counts-of-threads.ts'
import type { CommandLog } from './log.ts'
import type { ServeOrder } from './serve-order.ts'

/**
 * The command line as the configuration of one server.
 * @param collect where the metrics come from, for a server that is one of several
 */
export function serverConfig(
  order: ServeOrder,
  middleware: readonly Middleware[],
  log: CommandLog,
  collect: (() => Promise<string>) | null = null,
): ServerConfig {
  const { args, root, folder, tls, auth } = order
  const { compressCache: cache } = args
  const stored = cache === null ? {} : { cache: { directory: resolve(folder, cache) } }
  return {
    errorPage: '50x.html',
    ...args.more,
    securityHeaders: securityHeaders(args.more.securityHeaders, tls),
    ...(args.more.rateLimit && { rateLimit: { store: requestCounts(), ...args.more.rateLimit } }),
    root,
    host: args.host,
    port: args.port,
    tls: tls === null ? null : { cert: tls.cert, key: tls.key, ...clientCertificates(args, folder) },
    redirect: redirect(order),
    middleware,
    // A page of the site's own for what is not there, and one for what went wrong, where it has them.
    static: { notFoundPage: '404.html', ...args.more.static, ...args.files },
    compress: args.compress ? stored : false,
    metrics: args.metrics === null ? false : { ...args.metrics, ...(collect !== null && { collect }) },
    cors: args.cors ?? false,
    auth: auth !== null && { basic: { ...auth, failures: { ...failureCounts(), ...auth.failures } } },
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

/** What browsers remember for ever is not for `localhost`, where the next program may be without TLS. */
function redirect({ args, folder, tls }: ServeOrder): RedirectOptions | null {
  if (args.redirect === null) return null
  const { port, toPort, acmeWebroot } = args.redirect
  return {
    port,
    permanent: tls?.authority === null,
    ...(toPort !== null && { toPort }),
    ...(acmeWebroot !== null && { acmeWebroot: resolve(folder, acmeWebroot) }),
  }
}

function clientCertificates(
  { tlsClientCa: ca }: ServeOrder['args'],
  folder: string,
): Pick<TlsOptions, 'clientCertificates'> {
  return ca === null ? {} : { clientCertificates: { ca: resolve(folder, ca) } }
}
