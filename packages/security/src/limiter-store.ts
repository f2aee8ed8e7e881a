import type { Counted, StoreFor } from './rate-limit-options.ts'

/** What `rate-limiter-flexible` says of a key, whether it may pass or not. */
export interface LimiterResult {
  /** Requests in the window. */
  readonly consumedPoints: number
  /** Milliseconds until the window ends. */
  readonly msBeforeNext: number
}

/** A limiter of `rate-limiter-flexible`: resolves for who may pass, rejects with the same for who may not. */
export interface Limiter {
  consume(key: string): Promise<LimiterResult>
}

/**
 * Counts where a limiter of `rate-limiter-flexible` does: Redis, Valkey, Memcached, a database. So several processes
 * and machines count together.
 *
 * `limiterStore((policy) => new RateLimiterRedis({ storeClient: redis, ...policy }))`
 *
 * @param make gets `points`, requests in a window, and `duration`, its seconds
 */
export function limiterStore(make: (policy: { points: number; duration: number }) => Limiter): StoreFor {
  return ({ limit, window }) => {
    const limiter = make({ points: limit, duration: window / 1000 })
    return { count: (key) => limiter.consume(key).then(countedOf, refusedOf) }
  }
}

function countedOf({ consumedPoints, msBeforeNext }: LimiterResult): Counted {
  return { used: consumedPoints, resetIn: msBeforeNext }
}

/** Who may not pass is no error, but comes as one. */
function refusedOf(reason: unknown): Counted {
  if (reason instanceof Error || typeof (reason as LimiterResult | null)?.msBeforeNext !== 'number')
    throw reason
  return countedOf(reason as LimiterResult)
}
