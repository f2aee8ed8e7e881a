import { compress, decodeRequests } from '@tsws/compress'
import type { Middleware } from '@tsws/http'
import { health, metrics } from '@tsws/observe'
import { basicAuth, bearerAuth, clientAddress, hostGuard, rateLimit } from '@tsws/security'
import { serveStatic } from '@tsws/static'
import type { AnswerFields } from './answer-fields.ts'
import { serverWide } from './server-wide.ts'
import type { ResolvedConfig } from './options.ts'
import { metricsReaders } from './server-metrics.ts'
import type { ServerMetrics } from './server-metrics.ts'

/** A layer and the name it has in the documentation. */
export interface Layer {
  readonly name: string
  readonly middleware: Middleware
  /** Ends what it does in the background. */
  readonly close?: () => Promise<void>
}

/**
 * The layers of a server, outermost first. The order is part of the security of the whole, and is
 * tested:
 *
 * - the client's address is known before anything decides by it;
 * - the host guard comes before every answer that a foreign page must not read;
 * - security headers come before everything that answers, so that no answer leaves without them;
 * - health and metrics answer before user code can hide it or slow it down;
 * - they are not limited either, so that a busy site does not look like a dead one;
 * - CORS comes before everything that refuses: preflights carry no credentials (Fetch §3.3.5), and a script reads a
 *   429 or 401 of another origin only if it has the fields of CORS;
 * - who asks too often is refused before anything is done for the request;
 * - who may not come in is refused next, after the limit, so that passwords cannot be tried without end;
 * - compression wraps what answers below it, and sees the final body;
 * - request bodies are decoded last before user code, so that nothing is decoded for a request that was refused;
 * - user code comes before the files, so that it can answer in their place.
 *
 * The access log is no layer but an observer of the engine: it also sees what was no request at all.
 */
export function layersOf(
  config: ResolvedConfig,
  fields: AnswerFields,
  isDraining: () => boolean,
  counted: ServerMetrics | null = null,
): Layer[] {
  const layers: Layer[] = []
  const add = (name: string, middleware: Middleware): void => void layers.push({ name, middleware })
  if (fields.requestId !== null) add('request id', fields.requestId)
  if (config.trustedProxies.length > 0) add('client address', clientAddress(config.trustedProxies))
  if (config.allowedHosts !== null) add('host guard', hostGuard(config.allowedHosts))
  if (fields.security !== null) add('security headers', fields.security.middleware)
  add('server-wide', serverWide(config.trustedProxies))
  if (config.health) add('health', health({ isDraining }))
  if (config.metrics !== false && counted !== null) {
    const { path, from = ['loopback'], collect = () => counted.text() } = config.metrics
    add('metrics', metrics({ collect, allows: metricsReaders(from), ...(path !== undefined && { path }) }))
  }
  if (fields.cors !== null) add('cors', fields.cors.middleware)
  if (config.rateLimit !== false) {
    const onStoreError = (err: unknown): void => config.logger?.warn({ err }, 'the rate limit store failed')
    add('rate limit', rateLimit({ onStoreError, ...config.rateLimit }))
  }
  if (config.auth !== false) add('auth', authentication(config.auth, config.logger))
  if (config.compress !== false) {
    const middleware = compress(config.compress)
    if (counted !== null) counted.compress = middleware
    layers.push({ name: 'compress', middleware, close: () => middleware.close() })
  }
  if (config.decodeRequests !== false) add('request decoding', decodeRequests(config.decodeRequests))
  for (const middleware of config.middleware) add('user', middleware)
  if (config.root !== null) add('static', serveStatic(config.root, config.static))
  return layers
}

function authentication(
  auth: Exclude<ResolvedConfig['auth'], false>,
  logger: ResolvedConfig['logger'],
): Middleware {
  if ('bearer' in auth) return bearerAuth(auth.bearer)
  return basicAuth(logger === null ? auth.basic : { warn: (text) => logger.warn(text), ...auth.basic })
}
