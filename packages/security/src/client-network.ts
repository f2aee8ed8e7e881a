import { normalizeAddress } from './address-set.ts'

/**
 * Who a client is, for what counts clients: its IPv4 address, or the network of its IPv6 address. A single customer
 * has at least a /64 (RFC 6177, RIPE-690), and may have a new address for every request in it (RFC 8981).
 *
 * @param prefixLength bits of an IPv6 address that tell clients apart, a multiple of 16
 */
export function clientNetwork(address: string, prefixLength: number): string {
  const normal = normalizeAddress(address)
  if (!normal.includes(':')) return normal
  const groups = groupsOf(normal)
  const mapped = mappedAddress(groups)
  return mapped ?? groups.slice(0, prefixLength / 16).join(':')
}

/** The eight groups of an IPv6 address, each in its shortest form (RFC 5952 §4.1). */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.toLowerCase().split('::')
  const before = piecesOf(head)
  if (tail === undefined) return before
  const after = piecesOf(tail)
  while (before.length + after.length < 8) before.push('0')
  return [...before, ...after]
}

function piecesOf(part: string): string[] {
  return part === '' ? [] : part.split(':').flatMap(shortest)
}

function shortest(piece: string): string | string[] {
  if (!piece.includes('.')) return piece.replace(/^0+(?=.)/, '')
  // The last two groups may be written as an IPv4 address (RFC 4291 §2.2).
  const [a = 0, b = 0, c = 0, d = 0] = piece.split('.').map(Number)
  return [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)]
}

/** ::ffff:0:0/96 is IPv4 in any spelling (RFC 4291 §2.5.5.2); `normalizeAddress` knows the usual one. */
function mappedAddress(groups: readonly string[]): string | null {
  if (groups[5] !== 'ffff' || groups.slice(0, 5).some((group) => group !== '0')) return null
  const high = parseInt(groups[6] ?? '', 16)
  const low = parseInt(groups[7] ?? '', 16)
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`
}
