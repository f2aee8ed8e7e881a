import { createServer } from '@tsws/engine'
import type { CloseOptions, CloseSummary, HttpServer } from '@tsws/engine'
import { compose } from '@tsws/http'
import { accessLog } from '@tsws/observe'
import type { MetricModel } from '@tsws/observe'
import { loadErrorPage } from '@tsws/static'
import type { ErrorPage } from '@tsws/static'
import { answerFields } from './answer-fields.ts'
import { layersOf } from './layers.ts'
import { listen, tlsListener } from './listen.ts'
import type { Socket } from 'node:net'
import type { TlsListener } from '@tsws/tls'
import { notFound } from './not-found.ts'
import { resolveConfig } from './options.ts'
import { startRedirect } from './redirect.ts'
import type { RunningRedirect } from './redirect.ts'
import type { ResolvedConfig, ServerConfig } from './options.ts'
import { ServerMetrics } from './server-metrics.ts'

export interface RunningServer extends AsyncDisposable {
  readonly scheme: 'http' | 'https'
  /** As configured. */
  readonly host: string
  /** The port it got, where any free one was asked for. */
  readonly port: number
  /** The plain port that redirects to it; null for none. */
  readonly redirectPort: number | null
  /** What is no reason not to start, but should be known: a certificate that has expired. One line each. */
  readonly warnings: readonly string[]
  /** The engine below, for its state, its connections and further listeners. */
  readonly engine: HttpServer
  /**
   * Reads the certificate and its key again, for new connections; without TLS there is nothing to read.
   * @throws {CertificateError} of `@tsws/tls`, when they cannot be used; the old ones stay then
   */
  reload(): void
  /** Takes no new connections, finishes what is in flight, cuts the rest after the grace time. */
  close(options?: CloseOptions): Promise<CloseSummary>
}

/** A server that others bring connections to: the threads of @tsws/pool. */
export interface PreparedServer {
  readonly warnings: readonly string[]
  readonly engine: HttpServer
  /** Serves a TCP connection that was accepted elsewhere, with TLS where that is configured. */
  accept(socket: Socket): void
  /**
   * Others serve in its place: connections end with their next answer, which says so, or when they have been idle for as
   * long as ever; answers in flight take as long as they need. Until `close`, which ends it as usual. Resolves when
   * all have ended.
   */
  retire(): Promise<CloseSummary>
  /** What it has counted, to be summed with what others have; empty unless `metrics` is on. */
  readMetrics(): MetricModel[]
  close(options?: CloseOptions): Promise<CloseSummary>
}

/**
 * Puts the packages of tsws together and listens.
 *
 * @throws {TypeError} for a configuration that makes no sense
 * @throws the system's error when it cannot listen: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`
 * @throws {CertificateError} of `@tsws/tls`, when the certificate or its key cannot be used
 */
export async function startServer(config?: ServerConfig): Promise<RunningServer> {
  const resolved = resolveConfig(config)
  const { engine, close: closeServer, metrics } = createEngine(resolved, await errorPageOf(resolved))
  const { port, tls } = await listen(engine, resolved)
  const redirect = await redirectTo(engine, port, tls, resolved)
  const close = async (options?: CloseOptions): Promise<CloseSummary> => {
    const [summary] = await Promise.all([closeServer(options), redirect?.close(options)])
    return summary
  }
  metrics?.loadSoon()
  return {
    scheme: resolved.tls === null ? 'http' : 'https',
    host: resolved.host,
    port,
    redirectPort: redirect?.port ?? null,
    get warnings() {
      return tls?.warnings ?? []
    },
    engine,
    reload: () => tls?.reload(),
    close,
    async [Symbol.asyncDispose]() {
      await close()
    },
  }
}

/** @throws what `startRedirect` does, and then nothing listens any more */
async function redirectTo(
  engine: HttpServer,
  port: number,
  tls: TlsListener | null,
  config: ResolvedConfig,
): Promise<RunningRedirect | null> {
  if (config.redirect === null || tls === null) return null
  return startRedirect(config, { port, listener: tls, isDraining: () => engine.state !== 'ready' }).catch(
    async (error: unknown) => {
      await engine.close({ grace: 0 })
      throw error
    },
  )
}

/** The same without listening. `host`, `port` and `redirect` mean nothing then. @throws as `startServer`, but for the system's */
export async function prepareServer(config?: ServerConfig): Promise<PreparedServer> {
  const resolved = resolveConfig(config)
  const { engine, close, retire, metrics } = createEngine(resolved, await errorPageOf(resolved))
  const readMetrics = (): MetricModel[] => metrics?.read() ?? []
  const prepared = { engine, close, retire, readMetrics }
  if (resolved.tls === null) return { ...prepared, warnings: [], accept: (socket) => engine.serve(socket) }
  const listener = await tlsListener(engine, resolved)
  return {
    ...prepared,
    warnings: listener.warnings,
    accept: (socket) => void listener.server.emit('connection', socket),
  }
}

function errorPageOf({ errorPage, root }: ResolvedConfig): Promise<ErrorPage | null> | null {
  return errorPage === null || root === null ? null : loadErrorPage(root, errorPage)
}

export interface Assembled {
  readonly engine: HttpServer
  readonly metrics: ServerMetrics | null
  retire(): Promise<CloseSummary>
  /** Closes the engine, then what its layers do in the background. */
  close(options?: CloseOptions): Promise<CloseSummary>
}

/** The server without a port: layers folded into one handler, log and error answers attached. */
export function createEngine(config: ResolvedConfig, errorPage: ErrorPage | null = null): Assembled {
  const fields = answerFields(config, errorPage)
  const metrics = config.metrics === false ? null : new ServerMetrics()
  let isRetired = false
  // Who asks a server that was replaced means the service, which is well.
  const isDraining = (): boolean => engine.state !== 'ready' && !isRetired
  const layers = layersOf(config, fields, isDraining, metrics)
  const handler = compose(
    layers.map(({ middleware }) => middleware),
    notFound,
  )
  const { observer = [], ...options } = config.engine
  const observers = Array.isArray(observer) ? [...observer] : observer === null ? [] : [observer]
  if (metrics !== null) observers.push(metrics.requests)
  const engine = createServer(handler, {
    ...options,
    observer: config.logger === null ? observers : [accessLog(config.logger), ...observers],
    errorResponse: fields.errorResponse,
  })
  if (metrics !== null) metrics.engine = engine
  let closing: Promise<CloseSummary> | null = null
  const close = (options?: CloseOptions): Promise<CloseSummary> => {
    const ended = engine.close(options) // called again, it shortens the times
    closing ??= ended.then(async (summary) => {
      await Promise.all(layers.map((layer) => layer.close?.()))
      metrics?.close()
      return summary
    })
    return closing
  }
  return {
    engine,
    metrics,
    retire() {
      isRetired = true
      return close({ grace: Infinity, idleGrace: Infinity })
    },
    close(options) {
      isRetired = false
      return close(options)
    },
  }
}
