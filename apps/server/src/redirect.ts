import { createServer } from '@tsws/engine'
import type { CloseOptions } from '@tsws/engine'
import { compose, HttpError, respond } from '@tsws/http'
import type { Handler, Middleware } from '@tsws/http'
import { accessLog, health } from '@tsws/observe'
import { hostGuard } from '@tsws/security'
import { serveStatic } from '@tsws/static'
import type { TlsListener, TlsOptions } from '@tsws/tls'
import { answerFields } from './answer-fields.ts'
import { resolveConfig } from './options.ts'
import type { RedirectOptions, ResolvedConfig, ServerConfig } from './options.ts'
import { serverWide } from './server-wide.ts'

/** The second, plain port of a server, from which clients are sent to HTTPS. */
export interface RunningRedirect {
  readonly port: number
  /** Reads the certificate again, which says what hosts there are. @throws {CertificateError} */
  reload(): void
  close(options?: CloseOptions): Promise<unknown>
}

/** What the redirect has to know of the server it leads to. */
export interface RedirectTarget {
  /** The port where it speaks TLS. */
  readonly port: number
  /** Its listener, where it is on this thread. @default one that only reads the certificate */
  readonly listener?: Pick<TlsListener, 'isFor' | 'reload'>
  readonly isDraining?: () => boolean
}

/**
 * Listens on `config.redirect.port` and sends every request to the same path over TLS, but for health checks, and the files by
 * which an ACME client proves that a name is ours.
 *
 * @throws {TypeError} for a configuration that makes no sense, or has no `redirect`
 * @throws the system's error when it cannot listen
 */
export async function startRedirect(config: ServerConfig, target: RedirectTarget): Promise<RunningRedirect> {
  const resolved = resolveConfig(config)
  if (resolved.redirect === null) throw new TypeError('startRedirect: redirect must be there, got null')
  const { redirect, host } = resolved
  const listener = target.listener ?? (await certificateReader(resolved.tls as TlsOptions))
  const fields = answerFields(resolved)
  const handler = compose(
    redirectLayers(resolved, redirect, target, fields.security?.middleware ?? null),
    sendToHttps(redirect.toPort ?? target.port, redirect.permanent ?? true, (name) => listener.isFor(name)),
  )
  const { logger } = resolved
  const engine = createServer(handler, {
    ...resolved.engine,
    observer: logger === null ? [] : [accessLog(logger)],
    errorResponse: fields.errorResponse,
  })
  const address = await engine.listen({ host: redirect.host ?? host, port: redirect.port })
  return {
    port: 'port' in address ? address.port : redirect.port,
    reload: () => listener.reload(),
    close: (options) => engine.close(options),
  }
}

async function certificateReader(tls: TlsOptions): Promise<TlsListener> {
  const { createTlsListener } = await import('@tsws/tls')
  return createTlsListener(tls)
}

function redirectLayers(
  config: ResolvedConfig,
  { acmeWebroot = config.root }: RedirectOptions,
  { isDraining = () => false }: RedirectTarget,
  security: Middleware | null,
): Middleware[] {
  const layers = security === null ? [] : [security]
  layers.push(serverWide([]))
  // Probes come by address, and follow no redirect.
  if (config.health) layers.push(health({ isDraining }))
  if (acmeWebroot !== null) layers.push(acmeChallenges(acmeWebroot))
  if (config.allowedHosts !== null) layers.push(hostGuard(config.allowedHosts))
  return layers
}

/** RFC 8555 §8.3: the path of a token, which is base64url. */
const CHALLENGE = /^\/\.well-known\/acme-challenge\/[\w-]+$/

function acmeChallenges(webroot: string): Middleware {
  // A file that was written just now is asked for at once, and gone soon after.
  const files = serveStatic(webroot, {
    index: false,
    precompressed: false,
    cache: false,
    revalidateInterval: 0,
  })
  return (request, next) => (CHALLENGE.test(request.pathname) ? files(request, next) : next(request))
}

/** uri-host [ ":" port ] (RFC 9110 §7.2) as far as certificates name hosts. */
const AUTHORITY = /^(?:\[([0-9a-f:.]+)\]|([\w-]+(?:\.[\w-]+)*)\.?)(?::\d{0,5})?$/i

/**
 * Sends clients to the host that they asked for, if it is one of ours: what anybody else wrote there would be kept by caches
 * under our name (CWE-601). 308 and 307 keep the method, and the body with it (RFC 9110 §15.4).
 */
function sendToHttps(port: number, permanent: boolean, isOurs: (name: string) => boolean): Handler {
  const suffix = port === 443 ? '' : `:${port}`
  return (request) => {
    const [, address, name = address] = AUTHORITY.exec(request.host) ?? []
    if (name === undefined || !isOurs(name)) {
      throw new HttpError(
        421,
        'no certificate of this server is for that host, so there is no https URL to go to',
      )
    }
    const host = address === undefined ? name : `[${address}]`
    return respond.redirect(
      `https://${host}${suffix}${request.pathname}${request.search}`,
      permanent ? 308 : 307,
    )
  }
}
