/** Bytes. One write of pipelined small answers fits; beyond that a turn writes more than once. */
const SLAB_BYTES = 64 * 1024

/**
 * Room in which the answers of one turn are put together, shared by all connections of a server:
 * each writes before the next one collects, so one region is open at a time.
 */
export class Slab {
  #buffer = Buffer.allocUnsafeSlow(SLAB_BYTES)
  #start = 0
  #end = 0
  #owner: object | null = null

  /** Whether `owner` has collected bytes here. */
  holds(owner: object): boolean {
    return this.#owner === owner
  }

  /**
   * Adds text and bytes to what `owner` collects. False when there is no room, or when another
   * owner is collecting (a handler that serves another connection from within).
   */
  append(owner: object, text: string, bytes: Uint8Array): boolean {
    if (this.#owner !== owner && this.#owner !== null) return false
    const size = text.length + bytes.length
    if (this.#end + size > SLAB_BYTES) {
      if (this.#owner === owner || size > SLAB_BYTES) return false
      this.#renew()
    }
    this.#owner = owner
    if (text !== '') this.#end += this.#buffer.write(text, this.#end, 'latin1')
    this.#buffer.set(bytes, this.#end)
    this.#end += bytes.length
    return true
  }

  /** Ends the region, with a last piece of text where it fits, and gives its bytes. */
  take(text: string): Buffer {
    let bytes: Buffer
    if (this.#end + text.length <= SLAB_BYTES) {
      if (text !== '') this.#end += this.#buffer.write(text, this.#end, 'latin1')
      bytes = this.#buffer.subarray(this.#start, this.#end)
    } else {
      bytes = Buffer.concat([this.#buffer.subarray(this.#start, this.#end), Buffer.from(text, 'latin1')])
    }
    this.#start = this.#end
    this.#owner = null
    return bytes
  }

  /** The bytes last taken are not needed any more: their room is free. */
  reuse(bytes: Buffer): void {
    if (bytes.buffer === this.#buffer.buffer && bytes.byteOffset + bytes.length === this.#end) {
      this.#start = this.#end = bytes.byteOffset
    }
  }

  // What is still on its way keeps the old buffer alive by itself.
  #renew(): void {
    this.#buffer = Buffer.allocUnsafeSlow(SLAB_BYTES)
    this.#start = this.#end = 0
  }
}
