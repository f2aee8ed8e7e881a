import type { OpenFile } from '@tsws/http'
import { isRange } from './multipart.ts'
import type { Piece } from './multipart.ts'

/**
 * Pieces of an opened file and bytes between them, one after the other. Closes the file at its end, on failure, and when
 * it is given up, be it before the first byte: a generator that never started would not.
 */
export class PiecewiseBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  readonly #file: OpenFile
  readonly #pieces: readonly Piece[]
  #index = 0
  /** Bytes of the current range already given out. */
  #offset = 0
  #closed = false

  constructor(file: OpenFile, pieces: readonly Piece[]) {
    this.#file = file
    this.#pieces = pieces
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const piece = this.#closed ? undefined : this.#pieces[this.#index]
    if (piece === undefined) return this.return()
    if (!isRange(piece)) {
      this.#index++
      return { done: false, value: piece }
    }
    try {
      const at = piece.start + this.#offset
      const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, piece.end - at))
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, at)
      // Never padded, never short without a sign: the answer's length is promised (RFC 9112 §8).
      if (bytesRead === 0) throw new Error('the file became shorter while it was being sent')
      this.#offset += bytesRead
      if (at + bytesRead === piece.end) {
        this.#index++
        this.#offset = 0
      }
      return { done: false, value: buffer.subarray(0, bytesRead) }
    } catch (error) {
      await this.return()
      throw error
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    if (!this.#closed) {
      this.#closed = true
      await this.#file.close()
    }
    return { done: true, value: undefined }
  }
}

/** Bytes read at once: large enough that reading costs little beside sending, small enough for many at a time. */
const READ_BYTES = 64 * 1024
