/** Bytes. Room for dozens of small heads; a request that waits for long keeps no more than this alive. */
const ARENA_BYTES = 4 * 1024

/** Bytes. Larger reads, which are bodies, get memory of their own. */
const MAX_SHARED = 1024

let arena = Buffer.allocUnsafeSlow(ARENA_BYTES)
let used = 0
// Views on the beginning of the buffer that is read into, by length: making one costs more than the copy.
const views: Buffer[] = []
let viewed: Buffer | null = null

/**
 * A copy of the first `length` bytes of a buffer into which the next read will go: of a new request, which is
 * read at once. It shares its memory with others.
 */
export function keepBytes(buffer: Buffer, length: number): Buffer {
  if (length > MAX_SHARED) return keepAlone(buffer, length)
  if (used + length > ARENA_BYTES) {
    arena = Buffer.allocUnsafeSlow(ARENA_BYTES)
    used = 0
  }
  if (viewed !== buffer) {
    viewed = buffer
    views.length = 0
  }
  const view = (views[length] ??= buffer.subarray(0, length))
  arena.set(view, used)
  return arena.subarray(used, (used += length))
}

/** The same in memory of its own: of bytes that may be kept, by the packet and for long, it holds just what it has. */
export function keepAlone(buffer: Buffer, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length)
  bytes.set(buffer.subarray(0, length))
  return bytes
}
