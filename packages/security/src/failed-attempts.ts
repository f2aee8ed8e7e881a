import { respond } from '@tsws/http'
import type { HttpRequest, HttpResponse } from '@tsws/http'
import { clientNetwork } from './client-network.ts'
import { memoryStore } from './memory-store.ts'
import type { MemoryStore, MemoryStoreOptions } from './memory-store.ts'

export interface FailuresOptions extends MemoryStoreOptions {
  /** Wrong passwords of one client in a window, after which it has to wait, 1 to 1000000. @default 10 */
  limit?: number
  /** Seconds of a window, 1 to 86400. @default 300 */
  window?: number
}

/** At this pace a list of the ten thousand most common passwords takes more than three days. */
export const FAILURES_DEFAULTS = Object.freeze({ limit: 10, window: 300 })

/** Bits of an IPv6 address that tell clients apart: a customer has a /64 at least. */
const IPV6_PREFIX = 64

/** How often each client was wrong of late. */
export class FailedAttempts {
  readonly #store: MemoryStore
  readonly #limit: number

  /** @throws {TypeError} */
  constructor(options: FailuresOptions, what: string) {
    const { limit = FAILURES_DEFAULTS.limit, window = FAILURES_DEFAULTS.window, ...memory } = options
    if (!Number.isInteger(limit) || limit < 1 || limit > 1_000_000)
      throw new TypeError(
        `${what}: failures.limit must be a whole number from 1 to 1000000, got ${String(limit)}`,
      )
    if (!Number.isInteger(window) || window < 1 || window > 86_400)
      throw new TypeError(
        `${what}: failures.window must be whole seconds from 1 to 86400, got ${String(window)}`,
      )
    this.#limit = limit
    this.#store = memoryStore(memory)({ limit, window: window * 1000 })
  }

  /** 429 for a client that was wrong too often, before its password is looked at; null for others. */
  refusalOf(request: HttpRequest): HttpResponse | null {
    const { used, resetIn } = this.#store.peek(keyOf(request))
    if (used < this.#limit) return null
    const seconds = Math.max(1, Math.ceil(resetIn / 1000))
    return respond.text(`Too many wrong passwords. Try again in ${seconds} s.\n`, {
      status: 429,
      headers: { 'Retry-After': seconds, 'Cache-Control': 'no-store' },
    })
  }

  add(request: HttpRequest): void {
    this.#store.count(keyOf(request))
  }
}

function keyOf({ remoteAddress }: HttpRequest): string {
  return remoteAddress === null ? 'unix' : clientNetwork(remoteAddress, IPV6_PREFIX)
}
