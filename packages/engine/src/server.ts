import type { Handler } from '@tsws/http'
import { RequestParser } from '@tsws/parser'
import { createServer as createNetServer } from 'node:net'
import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Admission } from './admission.ts'
import { attach } from './attach.ts'
import { Connection } from './connection.ts'
import type { Writing } from './connection.ts'
import { Core } from './core.ts'
import { Drain, resolveCloseOptions } from './drain.ts'
import type { CloseOptions, CloseSummary } from './drain.ts'
import { resolveOptions } from './options.ts'
import type { EngineOptions } from './options.ts'
import type { Reading } from './intake.ts'
import { inject } from './inject.ts'
import type { InjectInput, InjectResult } from './inject.ts'

/**
 * Connections that the kernel has accepted and we have not yet, where `listen` is told nothing else: as many as Linux allows
 * unless it is set otherwise (`somaxconn`). With Node's 511 the rest of a burst has to knock again, a second later and more,
 * and some give up.
 */
export const BACKLOG = 4096

/** Where connections come from: a TCP server, or a TLS one from @tsws/tls. */
export interface Listener {
  readonly server: NetServer
  /** The event that brings a stream ready to be read. */
  readonly event: 'connection' | 'secureConnection'
  readonly encrypted: boolean
}

export type ListenOptions =
  | { port: number; host?: string; backlog?: number; reusePort?: boolean; ipv6Only?: boolean }
  | { path: string; backlog?: number }

export type ListenAddress = { host: string; port: number } | { path: string }

/** What an onlooker sees of a connection. */
export interface ConnectionView {
  id: number
  remoteAddress: string | null
  encrypted: boolean
  reading: Reading
  writing: Writing
  ageMs: number
  requests: number
  bytesRead: number
  bytesHeld: number
}

/** What a server has done so far, and does now. */
export interface ServerStats {
  /** Connections accepted so far, and those turned away for a limit. */
  opened: number
  refused: number
  /** Open now; of them, handed over to another protocol. */
  open: number
  upgraded: number
  /** Requests that are not answered to the last byte yet. */
  inFlight: number
  /** Bytes of all connections, heads and framing included; as Node's sockets count them. */
  bytesRead: number
  bytesWritten: number
}

/**
 * Makes a server that answers with `handler`. It listens to nothing yet: see `listen`, `addListener`,
 * `serve` and `inject`.
 *
 * @throws {TypeError} for an option that is unknown or out of range
 */
export function createServer(handler: Handler, options?: EngineOptions): HttpServer {
  if (typeof handler !== 'function')
    throw new TypeError(`createServer: the handler must be a function, got ${typeof handler}`)
  return new HttpServer(handler, options)
}

export class HttpServer {
  readonly #core: Core
  readonly #admission: Admission
  readonly #listeners = new Set<NetServer>()
  #state: 'ready' | 'draining' | 'closed' = 'ready'
  #drain: Drain | null = null
  #closing: Promise<CloseSummary> | null = null

  constructor(handler: Handler, options?: EngineOptions) {
    const resolved = resolveOptions(options)
    // A parser to no end: wrong limits are to be refused now and not at the first connection.
    void new RequestParser(resolved.limits)
    this.#admission = new Admission(resolved)
    this.#core = new Core(handler, resolved, (connection) => this.#admission.leave(connection))
  }

  /** `ready`, then `draining` from the call of `close`, then `closed`. */
  get state(): 'ready' | 'draining' | 'closed' {
    return this.#state
  }

