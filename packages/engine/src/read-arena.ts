/** Bytes. Room for a good hundred heads; what is kept of one of them keeps no more than this alive. */
const ARENA_BYTES = 16 * 1024

/** Bytes. Larger reads, which are bodies, get memory of their own. */
const MAX_SHARED = 2 * 1024

let arena = Buffer.allocUnsafeSlow(ARENA_BYTES)
let used = 0
const views: Buffer[] = []

/** A copy of the first `length` bytes of a buffer into which the next read will go. */
export function keepBytes(buffer: Buffer, length: number): Buffer {
  if (length > MAX_SHARED) return copy(buffer, length)
  if (used + length > ARENA_BYTES) {
    arena = Buffer.allocUnsafeSlow(ARENA_BYTES)
    used = 0
  }
  const view = (views[length] ??= buffer.subarray(0, length))
  arena.set(view, used)
  return arena.subarray(used, (used += length))
}

function copy(buffer: Buffer, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length)
  bytes.set(buffer.subarray(0, length))
  return bytes
}
