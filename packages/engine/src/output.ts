import type { Body } from '@tsws/http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Core } from './core.ts'
import type { Deadlines } from './deadlines.ts'
import { canWriteDirectly } from './node-socket.ts'
import type { OpenSocket, PendingWrite } from './node-socket.ts'
import { ClientGoneError } from './errors.ts'
import type { BodySink } from './send-body.ts'
import type { Slab } from './slab.ts'
import { WriteProgress } from './write-progress.ts'

/**
 * Bytes: pieces up to this size are copied beside the head they follow, since one write of both
 * costs less than the two entries of a vector; larger ones are handed over as they are.
 */
const MAX_COPIED = 16 * 1024

/**
 * Characters: text beyond this goes to the stream before the turn ends, so that many large answers
 * in a row meet its back-pressure instead of growing one string.
 */
const MAX_TEXT = 64 * 1024

/** Bytes: what Node's streams take before they ask to wait. */
const MAX_PENDING = 64 * 1024

/**
 * What one connection has to say. The pieces of one turn are collected and leave in one write: the
 * answers to pipelined requests, a head and its body, a chunk and its frame.
 */
export class Output implements BodySink {
  readonly #stream: Duplex
  readonly #slab: Slab
  readonly #deadlines: Deadlines
  readonly #writeTimeout: number
  // A socket copies what it takes into the kernel. Another stream may pass our bytes on as they
  // are, so for it their room is never used again.
  readonly #copies: boolean
  /** The stream, where it is written to below its stream layer. */
  readonly #socket: OpenSocket | null
  /** Bytes written so that the kernel has not taken yet. */
  #pending = 0
  // Text (one byte a character) that follows whatever is in the slab.
  #text = ''
  #corked = false
  #drained: { resolve(): void; reject(error: unknown): void } | null = null
  #onGone: (() => void) | null = null
  #progress: WriteProgress | null = null

  constructor(stream: Duplex, deadlines: Deadlines, core: Core) {
    this.#stream = stream
    this.#slab = core.slab
    this.#deadlines = deadlines
    this.#writeTimeout = core.options.writeTimeout
    this.#copies = stream instanceof Socket
    this.#socket = core.options.directSockets && canWriteDirectly(stream) ? stream : null
  }

  text(text: string): void {
    this.#text += text
    if (this.#text.length > MAX_TEXT) this.#writeEarly()
  }

  bytes(bytes: Uint8Array): void {
    if (bytes.length <= MAX_COPIED && this.#slab.append(this, this.#text, bytes)) {
      this.#text = ''
      return
    }
    this.#writeEarly()
    this.#stream.write(bytes)
  }

  /** A body that is at hand. False, with nothing done, for one that takes time. */
  whole(body: Body, length: number): boolean {
    if (length === 0) return true
    if (typeof body === 'string') {
      if (length === body.length) this.text(body)
      else this.bytes(Buffer.from(body))
    } else if (body instanceof Uint8Array) this.bytes(body)
    else return false
    return true
  }

  /** Bytes that were written and are not with the kernel yet. */
  get unsent(): number {
    return this.#pending + this.#stream.writableLength
  }

  /** Everything written is with the kernel: closing the socket now takes nothing from the client. */
  get isWithKernel(): boolean {
    return this.#copies && this.unsent === 0
  }

  /** So many that more has to wait. */
  get isFull(): boolean {
    return this.#pending >= MAX_PENDING || this.#stream.writableNeedDrain
  }

  flush(): boolean {
    this.#writeCollected()
    if (this.#corked) {
      this.#corked = false
      this.#stream.uncork()
    }
    return !this.isFull
  }

  drained(): Promise<void> {
    if (this.#stream.destroyed) return Promise.reject(new ClientGoneError())
    this.expectProgress()
    return new Promise((resolve, reject) => {
      this.#drained = { resolve, reject }
    })
  }

  deliver(bytes: Uint8Array): Promise<void> {
    this.flush()
    this.expectProgress()
    return new Promise((resolve, reject) => {
      // What another stream passes on as it is would change when the next block is read.
      this.#stream.write(this.#copies ? bytes : Buffer.from(bytes), (error) => {
        if (error) return reject(new ClientGoneError())
        this.#deadlines.disarmWrite()
        resolve()
      })
    })
  }

  onGone(callback: (() => void) | null): void {
    this.#onGone = callback
  }

  /** The client has to take something within the write timeout. */
  expectProgress(): void {
    this.#progress ??= new WriteProgress()
    this.#progress.moved(this.#stream)
    this.#deadlines.armWrite('write', this.#writeTimeout)
  }

  /** A source that has yielded all it declared has as long to end as a client has to take something. */
  expectEnd(): void {
    this.#deadlines.armWrite('end of body', this.#writeTimeout)
  }

  /** Whether the client took something since it was last expected to. */
  hasProgressed(): boolean {
    return this.#progress?.moved(this.#stream) ?? false
  }

  /** The stream takes more. */
  wake(): void {
    const drained = this.#drained
    this.#drained = null
    drained?.resolve()
  }

  /** The stream is gone: whoever waits for it is told. */
  abandon(): void {
    const drained = this.#drained
    this.#drained = null
    drained?.reject(new ClientGoneError())
    const onGone = this.#onGone
    this.#onGone = null
    onGone?.()
  }

  /** What is collected leaves now, and yet in one write with what follows it in this turn. */
  #writeEarly(): void {
    if (!this.#corked) {
      this.#corked = true
      this.#stream.cork()
    }
    this.#writeCollected()
  }

  #writeCollected(): void {
    if (this.#slab.holds(this)) {
      const bytes = this.#slab.take(this.#text)
      this.#text = ''
      this.#write(bytes)
      // Nothing is queued: the kernel has a copy already, and the room serves again.
      if (this.#copies && this.unsent === 0) this.#slab.reuse(bytes)
    } else if (this.#text !== '') {
      const text = this.#text
      this.#text = ''
      this.#write(text)
    }
  }

  /** At once, where the kernel takes it and nothing waits before it. */
  #write(data: string | Uint8Array): void {
    const stream = this.#stream
    if (this.#socket === null || this.#corked || stream.writableLength > 0) {
      if (typeof data === 'string') stream.write(data, 'latin1')
      else stream.write(data)
      return
    }
    const handle = this.#socket._handle
    if (handle === null) return // it is gone, and `close` will say so
    const result =
      typeof data === 'string' ? handle.writeLatin1String(null, data) : handle.writeBuffer(null, data)
    if (result === 0) return
    if (typeof result === 'number') stream.destroy()
    else this.#awaitWrite(result, data)
  }

  #awaitWrite(write: PendingWrite, data: string | Uint8Array): void {
    const { length } = data
    this.#pending += length
    write.buffer = data
    write.oncomplete = (status) => {
      this.#pending -= length
      const stream = this.#stream
      if (stream.destroyed) return
      if (status < 0) stream.destroy()
      else if (this.#pending === 0) stream.emit('drain')
    }
    if (write.writeStatus !== null) write.oncomplete(write.writeStatus)
  }
}
