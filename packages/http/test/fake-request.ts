import { HttpRequest } from '../src/index.ts'
import type { ConnectionInfo, Exchange, FieldLines, HttpHeaders, RequestFacts } from '../src/index.ts'

/** Field lines as a parser would leave them, from name and value line by line. */
export function fakeLines(
  lines: Record<string, string> | readonly (readonly [string, string])[] = {},
): FieldLines {
  const pairs = (Array.isArray(lines) ? lines : Object.entries(lines)).map(
    ([name, value]): [string, string] => [name.toLowerCase(), value],
  )
  return {
    get: (lower) => {
      const values = pairs.filter(([name]) => name === lower).map(([, value]) => value)
      return values.length === 0 ? null : values.join(', ')
    },
    has: (lower) => pairs.some(([name]) => name === lower),
    [Symbol.iterator]: () => pairs.values(),
  }
}

export interface FactsInit {
  method?: string
  target?: string
  minorVersion?: number
  headers?: Record<string, string> | readonly (readonly [string, string])[]
}

export function fakeFacts({
  method = 'GET',
  target = '/',
  minorVersion = 1,
  headers = {},
}: FactsInit = {}): RequestFacts {
  return { ...fakeLines(headers), method, target, minorVersion }
}

/** A piece that is here already, or one that comes later; an error is thrown or rejected in its place. */
export type FakePiece = Uint8Array | string | Error | Promise<Uint8Array>

export interface ExchangeInit {
  pieces?: readonly FakePiece[]
  /** Default: the pieces' bytes, -1 when one of them comes later. */
  bodyLength?: number
  /** Trailer lines, there once the body has ended. */
  trailers?: Record<string, string>
  connection?: Partial<ConnectionInfo>
}

export interface FakeExchange extends Exchange {
  /** How often the body was asked for more. */
  reads: number
  readonly informed: { status: number; headers: HttpHeaders }[]
}

/** An exchange that gives the pieces it was made with, and keeps the limit of its body as the engine does. */
export function fakeExchange({
  pieces = [],
  bodyLength,
  trailers,
  connection,
}: ExchangeInit = {}): FakeExchange {
  const queue = pieces.map((piece) => (typeof piece === 'string' ? new TextEncoder().encode(piece) : piece))
  const sizes = queue.map((piece) => (piece instanceof Uint8Array ? piece.length : Number.NaN))
  const size = sizes.reduce((sum, length) => sum + length, 0)
  let received = 0
  const exchange = {
    connection: {
      id: 1,
      encrypted: false,
      remoteAddress: '198.51.100.7',
      remotePort: 50_000,
      localAddress: '192.0.2.1',
      localPort: 80,
      ...connection,
    },
    bodyLength: bodyLength ?? (Number.isNaN(size) ? -1 : size),
    maxBodyBytes: 1024 * 1024,
    reads: 0,
    trailers: null as FieldLines | null,
    informed: [] as FakeExchange['informed'],
    readBody(): Uint8Array | null | Promise<Uint8Array | null> {
      exchange.reads++
      const piece = queue.shift()
      if (piece === undefined) {
        exchange.trailers = trailers === undefined ? null : fakeLines(trailers)
        return null
      }
      if (piece instanceof Error) throw piece
      return piece instanceof Promise ? piece.then(count) : count(piece)
    },
    sendInformational(status: number, headers: HttpHeaders): void {
      exchange.informed.push({ status, headers })
    },
  }
  const count = (piece: Uint8Array): Uint8Array => {
    received += piece.length
    if (received > exchange.maxBodyBytes) throw new BodyTooLarge()
    return piece
  }
  return exchange
}

/** What the fake exchange throws beyond its limit. */
export class BodyTooLarge extends Error {}

/** A request as the engine would make it, without a connection. */
export function fakeRequest(init: FactsInit & ExchangeInit = {}): HttpRequest {
  return new HttpRequest(fakeFacts(init), fakeExchange(init))
}
