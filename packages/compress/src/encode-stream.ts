import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import type { BodySource } from './body-source.ts'
import type { Coding } from './coding.ts'
import type { Gate } from './gate.ts'
import { brotliOptions, flushKind, gzipOptions, STREAM_WINDOW_BITS, zstdOptions } from './levels.ts'

export interface StreamOptions {
  level: number
  /** Bytes of the whole body, or −1 where not known. */
  size: number
  /** Whether the client shall see what there is whenever the source pauses. */
  flush: boolean
  /** Shared by the streams of a server: so many compress at a time, whole pieces each. */
  gate?: Gate
  /** Called with each coded piece, in order. */
  onPiece?: (piece: Uint8Array) => void
  /** Called when the last piece was given out, before the source is closed; not when it failed or was given up. */
  onEnd?: () => void
  /** Called once, when the compressor's memory is free again. */
  onClose?: () => void
}

/**
 * A body compressed while it is read. Back-pressure works both ways: the source is asked for more only when the
 * compressor takes more, and that only when the client does.
 *
 * Written by hand, not as a generator: `return()` of a generator waits for the `await` it stands at, and a source of
 * events may keep it there for hours after the client has gone.
 */
export class EncodedStream implements AsyncIterableIterator<Uint8Array, undefined, undefined> {
  readonly #source: BodySource
  readonly #coding: Coding
  readonly #options: StreamOptions
  #encoder: Transform | null = null
  /** The client waits for something to read. */
  #wake: (() => void) | null = null
  /** The source waits for the client to read. */
  #taken: (() => void) | null = null
  #failure: unknown = null
  #ended = false
  #closed = false
  /** Bytes written that the client may not be able to decode yet. */
  #heldBack = 0

  constructor(source: BodySource, coding: Coding, options: StreamOptions) {
    this.#source = source
    this.#coding = coding
    this.#options = options
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#encoder === null && !this.#closed) this.#start()
    for (;;) {
      if (this.#closed) return END
      const chunk = this.#encoder?.read() as Uint8Array | null
      if (chunk !== null) {
        this.#options.onPiece?.(chunk)
        this.#taken?.()
        this.#taken = null
        return { done: false, value: chunk }
      }
      if (this.#failure !== null) {
        const failure = this.#failure
        await this.#close()
        throw failure
      }
      if (this.#ended) {
        this.#options.onEnd?.()
        await this.#close()
        return END
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#close()
    return END
  }

  #start(): void {
    const encoder = createEncoder(this.#coding, this.#options)
    this.#encoder = encoder
    const wake = (): void => {
      this.#wake?.()
      this.#wake = null
    }
    encoder.on('readable', wake)
    encoder.on('end', () => {
      this.#ended = true
      wake()
    })
    encoder.on('error', (error) => {
      this.#failure ??= error
      wake()
    })
    encoder.on('close', wake)
    void this.#pump(encoder)
  }

  async #pump(encoder: Transform): Promise<void> {
    try {
      for (;;) {
        const piece = await this.#nextPiece(encoder)
        if (this.#closed) return
        if (piece === null) break
        for (let at = 0; at < piece.length; at += PIECE_BYTES) {
          await this.#write(encoder, piece.subarray(at, at + PIECE_BYTES))
          if (encoder.destroyed) return
        }
      }
      await this.#work(encoder, () => {
        encoder.end()
        return happened(encoder, 'finish')
      })
    } catch (error) {
      this.#failure ??= error ?? new Error('the body failed with nothing to say why')
      encoder.destroy()
    }
  }

  async #write(encoder: Transform, piece: Uint8Array): Promise<void> {
    while (encoder.readableLength > MAX_READY_BYTES && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#taken = resolve
      })
    }
    if (encoder.destroyed) return
    this.#heldBack += piece.length
    if (piece.length < MIN_GATED_BYTES) {
      if (!encoder.write(piece)) await happened(encoder, 'drain')
    } else {
      await this.#work(encoder, () => {
        encoder.write(piece)
        return happened(encoder, 'drain')
      })
    }
  }

  /** Keeps a thread busy for a while, when it is this stream's turn. */
  async #work(encoder: Transform, work: () => Promise<void>): Promise<void> {
    const { gate } = this.#options
    await gate?.enter()
    try {
      if (!encoder.destroyed) await work() // or its turn came too late
    } finally {
      gate?.leave()
    }
  }

  /** The next piece; should it take longer than a turn of the event loop, what there is goes to the client meanwhile. */
  async #nextPiece(encoder: Transform): Promise<Uint8Array | null> {
    if (!this.#options.flush) return this.#source.next()
    const flush = setImmediate(() => void this.#flush(encoder as zlib.Gzip))
    try {
      return await this.#source.next()
    } finally {
      clearImmediate(flush)
    }
  }

  /** Brotli and zstd put off most of their work until there is much of it, or until this: it needs a turn like any other. */
  async #flush(encoder: zlib.Gzip): Promise<void> {
    const flush = (): Promise<void> => {
      if (this.#heldBack === 0) return Promise.resolve()
      this.#heldBack = 0
      return new Promise((resolve) => {
        encoder.on('close', resolve)
        encoder.flush(flushKind(this.#coding), () => {
          encoder.off('close', resolve)
          resolve()
        })
      })
    }
    if (this.#closed) return
    if (this.#heldBack < MIN_GATED_BYTES) void flush()
    else await this.#work(encoder, flush)
  }

  async #close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#encoder?.destroy()
    this.#wake?.()
    this.#wake = null
    this.#taken?.()
    this.#taken = null
    this.#options.onClose?.()
    await this.#source.close().catch(() => {})
  }
}

const END = { done: true, value: undefined } as const

/** Bytes given to a compressor at a time: a millisecond or two of a thread, then it is another stream's turn. */
const PIECE_BYTES = 64 * 1024

/** Bytes. Less is done before a turn would come, and an event should not wait behind somebody's download. */
const MIN_GATED_BYTES = 16 * 1024

/** Coded bytes that may wait for the client before the source is read on. */
const MAX_READY_BYTES = 64 * 1024

/**
 * Bytes. The compressor itself must never wait for a client in the middle of a piece: it would keep its turn. What one
 * piece, or the end, can bring out at once is far below this.
 */
const READABLE_HIGH_WATER_MARK = 1024 * 1024

/** Bytes. Brotli that expects a mebibyte or more takes a table of 4 MiB instead of half a one, for 5 % less on the wire. */
const MAX_HINTED_BYTES = 1024 * 1024 - 1

function createEncoder(coding: Coding, { level, size }: StreamOptions): Transform {
  const more = { readableHighWaterMark: READABLE_HIGH_WATER_MARK, writableHighWaterMark: MIN_GATED_BYTES }
  if (coding === 'gzip') return zlib.createGzip({ ...gzipOptions(level, size), ...more })
  const { br, zstd } = STREAM_WINDOW_BITS
  if (coding === 'br') {
    const hint = Math.min(size, MAX_HINTED_BYTES)
    return zlib.createBrotliCompress({ ...brotliOptions(level, hint, br), ...more })
  }
  return zlib.createZstdCompress({ ...zstdOptions(level, size, zstd), ...more })
}

/** Resolves when it happened, or will not any more. */
function happened(encoder: Transform, event: 'drain' | 'finish'): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      encoder.off(event, done)
      encoder.off('close', done)
      resolve()
    }
    encoder.on(event, done)
    encoder.on('close', done) // destroyed: whoever waits must not wait for ever
  })
}
