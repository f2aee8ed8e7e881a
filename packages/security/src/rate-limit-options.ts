import type { HttpRequest } from '@tsws/http'
import { MAX_LIMIT, memoryStore } from './memory-store.ts'

export interface RateLimitOptions {
  /** Requests that a client may make in a window, 1 to 1048574. There is no default: nobody else knows what is usual. */
  limit: number
  /** Seconds of a window, whole, 1 to 86400. @default 60 */
  window?: number
  /** What the policy is called in the fields; letters, digits, `-`, `_`, `.`. @default 'default' */
  name?: string
  /** Requests that are neither counted nor refused. @default none */
  skip?: ((request: HttpRequest) => boolean) | null
  /** Who is counted: requests with the same key share a count. @default the client's address, IPv6 by network */
  key?: ((request: HttpRequest) => string) | null
  /** Bits of an IPv6 address that tell clients apart: 32, 48, 64, 80, 96, 112 or 128. @default 64 */
  ipv6Prefix?: number
  /** `RateLimit` and `RateLimit-Policy` on answers that are not refused, too. @default true */
  fields?: boolean
  /** Where it is counted. @default memoryStore() */
  store?: StoreFor
  /** What a request meets when the store fails: it passes (`open`), or gets 503 (`closed`). @default 'open' */
  onStoreFailure?: 'open' | 'closed'
  /** Milliseconds after which a store has failed, 1 to 60000. @default 500 */
  storeTimeout?: number
  /** Is told of failures of the store, at most once a second. @default nobody */
  onStoreError?: ((error: unknown) => void) | null
}

/** What a store is to count. */
export interface RateLimitPolicy {
  /** Requests in a window. */
  readonly limit: number
  /** Milliseconds of a window. */
  readonly window: number
}

/** Makes the store for a policy, at start-up. */
export type StoreFor = (policy: RateLimitPolicy) => RateLimitStore

/** Where requests are counted. */
export interface RateLimitStore {
  /** Counts one request of that key. Throws or rejects when it cannot. */
  count(key: string): Counted | Promise<Counted>
}

export interface Counted {
  /** Requests of this key in its window, this one included; anything beyond the limit means refused. */
  readonly used: number
  /** Milliseconds until its window ends. */
  readonly resetIn: number
}

export const RATE_LIMIT_DEFAULTS = Object.freeze({
  // Seconds. Long enough for a page with all it loads to count as one visit, short enough to wait for.
  window: 60,
  name: 'default',
  skip: null,
  key: null,
  // Bits: the smallest network that a customer is given.
  ipv6Prefix: 64,
  fields: true,
  // A store that is away should not take the site with it.
  onStoreFailure: 'open',
  // Milliseconds: a store in the same network answers in one; a visitor bears half a second.
  storeTimeout: 500,
  onStoreError: null,
})

/** A day: what counts longer than that wants a database. */
const MAX_WINDOW = 86_400
const MAX_STORE_TIMEOUT = 60_000
const IPV6_PREFIXES: readonly unknown[] = [32, 48, 64, 80, 96, 112, 128]

export type ResolvedRateLimit = Required<RateLimitOptions>

/** @throws {TypeError} naming the option, what it must be and what it was */
export function resolveRateLimit(options: RateLimitOptions): ResolvedRateLimit {
  for (const name of Object.keys(options ?? {}))
    if (!(name in RATE_LIMIT_DEFAULTS) && name !== 'limit' && name !== 'store')
      throw new TypeError(
        `rateLimit: there is no option ${name}; there are limit, store, ${Object.keys(RATE_LIMIT_DEFAULTS).join(', ')}`,
      )
  const given = Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined))
  const resolved = { ...RATE_LIMIT_DEFAULTS, ...given } as ResolvedRateLimit
  resolved.store ??= memoryStore()
  checkWhole('limit', resolved.limit, MAX_LIMIT)
  checkWhole('window', resolved.window, MAX_WINDOW)
  checkWhole('storeTimeout', resolved.storeTimeout, MAX_STORE_TIMEOUT)
  const { name, ipv6Prefix, onStoreFailure, fields, store, skip, key, onStoreError } = resolved
  if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name))
    throw wrong('name', 'up to 64 letters, digits, "-", "_" and "."', name)
  if (!IPV6_PREFIXES.includes(ipv6Prefix)) throw wrong('ipv6Prefix', IPV6_PREFIXES.join(', '), ipv6Prefix)
  if (onStoreFailure !== 'open' && onStoreFailure !== 'closed')
    throw wrong('onStoreFailure', '"open" or "closed"', onStoreFailure)
  if (typeof fields !== 'boolean') throw wrong('fields', 'true or false', fields)
  if (typeof store !== 'function') throw wrong('store', 'a function such as memoryStore() returns', store)
  for (const [option, value] of Object.entries({ skip, key, onStoreError }))
    if (value !== null && typeof value !== 'function') throw wrong(option, 'a function', value)
  return resolved
}

function checkWhole(option: string, value: unknown, most: number): void {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most) return
  throw wrong(option, `a whole number from 1 to ${most}`, value)
}

function wrong(option: string, expected: string, value: unknown): TypeError {
  return new TypeError(
    `rateLimit: ${option} must be ${expected}, got ${JSON.stringify(value) ?? String(value)}`,
  )
}
