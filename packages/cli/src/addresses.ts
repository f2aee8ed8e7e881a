import { networkInterfaces } from 'node:os'
import type { NetworkInterfaceInfo } from 'node:os'

/** URLs under which a server can be reached, for people to click on. */
export interface ReachableUrls {
  /** From this machine. */
  local: string
  /** From other machines of the network; empty when only this machine can connect. */
  network: string[]
}

/**
 * @param host what the server listens on: an address, a name, or a wildcard
 * @param interfaces the machine's own, unless a test gives others
 */
export function reachableUrls(
  scheme: 'http' | 'https',
  host: string,
  port: number,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
): ReachableUrls {
  // Only an IPv6 address has a colon; node's isIPv6 would compile its large pattern for this one question.
  const url = (name: string): string => `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}/`
  if (host === '0.0.0.0') return { local: url('127.0.0.1'), network: lanAddresses(interfaces).map(url) }
  if (host === '::' || host === '')
    return { local: url('localhost'), network: lanAddresses(interfaces).map(url) }
  return { local: url(host), network: [] }
}

/** IPv4 addresses that other machines can use: link-local IPv6 ones would need a zone in the URL. */
export function lanAddresses(
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
): string[] {
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address)
}