  /** The open connections, as they are now, oldest first. */
  get connections(): ConnectionView[] {
    const now = this.#core.options.clock.now()
    return Array.from(this.#core.connections, (connection) => ({
      id: connection.id,
      remoteAddress: connection.remoteAddress,
      encrypted: connection.encrypted,
      reading: connection.intake.reading,
      writing: connection.writing,
      ageMs: now - connection.openedAt,
      requests: connection.requests,
      bytesRead: connection.intake.bytesRead,
      bytesHeld: connection.bytesHeld,
    })).toSorted((one, other) => one.id - other.id)
  }

  /** Counted while it runs at next to no cost; to be read now and then: it goes through the open connections. */
  get stats(): ServerStats {
    const { connections, handedOver, opened } = this.#core
    let { bytesRead, bytesWritten } = this.#core
    let inFlight = 0
    for (const connection of connections) {
      bytesRead += connection.bytesRead
      bytesWritten += connection.bytesWritten
      if (connection.writing === 'handler' || connection.writing === 'body') inFlight++
    }
    for (const stream of handedOver as Iterable<Partial<Socket>>) {
      bytesRead += stream.bytesRead ?? 0
      bytesWritten += stream.bytesWritten ?? 0
    }
    const open = connections.size + handedOver.size
    const { refused } = this.#admission
    return { opened, refused, open, upgraded: handedOver.size, inFlight, bytesRead, bytesWritten }
  }

  /**
   * Listens on a TCP port (0: any free one), a Unix socket or a Windows pipe; may be called for several.
   * @throws what the system says: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`
   */
  async listen(where: ListenOptions): Promise<ListenAddress> {
    this.#assertReady('listen')
    // A client that has sent its request may close its side and still read (RFC 9112 §9.6); small
    // answers must not wait for the client's ACK.
    const server = createNetServer({ allowHalfOpen: true, noDelay: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ ...where, backlog: where.backlog ?? BACKLOG }, () => {
        server.off('error', reject)
        resolve()
      })
    })
    if (this.#state !== 'ready') server.close() // closed in the meantime
    this.addListener({ server, event: 'connection', encrypted: false })
    const address = server.address() as AddressInfo | string
    return typeof address === 'string' ? { path: address } : { host: address.address, port: address.port }
  }

  /** Serves what another listener accepts. It is closed with this server. */
  addListener({ server, event, encrypted }: Listener): void {
    this.#assertReady('addListener')
    this.#listeners.add(server)
    server.on(event, (stream: Duplex) => this.#accept(stream, encrypted))
    // Running out of file descriptors fails an accept, not the server. It may do so by the thousand: said once.
    const said = new Set<string>()
    server.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? error.name
      if (said.has(code)) return
      said.add(code)
      process.emitWarning(`the listener failed: ${error.message}`, { code: 'TSWS_LISTENER' })
    })
  }

  /** Serves one stream as a connection: a socket from elsewhere, a pipe, memory. */
  serve(stream: Duplex, { encrypted = false }: { encrypted?: boolean } = {}): void {
    this.#accept(stream, encrypted)
  }

  /**
   * Sends bytes through the same path as a real connection, without a port, and resolves with all
   * that came back when the server has closed its side. Pieces arrive one by one.
   */
  inject(input: InjectInput): Promise<InjectResult> {
    return inject((stream) => this.serve(stream), input)
  }

  /**
   * Ends the server: listeners close, answers say `Connection: close` and end their connections, and
   * one that stays silent for `idleGrace` is ended; what is left when `grace` is over is cut. Called again, it
   * shortens these times, from now on, and never lengthens them; `Infinity` waits for as long as it takes.
   *
   * @throws {TypeError} for a time that is no number of milliseconds
   */
  close(options: CloseOptions = {}): Promise<CloseSummary> {
    const times = resolveCloseOptions(options)
    this.#drain?.shorten(times)
    return (this.#closing ??= this.#close(times))
  }

  /** Cuts every connection now. */
  destroy(): void {
    for (const listener of this.#listeners) listener.close()
    for (const connection of this.#core.connections) connection.destroy()
    for (const stream of this.#core.handedOver) stream.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #assertReady(method: string): void {
    if (this.#state !== 'ready') throw new Error(`${method}: the server is ${this.#state}`)
  }

  #accept(stream: Duplex, encrypted: boolean): void {
    const core = this.#core
    if (stream.destroyed) return // it closed on its way here, and will not say so again
    const open = core.connections.size + core.handedOver.size
    // One that was accepted before the listener closed is served while others still are.
    const refusal = this.#state === 'closed' ? 'closed' : this.#admission.admit(stream, open)
    if (refusal !== null) return this.#admission.refuse(stream, refusal)
    core.startClock()
    const connection = new Connection(core, stream, encrypted)
    core.add(connection)
    attach(stream, connection, core.options.directSockets)
  }

  async #close(times: Required<CloseOptions>): Promise<CloseSummary> {
    this.#state = 'draining'
    for (const listener of this.#listeners) listener.close()
    this.#drain = new Drain(this.#core, times, () => this.destroy())
    const summary = await this.#drain.done
    for (const stream of this.#core.handedOver) stream.destroy()
    this.#state = 'closed'
    return summary
  }
}
