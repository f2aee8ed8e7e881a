import { constants } from 'node:crypto'
import { Server as NetServer } from 'node:net'
import type { Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { SecureContextOptions, Server as TlsServer, TLSSocket } from 'node:tls'
import type { Listener } from '@tsws/engine'
import { loadContexts } from './contexts.ts'
import { resolveOptions } from './options.ts'
import type { ResolvedOptions, TlsOptions } from './options.ts'
import { answerPlainHttp, looksLikeHttp } from './plain-http.ts'

// Mozilla's "intermediate" list without the finite-field groups, which need parameters of their own:
// forward secrecy and authenticated encryption only.
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

export interface TlsListener extends Listener {
  readonly event: 'secureConnection'
  readonly encrypted: true
  /** About the certificates in use: expired, soon to expire, chain in disorder. One line each. */
  readonly warnings: readonly string[]
  /** Handshakes under way. */
  readonly pendingHandshakes: number
  /**
   * Reads the files again, for new connections; those that are open stay as they are. When any of
   * them cannot be used, it throws and everything stays as it was.
   * @throws {CertificateError}
   */
  reload(): void
}

/**
 * A listener for the engine that speaks TLS. It does not listen yet: call `listener.server.listen`.
 *
 * Only HTTP/1.1 is offered (ALPN, RFC 7301). A client that speaks plain HTTP to it is told so.
 *
 * @throws {CertificateError} when the certificate or its key cannot be used, in one line that says why
 * @throws {TypeError} for an option that is unknown or out of range
 */
export function createTlsListener(options: TlsOptions): TlsListener {
  const resolved = resolveOptions(options)
  const shared: SecureContextOptions = {
    minVersion: resolved.minVersion,
    ciphers: CIPHERS,
    // A client must not make the server sign again and again on one connection (CVE-2011-1473).
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  }
  let contexts = loadContexts(options, shared)
  const inner = createTlsServer({
    ...contexts.main,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: resolved.handshakeTimeout,
    SNICallback: (name, done) => done(null, contexts.choose(name) ?? undefined),
  })
  const server = new SniffingServer(inner, resolved)
  return {
    server,
    event: 'secureConnection',
    encrypted: true,
    get warnings() {
      return contexts.warnings
    },
    get pendingHandshakes() {
      return server.pendingHandshakes
    },
    reload() {
      const next = loadContexts(options, shared)
      inner.setSecureContext(next.main)
      contexts = next
    },
  }
}

/**
 * Accepts connections, looks at the first byte, and gives what may be TLS to the TLS server, which
 * never listens itself. What comes out of the handshake is emitted as `secureConnection`.
 */
class SniffingServer extends NetServer {
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
    if (pending.size >= this.#options.maxPendingHandshakes) {
      socket.destroy()
      return
    }
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
}

/** Node has no public way from a TLS stream to its socket; this name is as old as TLSSocket. */
function socketUnder(stream: TLSSocket): Socket {
  return (stream as TLSSocket & { readonly _parent: Socket })._parent
}
