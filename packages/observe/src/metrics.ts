import { HeaderBlock, HttpError, HttpHeaders, HttpResponse } from '@tsws/http'
import type { HttpRequest, Middleware } from '@tsws/http'
import { EXPOSITION_TYPE } from './exposition.ts'

export interface MetricsOptions {
  /** The text, in the format of Prometheus; a rejection is a 503. */
  collect: () => Promise<string>
  /** @default '/metrics' */
  path?: string
  /**
   * Who may read them: everyone else is passed on, as if there were none. They tell what a server does and how much of it.
   * @default everyone
   */
  allows?: (request: HttpRequest) => boolean
}

export const METRICS_DEFAULTS = Object.freeze({ path: '/metrics' })

/** A reading is of now (RFC 9111 §5.2.2.5). */
const FIELDS = new HeaderBlock({ 'Content-Type': EXPOSITION_TYPE, 'Cache-Control': 'no-store' })

/**
 * Answers one path with metrics, and passes every other request on. GET and HEAD only: others get 405 with
 * `Allow` (RFC 9110 §15.5.6). Who asks while they are being collected gets the same answer.
 *
 * @throws {TypeError} for a path that does not start with `/`
 */
export function metrics({ collect, path = METRICS_DEFAULTS.path, allows }: MetricsOptions): Middleware {
  if (typeof path !== 'string' || !path.startsWith('/'))
    throw new TypeError(`metrics: path must start with "/", got ${JSON.stringify(path)}`)
  let collecting: Promise<string> | null = null
  const current = (): Promise<string> =>
    (collecting ??= collect().finally(() => {
      collecting = null
    }))
  return (request, next) => {
    if (request.pathname !== path || allows?.(request) === false) return next(request)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new HttpError(405, `${path} answers GET and HEAD only`, { headers: { Allow: 'GET, HEAD' } })
    }
    return answer(current())
  }
}

async function answer(collected: Promise<string>): Promise<HttpResponse> {
  const text = await collected.catch((cause: unknown) => {
    throw new HttpError(503, 'the metrics could not be collected', { cause })
  })
  return new HttpResponse(text, { headers: HttpHeaders.of(FIELDS) })
}
