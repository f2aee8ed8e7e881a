import { Server as NetServer } from 'node:net'
import type { Socket } from 'node:net'
import type { Server as TlsServer, TLSSocket } from 'node:tls'
import type { ResolvedOptions } from './options.ts'
import { answerPlainHttp, looksLikeHttp } from './plain-http.ts'

/**
 * Accepts connections, looks at the first byte, and gives what may be TLS to the TLS server, which
 * never listens itself. What comes out of the handshake is emitted as `secureConnection`.
 */
export class SniffingServer extends NetServer {
  readonly #tls: TlsServer
  readonly #options: ResolvedOptions
  readonly #pending = new Set<Socket>()

  constructor(tls: TlsServer, options: ResolvedOptions) {
    // Who closes a side during the handshake has left; half-open comes after it.
    super({ allowHalfOpen: false, noDelay: true })
    this.#tls = tls
    this.#options = options
    this.on('connection', (socket: Socket) => this.#admit(socket))
    tls.on('secureConnection', (stream) => {
      this.#pending.delete(socketUnder(stream))
      // As with the engine's own listener: a client may close its side after its request and still read.
      stream.allowHalfOpen = true
      this.emit('secureConnection', stream)
    })
    tls.on('tlsClientError', (error, stream) => {
      options.onHandshakeError(error, stream.remoteAddress ?? null)
      stream.destroy()
    })
  }

  get pendingHandshakes(): number {
    return this.#pending.size
  }

  /** Takes no more connections; those still in their handshake have nothing to finish. */
  override close(callback?: (error?: Error) => void): this {
    for (const socket of this.#pending) socket.destroy()
    return super.close(callback)
  }

  #admit(socket: Socket): void {
    // A reset while nobody looks at the socket must not end the process.
    socket.on('error', () => {})
    const pending = this.#pending
    if (pending.size >= this.#options.maxPendingHandshakes) this.#cutOldest()
    pending.add(socket)
    socket.once('close', () => pending.delete(socket))
    const timer = setTimeout(() => socket.destroy(), this.#options.handshakeTimeout)
    const gone = (): void => clearTimeout(timer)
    const ended = (): unknown => socket.destroy()
    socket.once('close', gone)
    socket.once('end', ended)
    socket.once('data', (bytes: Buffer) => {
      clearTimeout(timer)
      socket.off('close', gone)
      socket.off('end', ended)
      if (looksLikeHttp(bytes[0] as number)) {
        answerPlainHttp(socket)
        return
      }
      // TLSSocket takes over what is buffered here, then the handle below.
      socket.pause()
      socket.unshift(bytes)
      this.#tls.emit('connection', socket)
    })
  }

  /**
   * An honest handshake takes a few round trips, so who has waited longest is the one least likely to finish. Were new ones
   * turned away instead, as many clients that say nothing would lock everybody else out for the whole handshake time.
   */
  #cutOldest(): void {
    const [oldest] = this.#pending
    if (oldest === undefined) return
    this.#pending.delete(oldest)
    oldest.destroy()
  }
}

/** Node has no public way from a TLS stream to its socket; this name is as old as TLSSocket. */
function socketUnder(stream: TLSSocket): Socket {
  return (stream as TLSSocket & { readonly _parent: Socket })._parent
}
