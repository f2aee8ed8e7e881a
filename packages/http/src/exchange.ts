import type { HttpHeaders } from './headers.ts'

/**
 * Field lines as a parser left them: decoded when asked for. `RequestHead` of @tsws/parser is one.
 * Names are tokens, values legal octets as one-byte characters (RFC 9110 §5.5).
 */
export interface FieldLines {
  /** The lines of one name (lower case) joined by `, ` (RFC 9110 §5.3), or null. */
  get(lowerCaseName: string): string | null
  has(lowerCaseName: string): boolean
  /** Lower-case name and value, line by line in the order received. */
  [Symbol.iterator](): Iterator<[name: string, value: string]>
}

/** What a request says before its body, whichever version of HTTP carried it. */
export interface RequestFacts extends FieldLines {
  readonly method: string
  /** The request-target as received (RFC 9112 §3.2). */
  readonly target: string
  readonly minorVersion: number
}

/** What the certificate says that a client has shown, and that was found valid in the handshake (RFC 8446 §4.4.2). */
export interface ClientCertificate {
  /** Its distinguished name, a line for each part: `CN=ada\nO=Example`. */
  readonly subject: string
  /** `DNS:…, email:…`; null where it has none. */
  readonly subjectAltName: string | null
  /** The distinguished name of who issued it. */
  readonly issuer: string
  /** Hexadecimal. */
  readonly serialNumber: string
  /** SHA-256 of the whole certificate: `AA:BB:…`. */
  readonly fingerprint256: string
}

/** The connection under a request. */
export interface ConnectionInfo {
  /** Number of this connection within the process, from 1. */
  readonly id: number
  /** True when bytes travel through TLS. */
  readonly encrypted: boolean
  /** The peer's address; null on a Unix socket or in memory. */
  readonly remoteAddress: string | null
  readonly remotePort: number | null
  readonly localAddress: string | null
  readonly localPort: number | null
  /**
   * Over TLS that asks clients for certificates, what a valid one says; null without one. Read from the connection each time.
   */
  readonly clientCertificate?: ClientCertificate | null
}

/**
 * One request's line back to the server that reads it. The engine implements this;
 * a handler never sees it: it has the methods of `HttpRequest`.
 */
export interface Exchange {
  readonly connection: ConnectionInfo
  /** Declared bytes of the request body: 0 without one, -1 where only its end will tell (chunked). */
  readonly bodyLength: number
  /** Bytes a body may have before reading it fails with 413. */
  maxBodyBytes: number
  /**
   * The next bytes of the body, or null at its end; synchronously where they are here already.
   * They stay as they are: a reader may keep them while it asks for more.
   * @throws {HttpError} 413 too large, 400 broken framing, 408 too slow, 499-like `ERR_CLIENT_GONE`
   */
  readBody(): Uint8Array | null | Promise<Uint8Array | null>
  /** Set once the body is gathered whole: from then on what was handed on stays in memory. */
  gathered?: boolean
  /** Trailer fields, once the body has ended; null where there were none. */
  readonly trailers: FieldLines | null
  /** Sends a 1xx response at once (RFC 9110 §15.2); nothing towards HTTP/1.0. */
  sendInformational(status: number, headers: HttpHeaders): void
}
