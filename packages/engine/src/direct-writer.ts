import { Socket } from 'node:net'
import type { Handle, OpenSocket, PendingWrite } from './node-socket.ts'

/** Bytes: what Node's streams take before they ask to wait. */
export const MAX_PENDING = 64 * 1024

/**
 * Writes to the handle of a socket, one write at a time: while one is on its way, and while the stream has
 * something to write, what comes is the stream's, which gathers it and waits.
 *
 * A TLS handle has every write on its way until the turn ends, and ends the process at a second one. So
 * under TLS nobody is told of the end of a write unless somebody waits for it; and what writes to the stream
 * (we, or whom it was handed over to) is held back until the handle is free.
 */
export class DirectWriter {
  readonly #socket: OpenSocket
  readonly #encrypted: boolean
  /** The write that was last on its way. */
  #write: PendingWrite | null = null
  #length = 0
  #next: (() => void) | null = null

  constructor(socket: OpenSocket) {
    this.#socket = socket
    this.#encrypted = socket._handle?._parent !== undefined
    if (this.#encrypted) Object.assign(socket, { [WRITER]: this, ...held })
  }

  /** Bytes that the kernel has not taken yet. */
  get unsent(): number {
    return this.#write !== null && this.#write.writeStatus === null ? this.#length : 0
  }

  /** To be called when nothing is unsent, here and in the stream. */
  write(data: string | Uint8Array): void {
    const handle = this.#freeHandle()
    if (handle === null) return
    const result =
      typeof data === 'string' ? handle.writeLatin1String(null, data) : handle.writeBuffer(null, data)
    if (result !== 0) this.#await(result, data, data.length)
  }

  /** Text (one byte a character) and bytes in one write, neither copied beside the other. As `write`. */
  writeBoth(text: string, bytes: Uint8Array): void {
    const handle = this.#freeHandle()
    if (handle === null) return
    const result = handle.writev(null, [text, 'latin1', bytes, 'buffer'], false)
    if (result !== 0) this.#await(result, bytes, text.length + bytes.length)
  }

  /** Null when the socket is gone, and `close` will say so. */
  #freeHandle(): Handle | null {
    const handle = this.#socket._handle
    if (handle === null) return null
    if (this.#write !== null && (this.#write.writeStatus ?? 0) < 0) {
      this.#socket.destroy()
      return null
    }
    this.#write = null
    return handle
  }

  #await(result: number | PendingWrite, data: string | Uint8Array, length: number): void {
    if (typeof result === 'number' || result.error !== undefined) return void this.#socket.destroy()
    result.buffer = data
    this.#write = result
    this.#length = Math.max(1, length) // a write of nothing is on its way as well
    if (!this.#encrypted || length >= MAX_PENDING) this.#listen()
  }

  /** Calls back once the handle is free. */
  whenFree(callback: () => void): void {
    if (this.unsent === 0) return callback()
    this.#next = callback
    this.#listen()
  }

  #listen(): void {
    const write = this.#write
    if (write === null || write.oncomplete !== null) return
    write.oncomplete = (status) => {
      this.#write = null
      this.#completed(status)
    }
    if (write.writeStatus !== null) write.oncomplete(write.writeStatus)
  }

  #completed(status: number): void {
    const socket = this.#socket
    if (status < 0 && !socket.destroyed) socket.destroy()
    const next = this.#next
    this.#next = null
    next?.()
    if (!socket.destroyed && !socket.writableNeedDrain) socket.emit('drain')
  }
}

const WRITER = Symbol('tsws.writer')

interface Held extends Socket {
  [WRITER]: DirectWriter
}

type Callback = (error?: Error | null) => void

/** What a stream does to its handle. */
export interface StreamWrites {
  _write(data: unknown, encoding: string, callback: Callback): void
  _writev(pieces: unknown[], callback: Callback): void
  _final(callback: Callback): void
}

const own = Socket.prototype as unknown as StreamWrites

/** The same, each when its turn has come. A stream asks for one at a time. */
const held: StreamWrites & ThisType<Held> = {
  _write(data, encoding, callback) {
    whenFree(this, callback, () => own._write.call(this, data, encoding, callback))
  },
  _writev(pieces, callback) {
    whenFree(this, callback, () => own._writev.call(this, pieces, callback))
  },
  _final(callback) {
    whenFree(this, callback, () => own._final.call(this, callback))
  },
}

function whenFree(socket: Held, callback: Callback, go: () => void): void {
  socket[WRITER].whenFree(() => {
    if (socket.destroyed) callback(new Error('the socket is closed'))
    else go()
  })
}
