import { nextChunkKey } from './window.ts'

export const NOTHING = new Uint8Array(0)

/** The chunks that were pushed, read from front to back; nothing is copied, and a chunk that was read is let go. */
export class ByteQueue {
  /** The chunk being read, and where the next byte of it is. */
  chunk: Uint8Array = NOTHING
  position = 0
  /** Where in the stream the chunk begins. */
  offset = 0
  /** A name for the chunk: the same array pushed again is another chunk. */
  key = 0
  readonly #waiting: Uint8Array[] = []

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (this.position === this.chunk.length && this.#waiting.length === 0) this.#begin(bytes)
    else this.#waiting.push(bytes)
  }

  /** Makes sure that there is a byte to read. */
  hasByte(): boolean {
    if (this.position < this.chunk.length) return true
    this.#begin(this.#waiting.shift() ?? NOTHING)
    return this.chunk.length > 0
  }

  /** Takes the bytes up to `to` out, as a view. */
  take(from: number, to: number): Uint8Array {
    this.position = to
    return from === 0 && to === this.chunk.length ? this.chunk : this.chunk.subarray(from, to)
  }

  /** How many bytes are still to be read. */
  get length(): number {
    let length = this.chunk.length - this.position
    for (const chunk of this.#waiting) length += chunk.length
    return length
  }

  /** `held` and all that is still to be read, in one piece; a single piece is not copied. */
  rest(held: Uint8Array): Uint8Array {
    const pieces = [held, this.chunk.subarray(this.position), ...this.#waiting].filter(
      ({ length }) => length > 0,
    )
    if (pieces.length === 1) return pieces[0]!
    const joined = new Uint8Array(held.length + this.length)
    let at = 0
    for (const piece of pieces) {
      joined.set(piece, at)
      at += piece.length
    }
    return joined
  }

  #begin(bytes: Uint8Array): void {
    this.offset += this.chunk.length
    this.chunk = bytes
    this.key = nextChunkKey()
    this.position = 0
  }
}
