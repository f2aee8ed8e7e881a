import { HeaderBlock, HttpError, respond } from '@tsws/http'
import type { Handler, HttpRequest, HttpResponse, Middleware } from '@tsws/http'
import { clientNetwork } from './client-network.ts'
import { resolveRateLimit } from './rate-limit-options.ts'
import type { Counted, RateLimitOptions, RateLimitStore } from './rate-limit-options.ts'

/**
 * Refuses a client that asks too often: 429 (RFC 6585 §4) with `Retry-After` (RFC 9110 §10.2.3). Every answer tells
 * what is left in `RateLimit`, and the rule in `RateLimit-Policy`, as draft-ietf-httpapi-ratelimit-headers-10 writes
 * them.
 *
 * Clients are told apart by `request.remoteAddress`: put `clientAddress` before it where proxies stand in front.
 * Peers on a Unix socket have no address and share one count.
 *
 * @throws {TypeError} for an option that is unknown or holds no sense
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const resolved = resolveRateLimit(options)
  const { limit, window, skip, fields } = resolved
  const store = resolved.store({ limit, window: window * 1000 })
  const keyOf = resolved.key ?? networkKey(resolved.ipv6Prefix)
  const identifier = `"${resolved.name}"` // a String of Structured Fields (RFC 9651 §3.3.3)
  const policy = new HeaderBlock({ 'RateLimit-Policy': `${identifier};q=${limit};w=${window}` })
  const failed = storeFailure(resolved.onStoreFailure, resolved.onStoreError)
  const stateOf = (remaining: number, seconds: number): string => `${identifier};r=${remaining};t=${seconds}`

  const decide = (request: HttpRequest, next: Handler, { used, resetIn }: Counted): ReturnType<Handler> => {
    // Never 0: a client that comes back at once would be refused again.
    const seconds = Math.max(1, Math.ceil(resetIn / 1000))
    if (used > limit) return mark(tooMany(limit, window, seconds), policy, stateOf(0, seconds))
    const answer = next(request)
    if (!fields) return answer
    const state = stateOf(limit - used, seconds)
    return answer instanceof Promise
      ? answer.then((response) => mark(response, policy, state))
      : mark(answer, policy, state)
  }
  const decideLater = async (
    request: HttpRequest,
    next: Handler,
    counting: Promise<Counted>,
  ): Promise<HttpResponse> => {
    let counted: Counted
    try {
      counted = await within(resolved.storeTimeout, counting)
    } catch (error) {
      failed(error)
      return next(request)
    }
    return decide(request, next, counted)
  }

  return (request, next) => {
    if (skip !== null && skip(request)) return next(request)
    const counted = countOrFail(store, keyOf(request), failed)
    if (counted === null) return next(request)
    return counted instanceof Promise ? decideLater(request, next, counted) : decide(request, next, counted)
  }
}

/** A key for each IPv4 address and IPv6 network. On one connection the address is the same text, request after request. */
function networkKey(ipv6Prefix: number): (request: HttpRequest) => string {
  let last: string | null = null
  let lastKey = 'unix'
  return ({ remoteAddress }) => {
    if (remoteAddress !== last) {
      last = remoteAddress
      lastKey = remoteAddress === null ? 'unix' : clientNetwork(remoteAddress, ipv6Prefix)
    }
    return lastKey
  }
}

function countOrFail(
  store: RateLimitStore,
  key: string,
  failed: (error: unknown) => void,
): Counted | Promise<Counted> | null {
  try {
    return store.count(key)
  } catch (error) {
    failed(error)
    return null
  }
}

function tooMany(limit: number, window: number, seconds: number): HttpResponse {
  const rule = `${limit} request${limit === 1 ? '' : 's'} in ${window} s`
  // Returned, not thrown: what there are most of in a flood must be cheap. No cache may keep it (RFC 6585 §4).
  return respond.text(`Too many requests: no more than ${rule}. Try again in ${seconds} s.\n`, {
    status: 429,
    headers: { 'Retry-After': seconds, 'Cache-Control': 'no-store' },
  })
}

function mark(response: HttpResponse, policy: HeaderBlock, state: string): HttpResponse {
  const headers = response?.headers
  // A handler that returned nothing is for the engine to report, not for us to trip over.
  if (headers === undefined) return response
  // Several policies are a list, line by line (RFC 9651 §3.1).
  if (headers.has('ratelimit-policy')) for (const [name, value] of policy.lines) headers.append(name, value)
  else headers.addBlock(policy)
  headers.append('RateLimit', state)
  return response
}

/** Milliseconds between two reports: a store that is away fails for every request. */
const REPORT_INTERVAL = 1000
/** Seconds. */
const RETRY_STORE_AFTER = 5

/** Reports the failure; returns where the request may pass, and throws 503 where it may not. */
function storeFailure(
  mode: 'open' | 'closed',
  report: ((error: unknown) => void) | null,
): (error: unknown) => void {
  let reported = -Infinity
  return (cause) => {
    const now = Date.now()
    if (report !== null && now - reported >= REPORT_INTERVAL) {
      reported = now
      report(cause)
    }
    if (mode === 'open') return
    throw new HttpError(503, 'the rate limit store failed', {
      code: 'ERR_RATE_LIMIT_STORE',
      cause,
      headers: { 'Retry-After': RETRY_STORE_AFTER },
    })
  }
}

function within(timeout: number, counting: Promise<Counted>): Promise<Counted> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`the rate limit store did not answer within ${timeout} ms`))
    const timer = setTimeout(late, timeout)
    counting.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
