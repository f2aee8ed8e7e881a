import net from 'node:net'
import tls from 'node:tls'
import { ResponseReader } from './response-reader.ts'
import type { ReadResponse } from './response-reader.ts'

/** Milliseconds a read may take before it fails: a test that hangs should say where. */
const READ_TIMEOUT = 5_000

export interface RawOptions {
  /** @default '127.0.0.1' */
  host?: string
  /** Speak TLS, with these options; the server's certificate is not checked. */
  tls?: tls.ConnectionOptions | true
  /** Methods of the requests in order: a response to HEAD has no body. */
  methods?: readonly string[]
  /** Milliseconds a read may take before it fails. @default 5000 */
  timeout?: number
}

/** Connects; resolves when bytes can be sent (with TLS, when its handshake is over). */
export async function connectRaw(port: number, options: RawOptions = {}): Promise<RawConnection> {
  const host = options.host ?? '127.0.0.1'
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket =
    options.tls === undefined
      ? net.connect({ host, port, allowHalfOpen: true, noDelay: true }, resolve)
      : tls.connect(
          {
            host,
            port,
            rejectUnauthorized: false,
            servername: 'localhost',
            ...(options.tls === true ? {} : options.tls),
          },
          resolve,
        )
  socket.once('error', reject)
  await promise
  socket.off('error', reject)
  return new RawConnection(socket, options.methods ?? [], options.timeout ?? READ_TIMEOUT)
}

/** Sends the bytes on a connection of its own and returns all the server sent until it closed. */
export async function sendRaw(
  port: number,
  bytes: string | Uint8Array,
  options?: RawOptions,
): Promise<Buffer> {
  const connection = await connectRaw(port, options)
  connection.write(bytes)
  return connection.readAll()
}

/** A client that sends exactly the bytes it is told to: text is latin1, one write each. */
export class RawConnection {
  readonly socket: net.Socket
  readonly #reader: ResponseReader
  readonly #timeout: number
  readonly #received: Buffer[] = []
  readonly #waiting = new Set<() => void>()
  #taken = 0
  #failure: unknown = null
  #state: 'open' | 'ended' | 'reset' = 'open'

  constructor(socket: net.Socket, methods: readonly string[], timeout: number) {
    this.socket = socket
    this.#reader = new ResponseReader(methods)
    this.#timeout = timeout
    socket.on('data', (bytes) => this.#receive(bytes as Buffer))
    socket.on('end', () => this.#close('ended'))
    socket.on('error', () => this.#close('reset'))
    socket.on('close', () => this.#close('reset'))
  }

  /** All bytes received so far. */
  get received(): Buffer {
    return Buffer.concat(this.#received)
  }

  /** `ended`: the server closed its side; `reset`: the connection was cut. */
  get state(): 'open' | 'ended' | 'reset' {
    return this.#state
  }

  get interim(): readonly ReadResponse[] {
    return this.#reader.interim
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(toBytes(bytes))
  }

  /** One write per byte, `gap` ms apart. */
  async drip(bytes: string | Uint8Array, gap = 0): Promise<void> {
    for (const byte of toBytes(bytes)) {
      if (this.#state === 'reset') return
      this.socket.write(Uint8Array.of(byte))
      await new Promise((resolve) => setTimeout(resolve, gap))
    }
  }

  /** Closes our side only (FIN): the server may still answer. */
  end(): void {
    this.socket.end()
  }

  /** Cuts the connection with RST where it is TCP, as a crashed client does. */
  reset(): void {
    if (this.socket instanceof tls.TLSSocket) this.socket.destroy()
    else this.socket.resetAndDestroy()
  }

  /**
   * The next final response.
   * @throws when it is malformed, when the connection closes before it, or after the timeout
   */
  async readResponse(): Promise<ReadResponse> {
    await this.#until(
      () => this.#reader.responses.length > this.#taken || this.#failure !== null || this.#state !== 'open',
      'a response',
    )
    const response = this.#reader.responses[this.#taken]
    if (response !== undefined) {
      this.#taken++
      return response
    }
    if (this.#failure !== null) throw this.#failure
    throw new Error(
      `the connection was closed (${this.#state}) before a response; received ${this.#quoted()}`,
    )
  }

  /** Waits until the server has closed, and returns every byte it sent. */
  async readAll(): Promise<Buffer> {
    await this.#until(() => this.#state !== 'open', 'the end of the connection')
    this.socket.destroy()
    return this.received
  }

  /** Resolves when the server has closed or cut the connection. */
  async closed(): Promise<'ended' | 'reset'> {
    await this.#until(() => this.#state !== 'open', 'the end of the connection')
    return this.#state as 'ended' | 'reset'
  }

  /** Resolves when at least so many bytes have come. */
  async receivedBytes(count: number): Promise<void> {
    let total = 0
    await this.#until(() => {
      total = this.#received.reduce((sum, piece) => sum + piece.length, 0)
      return total >= count || this.#state !== 'open'
    }, `${count} bytes`)
    if (total < count) throw new Error(`the connection was closed after ${total} of ${count} bytes`)
  }

  destroy(): void {
    this.socket.destroy()
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #receive(bytes: Buffer): void {
    this.#received.push(bytes)
    this.#attempt(() => this.#reader.push(bytes))
    this.#wake()
  }

  #close(state: 'ended' | 'reset'): void {
    if (this.#state === 'open') {
      this.#state = state
      this.#attempt(() => this.#reader.end())
    }
    this.#wake()
  }

  #attempt(read: () => void): void {
    if (this.#failure !== null) return
    try {
      read()
    } catch (error) {
      this.#failure = error
    }
  }

  #wake(): void {
    for (const check of this.#waiting) check()
  }

  async #until(isTrue: () => boolean, what: string): Promise<void> {
    if (isTrue()) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const check = (): void => {
      if (isTrue()) resolve()
    }
    const timer = setTimeout(() => {
      reject(new Error(`${what} did not come within ${this.#timeout} ms; received ${this.#quoted()}`))
    }, this.#timeout)
    this.#waiting.add(check)
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(check)
    }
  }

  #quoted(): string {
    return JSON.stringify(this.received.toString('latin1').slice(0, 400))
  }
}

function toBytes(bytes: string | Uint8Array): Uint8Array {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
}
