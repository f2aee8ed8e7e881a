import { HeaderBlock, HttpError, HttpHeaders, respond } from '@tsws/http'
import type { HttpRequest, HttpResponse, Middleware } from '@tsws/http'
import type { Readiness } from './readiness.ts'

export interface HealthOptions {
  /** Says that this process lives: 200, or 503 while it drains. @default '/health' */
  path?: string
  /** Says whether requests should be sent here: 503 too when a check fails. @default '/health/ready' */
  readyPath?: string
  /** The checks behind `readyPath`. @default none */
  readiness?: Readiness | null
  /** Whether the server takes no new work. @default never */
  isDraining?: () => boolean
}

export const HEALTH_DEFAULTS = Object.freeze({ path: '/health', readyPath: '/health/ready' })

// A probe wants the state of now (RFC 9111 §5.2.2.5).
const UNCACHED = new HeaderBlock({ 'Cache-Control': 'no-store' })

/**
 * Answers health checks in JSON, and passes every other request on. GET and HEAD only: others get
 * 405 with `Allow` (RFC 9110 §15.5.6). The answers tell no reasons: those are for the log.
 *
 * @throws {TypeError} for a path that does not start with `/`, or two that are the same
 */
export function health(options: HealthOptions = {}): Middleware {
  const { path = HEALTH_DEFAULTS.path, readyPath = HEALTH_DEFAULTS.readyPath } = options
  const { readiness = null, isDraining = () => false } = options
  assertPath('path', path)
  assertPath('readyPath', readyPath)
  if (path === readyPath) throw new TypeError(`health: path and readyPath are both ${JSON.stringify(path)}`)

  return (request, next) => {
    // The pathname is compared first, and most requests are for something else.
    const { pathname } = request
    if (pathname === path) {
      assertReading(request)
      return isDraining() ? draining() : answer(200, { status: 'ok', uptime: uptime() })
    }
    if (pathname === readyPath) {
      assertReading(request)
      if (isDraining()) return draining()
      return readiness === null ? answer(200, { status: 'ok', checks: {} }) : reportReadiness(readiness)
    }
    return next(request)
  }
}

async function reportReadiness(readiness: Readiness): Promise<HttpResponse> {
  const { ready, checks } = await readiness.report()
  return answer(ready ? 200 : 503, { status: ready ? 'ok' : 'unavailable', checks })
}

function draining(): HttpResponse {
  return answer(503, { status: 'draining', uptime: uptime() })
}

function answer(status: number, body: Record<string, unknown>): HttpResponse {
  return respond.json(body, { status, headers: HttpHeaders.of(UNCACHED) })
}

/** Seconds this process has run, to the millisecond. */
function uptime(): number {
  return Math.round(process.uptime() * 1000) / 1000
}

function assertReading(request: HttpRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  throw new HttpError(405, `${request.pathname} answers GET and HEAD only`, {
    headers: { Allow: 'GET, HEAD' },
  })
}

function assertPath(option: string, path: string): void {
  if (typeof path === 'string' && path.startsWith('/')) return
  throw new TypeError(`health: ${option} must start with "/", got ${JSON.stringify(path)}`)
}
