import type { ClientCertificate, ConnectionInfo } from '@tsws/http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'

let count = 0

/** The byte stream under a connection: TCP, TLS, a Unix socket or memory. The engine cannot tell which. */
export class Transport implements ConnectionInfo {
  readonly id = ++count
  readonly encrypted: boolean
  readonly stream: Duplex
  #remoteAddress: string | null | undefined

  constructor(stream: Duplex, encrypted: boolean) {
    this.stream = stream
    this.encrypted = encrypted
  }

  get remoteAddress(): string | null {
    // Kept, because a closed socket has forgotten it when the log line is written.
    return (this.#remoteAddress ??= this.#socket.remoteAddress ?? null)
  }

  get remotePort(): number | null {
    return this.#socket.remotePort ?? null
  }

  get localAddress(): string | null {
    return this.#socket.localAddress ?? null
  }

  get localPort(): number | null {
    return this.#socket.localPort ?? null
  }

  get clientCertificate(): ClientCertificate | null {
    const socket = this.stream as Partial<TLSSocket>
    // One that was not found valid says nothing that may be believed.
    const certificate = socket.authorized === true ? socket.getPeerX509Certificate?.() : undefined
    if (certificate === undefined) return null
    const { subject, subjectAltName = null, issuer, serialNumber, fingerprint256 } = certificate
    return { subject, subjectAltName, issuer, serialNumber, fingerprint256 }
  }

  /** Bytes so far, as the socket counts them; 0 for a stream that counts none. */
  get bytesRead(): number {
    return this.#socket.bytesRead ?? 0
  }

  get bytesWritten(): number {
    return this.#socket.bytesWritten ?? 0
  }

  /** Cuts the connection: the client sees a reset or an early end. */
  destroy(): void {
    this.stream.destroy()
  }

  /** Cuts the connection so that the client sees no end of ours: by RST; under TLS by no close_notify. */
  protected reset(): void {
    try {
      ;(this.stream as Socket).resetAndDestroy()
    } catch {
      this.stream.destroy() // only TCP has a reset
    }
  }

  get #socket(): Partial<Socket> {
    return this.stream as Partial<Socket>
  }
}
