import type { HttpRequest, Middleware } from '@tsws/http'
import { AddressSet, normalizeAddress } from './address-set.ts'
import { parseForwarded, parseXForwardedFor } from './forwarded.ts'

export interface ClientAddressOptions {
  /**
   * The field that the proxies write. Only one is read: a proxy that writes one passes the other on
   * as the client sent it, and believing both would let clients choose their address.
   * @default 'X-Forwarded-For'
   */
  field?: 'X-Forwarded-For' | 'Forwarded'
}

/** Entries looked at from the right; more proxies than this don't stand in a row. */
const MAX_HOPS = 32

/**
 * Sets `request.remoteAddress` to the client's address behind trusted proxies.
 *
 * The field is walked from the right, where the nearest proxy wrote: as long as an address is
 * trusted, the entry it added is believed, and the first that is not trusted is the client. What
 * stands further left came from that client and may be anything. An entry that names no address
 * ends the walk at the last address that is sure.
 *
 * @param trustedProxies addresses, CIDR blocks, or `loopback`, `linklocal`, `private`, `unix`
 * @throws {TypeError} for an entry that is none of these, or an unknown field
 */
export function clientAddress(
  trustedProxies: readonly string[],
  options: ClientAddressOptions = {},
): Middleware {
  const trusted = new AddressSet(trustedProxies, 'clientAddress: trustedProxies')
  const walk = walker(options.field ?? 'X-Forwarded-For')
  return (request, next) => {
    const address = peerAddress(request)
    request.remoteAddress = trusted.has(address) ? walk(request, address, trusted) : address
    return next(request)
  }
}

type Walk = (request: HttpRequest, peer: string | null, trusted: AddressSet) => string | null

function walker(field: string): Walk {
  if (field === 'X-Forwarded-For') {
    return (request, peer, trusted) => {
      const value = request.headers.get('x-forwarded-for')
      return value === null ? peer : clientOf(parseXForwardedFor(value), peer, trusted)
    }
  }
  if (field === 'Forwarded') {
    return (request, peer, trusted) => {
      const value = request.headers.get('forwarded')
      const nodes = value === null ? null : parseForwarded(value)
      return nodes === null ? peer : clientOf(nodes, peer, trusted)
    }
  }
  throw new TypeError(
    `clientAddress: field must be 'X-Forwarded-For' or 'Forwarded', got ${JSON.stringify(field)}`,
  )
}

function clientOf(
  nodes: readonly (string | null)[],
  peer: string | null,
  trusted: AddressSet,
): string | null {
  let address = peer
  const last = nodes.length - 1
  for (let hop = 0; hop <= last && hop < MAX_HOPS && trusted.has(address); hop++) {
    const node = nodes[last - hop]
    if (node === null || node === undefined) break
    address = node
  }
  return address
}

function peerAddress(request: HttpRequest): string | null {
  const { remoteAddress } = request.connection
  return remoteAddress === null ? null : normalizeAddress(remoteAddress)
}
