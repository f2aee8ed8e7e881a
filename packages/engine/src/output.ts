import type { Body } from '@tsws/http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Core } from './core.ts'
import type { Deadlines } from './deadlines.ts'
import { DirectWriter, MAX_PENDING } from './direct-writer.ts'
import { canWriteDirectly } from './node-socket.ts'
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
  /** Where the stream is written to below its stream layer. */
  readonly #direct: DirectWriter | null
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
    this.#direct = core.options.directSockets && canWriteDirectly(stream) ? new DirectWriter(stream) : null
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
    } else if (body instanceof Uint8Array) {
      if (body.length <= MAX_COPIED || !this.#writtenWithText(body)) this.bytes(body)
    } else return false
    return true
  }

  /** A large body right behind its head, where that is all there is to write: false, with nothing done, where not. */
  #writtenWithText(body: Uint8Array): boolean {
    const direct = this.#freeDirect()
    if (direct === null || this.#slab.holds(this)) return false
    direct.writeBoth(this.#text, body)
    this.#text = ''
    return true
  }

  /** Bytes that were written and are not with the kernel yet. */
  get unsent(): number {
    return (this.#direct?.unsent ?? 0) + this.#stream.writableLength
  }

  /** Everything written is with the kernel: closing the socket now takes nothing from the client. */
  get isWithKernel(): boolean {
    return this.#copies && this.unsent === 0
  }

  /** So many that more has to wait. */
  get isFull(): boolean {
    return this.#stream.writableNeedDrain || (this.#direct !== null && this.#direct.unsent >= MAX_PENDING)
  }

  /** Calls back when the stream is all the stream's again: below it nothing of ours is on its way. */
  whenFree(callback: () => void): void {
    if (this.#direct === null) callback()
    else this.#direct.whenFree(callback)
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

  /** At once, where nothing waits before it. */
  #write(data: string | Uint8Array): void {
    const direct = this.#freeDirect()
    if (direct !== null) direct.write(data)
    else if (typeof data === 'string') this.#stream.write(data, 'latin1')
    else this.#stream.write(data)
  }

  /** The way below the stream, when nothing waits in the stream or on that way. */
  #freeDirect(): DirectWriter | null {
    return !this.#corked && this.unsent === 0 ? this.#direct : null
  }
}
