import { BlockList, isIP } from 'node:net'

/** The networks behind the names that configurations use. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'], // RFC 1122 §3.2.1.3, RFC 4291 §2.5.3
  linklocal: ['169.254.0.0/16', 'fe80::/10'], // RFC 3927, RFC 4291 §2.5.6
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'], // RFC 1918, RFC 4193
}

/** The name for peers on a Unix socket, which have no address. */
const UNIX = 'unix'

/** Entries. A set is asked about the same few proxies all day; beyond that, asking again is cheap. */
const MAX_REMEMBERED = 256

/** Addresses and networks, IPv4 and IPv6. `has(null)` asks about a peer on a Unix socket. */
export class AddressSet {
  readonly #list = new BlockList()
  readonly #remembered = new Map<string, boolean>()
  readonly #unix: boolean

  /**
   * Entries are addresses, CIDR blocks, or `loopback`, `linklocal`, `private`, `unix`.
   * @throws {TypeError} for anything else
   */
  constructor(entries: readonly string[], what = 'AddressSet') {
    if (!Array.isArray(entries)) throw new TypeError(`${what} must be an array, got ${typeof entries}`)
    this.#unix = entries.includes(UNIX)
    for (const entry of entries) {
      if (entry === UNIX) continue
      for (const network of Object.hasOwn(NAMED, entry) ? (NAMED[entry] ?? []) : [entry]) {
        this.#add(network, what)
      }
    }
  }

  /** Whether a normalized address (`normalizeAddress`) is one of the set. */
  has(address: string | null): boolean {
    if (address === null) return this.#unix
    const known = this.#remembered.get(address)
    if (known !== undefined) return known
    const version = isIP(address)
    const found = version !== 0 && this.#list.check(address, version === 4 ? 'ipv4' : 'ipv6')
    if (this.#remembered.size < MAX_REMEMBERED) this.#remembered.set(address, found)
    return found
  }

  #add(network: string, what: string): void {
    const [address = '', prefix, ...rest] = String(network).split('/')
    const version = isIP(address)
    const bits = version === 4 ? 32 : 128
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
    if (version === 0 || rest.length > 0 || !(length <= bits)) {
      throw new TypeError(
        `${what}: ${JSON.stringify(network)} is no address, no network such as 10.0.0.0/8 or fd00::/8, ` +
          `and none of ${[...Object.keys(NAMED), UNIX].join(', ')}`,
      )
    }
    this.#list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6')
  }
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/**
 * An address as it is compared and logged: an IPv4 peer of a dual-stack socket (`::ffff:192.0.2.1`,
 * RFC 4291 §2.5.5.2) by its IPv4 address, and IPv6 without its zone.
 */
export function normalizeAddress(address: string): string {
  if (!address.includes(':')) return address
  const mapped = MAPPED.exec(address)
  if (mapped !== null) return mapped[1] as string
  const zone = address.indexOf('%')
  return zone < 0 ? address : address.slice(0, zone)
}
