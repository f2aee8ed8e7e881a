import type { HttpRequest } from '@tsws/http'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * A request in the shape that Node's upgrade handlers take (`ws` in `noServer` mode, socket.io):
 * method, url, lower-case headers, the socket. It is no stream: an upgrade has no body.
 */
export function upgradeRequest(request: HttpRequest, socket: Duplex): IncomingMessage {
  const headers: Record<string, string> = {}
  for (const [name] of request.headers) headers[name] ??= request.headers.get(name) ?? ''
  const facts = {
    method: request.method,
    url: request.target,
    headers,
    httpVersion: request.httpVersion,
    httpVersionMajor: 1,
    httpVersionMinor: Number(request.httpVersion.at(-1)),
    socket,
    connection: socket,
  }
  return facts as unknown as IncomingMessage
}
