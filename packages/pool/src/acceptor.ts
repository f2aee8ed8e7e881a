import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { ServerListenOptions } from './server-options.ts'

/** Connections held while no thread is there to take them, as many as Node lets the kernel queue. More are refused. */
export const MOST_HELD = 511

/**
 * The listeners of the main thread, for the strategies that hand accepted sockets over. They stay open whatever
 * happens to the threads: while none is there, connections wait here unread.
 */
export class Acceptor {
  readonly #servers: Server[] = []
  /** Servers that listened before, by their number: others serve their connections until a thread does. */
  readonly #foreign = new Map<Server, number>()
  #tookOver = false
  readonly #held: { socket: Socket; listener: number }[] = []
  readonly #take: (socket: Socket, listener: number) => boolean
  /** Connections refused because too many were held. */
  refused = 0
  #closed = false

  /** @param take gives the socket to a thread; false when there is none */
  constructor(take: (socket: Socket, listener: number) => boolean) {
    this.#take = take
  }

  /** @throws what `listen` fails with, such as EADDRINUSE; what was opened by then is closed again */
  async listen(where: readonly ServerListenOptions[]): Promise<(AddressInfo | string)[]> {
    try {
      for (const [index, options] of where.entries()) this.#servers.push(await this.#open(options, index))
    } catch (error) {
      await this.close()
      throw error
    }
    return this.#servers.map((server) => server.address()!)
  }

  /** A thread serves: connections of servers that listened before come here from now on, and to nobody else. */
  takeOver(): void {
    if (this.#tookOver || this.#foreign.size === 0) return
    this.#tookOver = true
    for (const [server, index] of this.#foreign) {
      server.removeAllListeners('connection')
      server.on('connection', (socket) => this.#accepted(socket, index))
    }
  }

  get held(): number {
    return this.#held.length
  }

  /** A thread that ends returns a connection. */
  takeBack(socket: Socket, listener: number): void {
    if (this.#closed) socket.destroy()
    else this.#accepted(socket, listener)
  }

  /** A thread is there: gives it what was held. */
  release(): void {
    while (this.#held.length > 0) {
      const { socket, listener } = this.#held[0]!
      if (!socket.destroyed && !this.#take(socket, listener)) return
      this.#held.shift()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const closed = this.#servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve())
          // What others serve is for them to end.
          if (this.#foreign.has(server)) resolve()
        }),
    )
    for (const { socket } of this.#held.splice(0)) socket.destroy()
    await Promise.all(closed)
  }

  async #open(
    { server: listening, allowHalfOpen = false, noDelay = false, ...at }: ServerListenOptions,
    index: number,
  ): Promise<Server> {
    if (listening !== undefined) {
      this.#foreign.set(listening, index)
      return listening
    }
    // Paused: a socket that has begun to read cannot be moved.
    const server = createServer({ pauseOnConnect: true, allowHalfOpen, noDelay })
    server.on('connection', (socket) => this.#accepted(socket, index))
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(at, () => {
        server.off('error', reject)
        // Running out of file descriptors fails an accept, not the server.
        server.on('error', () => undefined)
        resolve(server)
      })
    })
  }

  #accepted(socket: Socket, listener: number): void {
    if (this.#held.length === 0 && this.#take(socket, listener)) return
    if (this.#held.length >= MOST_HELD) {
      this.refused++
      socket.destroy()
      return
    }
    socket.on('error', () => undefined) // a client that resets while it waits
    this.#held.push({ socket, listener })
  }
}

/**
 * Finds the addresses for listeners that each thread opens for itself: takes each alone for a moment, so that port 0
 * becomes a number, and a port that another program uses is found out (with `reusePort` both would get a share).
 */
export async function probeAddresses(where: readonly ServerListenOptions[]): Promise<AddressInfo[]> {
  const found: AddressInfo[] = []
  for (const options of where) {
    const acceptor = new Acceptor(() => false)
    const [address] = await acceptor.listen([options])
    await acceptor.close()
    found.push(address as AddressInfo)
  }
  return found
}
