import { HttpRequest } from '@tsws/http'
import type { ConnectionInfo, Exchange, RequestFacts } from '@tsws/http'

interface FakeRequest {
  method?: string
  target?: string
  headers?: Record<string, string>
  connection?: Partial<ConnectionInfo>
}

/** A request as the engine would make it, without a connection. */
export function fakeRequest({
  method = 'GET',
  target = '/',
  headers = {},
  connection = {},
}: FakeRequest = {}): HttpRequest {
  const lines = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const facts: RequestFacts = {
    method,
    target,
    minorVersion: 1,
    get: (name) => lines.get(name) ?? null,
    has: (name) => lines.has(name),
    [Symbol.iterator]: () => lines.entries(),
  }
  const exchange: Exchange = {
    connection: {
      id: 1,
      encrypted: false,
      remoteAddress: '198.51.100.7',
      remotePort: 50_000,
      localAddress: '192.0.2.1',
      localPort: 80,
      ...connection,
    },
    bodyLength: 0,
    maxBodyBytes: 1024,
    readBody: () => null,
    trailers: null,
    sendInformational: () => {},
  }
  return new HttpRequest(facts, exchange)
}
