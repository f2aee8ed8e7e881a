import { BACKLOG } from '@tsws/engine'
import type { AddressInfo, Server } from 'node:net'

/**
 * Listens on a TCP port, 0 for any free one, and resolves with the one it got.
 * @throws the system's error: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, `ENOTFOUND`
 */
export function openPort(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
    if (!listenAtOnce(server, host, port)) server.listen({ host, port, backlog: BACKLOG })
  })
}

/**
 * `server.listen` treats an address as a name: it goes the way of DNS, asks the answer whether it is a link-local address of
 * IPv6, for which Node compiles a large pattern, and loads `node:cluster`. That is 10 to 20 ms, a tenth of the whole
 * start. What it comes to in the end is one method, which Node keeps by this name for those who wrap it.
 *
 * @returns false where that cannot be: then `listen` has to do it
 */
function listenAtOnce(server: Server, host: string, port: number): boolean {
  const { _listen2: listen } = server as Partial<ListensAtOnce>
  // A process of `node:cluster` has a channel to the one that started it, and listens there.
  if (typeof listen !== 'function' || process.send !== undefined || !isIpv4(host)) return false
  listen.call(server, host, port, IPV4, BACKLOG)
  return true
}

interface ListensAtOnce {
  _listen2(this: Server, address: string, port: number, family: number, backlog: number): void
}

const IPV4 = 4

/** An address as the system takes it, without leading zeros, which some read as octal. */
function isIpv4(host: string): boolean {
  const parts = host.split('.')
  return parts.length === 4 && parts.every((part) => String(Number(part)) === part && Number(part) <= 255)
}
