import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { EventLoopUtilization } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { MessagePort } from 'node:worker_threads'
import { encodeThrown } from './error-transport.ts'
import { remadeSocket } from './remade-socket.ts'
import type {
  FromMember,
  ListenAt,
  MemberStart,
  MemberStats,
  StartThread,
  ThreadServer,
  ToMember,
} from './server-protocol.ts'

/** What differs between a thread and a process: how it talks to the pool and how connections are counted. */
export interface Link {
  send(message: FromMember): void
  /** A connection that this thread accepted itself. */
  opened(): void
  closed(): void
  beat(): void
}

/** Time (ms) a thread that stops listening looks for a turn without a new connection; under full load there is none. */
const LONGEST_LAST_ACCEPTS = 100

/** Runs in each thread or process of a server pool: loads the module and does what the pool says. */
export class ServerRuntime {
  readonly #start: MemberStart
  readonly #link: Link
  readonly #servers: Server[] = []
  #open = 0
  #server: ThreadServer | undefined
  #lastUtilisation: EventLoopUtilization | undefined
  #whenNoneOpen: (() => void) | undefined

  constructor(start: MemberStart, link: Link) {
    this.#start = start
    this.#link = link
    setInterval(() => link.beat(), start.heartbeatInterval)
  }

  async start(): Promise<void> {
    const { id, data, strategy, module } = this.#start
    try {
      const { startThread } = (await import(module)) as { startThread?: StartThread }
      if (typeof startThread !== 'function')
        throw new TypeError(`${module} exports no function 'startThread'`)
      const send = (value: unknown): void => this.#link.send({ kind: 'message', value })
      this.#server = await startThread({ id, data, strategy, send })
      if (typeof this.#server?.connection !== 'function') {
        throw new TypeError(`'startThread' of ${module} must answer an object with a function 'connection'`)
      }
      this.#link.send({ kind: 'ready' })
    } catch (thrown) {
      this.#link.send({ kind: 'failed', thrown: encodeThrown(thrown) })
    }
  }

  receive(message: ToMember, handle?: Socket): void {
    switch (message.kind) {
      case 'connection': {
        const socket = message.socket ? remadeSocket(message.socket) : handle
        // A process gets none when the client has gone before the hand-over.
        return socket ? this.#connection(socket, message.listener) : this.#link.closed()
      }
      case 'listen':
        return void this.#listen(message.at)
      case 'handListeners':
        return this.#handListeners(message.port)
      case 'takeListeners':
        message.port.once('message', (servers: Server[]) => {
          for (const [index, server] of servers.entries()) this.#own(server, index)
          message.port.close()
          this.#link.send({ kind: 'listening' })
        })
        return
      case 'stopListening':
        return this.#stopListening()
      case 'drain':
        return void this.#drain(message.grace)
      case 'stats':
        return void this.#tellStats(message.question)
      case 'message':
        return this.#server!.message?.(message.value)
    }
  }

  #connection(socket: Socket, listener: number): void {
    this.#open++
    // Whether half-open is allowed does not travel with a socket.
    socket.allowHalfOpen = this.#start.listeners[listener]?.allowHalfOpen ?? false
    // One client's reset must not take the thread down when its handler does not listen for errors.
    socket.on('error', ignore)
    socket.on('close', this.#closed)
    this.#server!.connection(socket, listener)
  }

  readonly #closed = (): void => {
    this.#open--
    this.#link.closed()
    if (this.#open === 0) this.#whenNoneOpen?.()
  }

  async #listen(at: readonly ListenAt[]): Promise<void> {
    try {
      for (const [index, where] of at.entries()) {
        const server = createServer(this.#start.listeners[index])
        await new Promise<void>((resolve, reject) => {
          server.once('error', reject)
          server.listen({ ...where, reusePort: true }, () => {
            server.off('error', reject)
            resolve()
          })
        })
        this.#own(server, index)
      }
      this.#link.send({ kind: 'listening' })
    } catch (thrown) {
      this.#link.send({ kind: 'listening', thrown: encodeThrown(thrown) })
    }
  }

  #own(server: Server, index: number): void {
    this.#servers.push(server)
    // Running out of file descriptors fails an accept, not the thread.
    server.on('error', () => undefined)
    server.on('connection', (socket) => {
      this.#link.opened()
      this.#connection(socket, index)
    })
  }

  /** The kernel's queue of the socket moves with it: no connection is lost. */
  #handListeners(port: MessagePort): void {
    const servers = this.#servers.splice(0)
    port.postMessage(servers, servers as unknown as ArrayBuffer[])
    port.close()
  }

  /**
   * What the kernel has queued on a closed socket is reset. So accept until a turn of the loop brings nothing more,
   * and close in that turn: what arrives in those microseconds is still lost (Node < 26.6, where listening sockets
   * cannot be handed on).
   */
  #stopListening(): void {
    const servers = this.#servers.splice(0)
    if (servers.length === 0) return
    const giveUpAt = performance.now() + LONGEST_LAST_ACCEPTS
    let accepted = 0
    for (const server of servers) server.on('connection', () => accepted++)
    const look = (): void => {
      const before = accepted
      setImmediate(() => {
        if (accepted !== before && performance.now() < giveUpAt) return look()
        for (const server of servers) server.close()
      })
    }
    setImmediate(look)
  }

  async #drain(grace: number): Promise<void> {
    this.#stopListening()
    const drained = async (): Promise<void> => {
      if (this.#server!.drain) await this.#server!.drain({ grace })
      else if (this.#open > 0) await new Promise<void>((resolve) => (this.#whenNoneOpen = resolve))
    }
    try {
      await drained()
    } finally {
      this.#link.send({ kind: 'drained' })
    }
  }

  async #tellStats(question: number): Promise<void> {
    let own: unknown
    try {
      own = await this.#server!.stats?.()
      this.#link.send({ kind: 'stats', question, stats: this.#stats(own) })
    } catch {
      // They failed, or cannot be cloned: the thread's own are still worth having.
      this.#link.send({ kind: 'stats', question, stats: this.#stats(undefined) })
    }
  }

  #stats(own: unknown): MemberStats {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#lastUtilisation)
    this.#lastUtilisation = now
    return {
      utilisation: utilization,
      heap: getHeapStatistics().used_heap_size,
      own,
    }
  }
}

function ignore(): void {}
