/*
 * What `HttpRequest` is made of, without a connection. Shapes only: `@tsws/http` tests itself with them, so
 * nothing is imported from it, and the compiler compares the shapes where a request is made of them.
 */

/** `FieldLines` of `@tsws/http`. */
export interface FakeLines {
  get(lowerName: string): string | null
  has(lowerName: string): boolean
  [Symbol.iterator](): IterableIterator<[string, string]>
}

/** `RequestFacts` of `@tsws/http`. */
export interface FakeFacts extends FakeLines {
  readonly method: string
  readonly target: string
  readonly minorVersion: number
}

/** `ConnectionInfo` of `@tsws/http`. */
export interface FakeConnection {
  readonly id: number
  readonly encrypted: boolean
  readonly remoteAddress: string | null
  readonly remotePort: number | null
  readonly localAddress: string | null
  readonly localPort: number | null
}

/** Field lines as a parser would leave them, from name and value line by line. */
export function fakeLines(
  lines: Record<string, string> | readonly (readonly [string, string])[] = {},
): FakeLines {
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
}: FactsInit = {}): FakeFacts {
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
  /** Default: 1 MiB. */
  maxBodyBytes?: number | undefined
  connection?: Partial<FakeConnection>
}

/** `Exchange` of `@tsws/http`. */
export interface FakeExchange {
  readonly connection: FakeConnection
  readonly bodyLength: number
  maxBodyBytes: number
  readBody(): Uint8Array | null | Promise<Uint8Array | null>
  readonly trailers: FakeLines | null
  sendInformational(status: number, headers: FakeInterimFields): void
  /** How often the body was asked for more. */
  reads: number
  readonly informed: { status: number; headers: FakeInterimFields }[]
}

/** What tests ask of the fields of a 1xx response. */
interface FakeInterimFields {
  get(name: string): string | null
  encode(): string
}

/** An exchange that gives the pieces it was made with, and keeps the limit of its body as the engine does. */
export function fakeExchange({
  pieces = [],
  bodyLength,
  trailers,
  maxBodyBytes = 1024 * 1024,
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
    maxBodyBytes,
    reads: 0,
    trailers: null as FakeLines | null,
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
    sendInformational(status: number, headers: FakeInterimFields): void {
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
export class BodyTooLarge extends Error {
  readonly status = 413
}
