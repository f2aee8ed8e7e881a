import type { Duplex } from 'node:stream'

/**
 * Tells whether a client that is being sent to takes anything at all. Node tells of a write only
 * when all of it is with the kernel, which for a megabyte to a slow phone is minutes; the queue of
 * the handle below shrinks with every packet. Where that cannot be seen (TLS, other streams) whole
 * writes count.
 */
export class WriteProgress {
  #seen = -1

  /** True when something moved since the last look. */
  moved(stream: Duplex): boolean {
    const left = queueOf(stream)
    const moved = left !== this.#seen
    this.#seen = left
    return moved
  }
}

function queueOf(stream: Duplex): number {
  const { _handle } = stream as { _handle?: { writeQueueSize?: number } | null }
  return stream.writableLength * 2 ** 20 + (_handle?.writeQueueSize ?? 0)
}
