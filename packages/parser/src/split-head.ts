import { COMPLETE, HeadScan, NEED_MORE } from './head-scan.ts'
import type { Progress } from './head-scan.ts'
import type { ResolvedParserOptions } from './options.ts'

/** Bytes copied before the scan has another look: what is copied beyond the end of the head is waste. */
const STEP_BYTES = 1024
/** Room to begin with; it doubles, so that all copying together is linear. */
const FIRST_ROOM = 1024
/** One byte for the NUL behind the last one, and the rest of a word that is read past it. */
const SPARE_BYTES = 8

/** A head (or trailer section) that comes in pieces: joined here, and scanned on from where the last piece ended. */
export class SplitHead {
  readonly scan: HeadScan
  readonly #scanOn: (scan: HeadScan, end: number) => Progress
  #length = 0
  #room = FIRST_ROOM

  constructor(
    options: ResolvedParserOptions,
    step: number,
    scanOn: (scan: HeadScan, end: number) => Progress,
  ) {
    this.scan = new HeadScan(new ArrayBuffer(FIRST_ROOM + SPARE_BYTES), options)
    this.scan.begin(0, step)
    this.#scanOn = scanOn
  }

  /** How many bytes are held. */
  get length(): number {
    return this.#length
  }

  /**
   * Takes bytes of `chunk` from `from` on until the head is complete or refused, or no byte is left. How many it
   * took is how much `length` has grown.
   */
  append(chunk: Uint8Array, from: number): Progress {
    let progress: Progress = NEED_MORE
    for (let at = from; progress === NEED_MORE && at < chunk.length;) {
      const to = Math.min(chunk.length, at + STEP_BYTES)
      this.#makeRoom(this.#length + to - at)
      this.scan.bytes.set(chunk.subarray(at, to), this.#length)
      this.#length += to - at
      at = to
      progress = this.#scanOn(this.scan, this.#length)
    }
    if (progress === COMPLETE) this.#length = this.scan.position
    return progress
  }

  /** The bytes held, for whoever takes over the connection. */
  bytes(): Uint8Array {
    return this.scan.bytes.subarray(0, this.#length)
  }

  #makeRoom(wanted: number): void {
    if (wanted <= this.#room) return
    this.#room = Math.max(wanted, this.#room * 2)
    const memory = new ArrayBuffer(((this.#room + 3) & ~3) + SPARE_BYTES)
    const bytes = new Uint8Array(memory)
    bytes.set(this.scan.bytes.subarray(0, this.#length))
    this.scan.bytes = bytes
    this.scan.view = new DataView(memory)
  }
}
