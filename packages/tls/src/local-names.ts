import { BlockList, isIP, isIPv6 } from 'node:net'
import { asciiHostName } from './host-name.ts'

// A local authority lies in the folder of a user, readable by every program they run. What it may certify is limited, in its
// own certificate, to names that mean this machine or its network and belong to nobody on the internet.

/** With all that ends in them: RFC 6761, RFC 6762 (mDNS), RFC 8375, ICANN resolution 2024.07.29.06, and what home routers use. */
export const PERMITTED_DOMAINS: readonly string[] = [
  'localhost',
  'test',
  'local',
  'home.arpa',
  'internal',
  'lan',
]

/** Loopback, private use, link-local, and the shared space that overlay networks take (RFC 6890, RFC 6598, RFC 4193). */
export const PERMITTED_ADDRESSES: readonly string[] = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
]

/** What every local certificate is for. */
export const USUAL_NAMES: readonly string[] = ['localhost', '*.localhost', '127.0.0.1', '::1']

/** Names of one certificate beyond the usual ones; a machine has a few addresses. */
const MAX_NAMES = 100

/**
 * The names of a certificate: the usual ones and these, in one spelling and one order, each once.
 * @throws {TypeError} for what is no name, or none that a local authority may certify
 */
export function certifiedNames(names: readonly string[]): string[] {
  if (names.length > MAX_NAMES)
    throw new TypeError(`a local certificate has ${MAX_NAMES} names at most, got ${names.length}`)
  const all = new Set(USUAL_NAMES)
  for (const name of names) all.add(permitted(name))
  return [...USUAL_NAMES, ...[...all].slice(USUAL_NAMES.length).toSorted()]
}

/** Whether the local authority may certify it. */
export function isPermitted(name: string): boolean {
  const version = isIP(name)
  if (version !== 0) return addresses.check(name, version === 6 ? 'ipv6' : 'ipv4')
  return PERMITTED_DOMAINS.some((domain) => name === domain || name.endsWith(`.${domain}`))
}

// Labels of letters, digits and hyphens (RFC 1123 §2.1), the first may be a wildcard (RFC 9525 §6.3).
const HOST_NAME = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.|$))+$/

function permitted(given: string): string {
  const name = isIP(given) === 0 ? asciiHostName(given) : canonicalAddress(given)
  if (isIP(name) === 0 && (!HOST_NAME.test(name) || name.length > 253))
    throw new TypeError(`${JSON.stringify(given)} is no name of a host`)
  if (isPermitted(name)) return name
  throw new TypeError(
    `the local authority certifies nothing for ${given}, only addresses of this machine and of private networks, and names ` +
      `that end in ${PERMITTED_DOMAINS.join(', ')}`,
  )
}

/** IPv6 in its one canonical form (RFC 5952), as the URL parser writes it; without a zone. */
function canonicalAddress(address: string): string {
  const bare = address.replace(/%.*$/, '')
  return isIPv6(bare) ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare
}

const addresses = new BlockList()
for (const block of PERMITTED_ADDRESSES) {
  const [address = '', prefix] = block.split('/')
  addresses.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4')
}
