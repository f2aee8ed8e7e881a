import type { Duplex } from 'node:stream'

/**
 * Tells whether a client that is being sent to takes anything at all. Node tells of a write only
 * when all of it is with the kernel, which for a megabyte to a slow phone is minutes; the queue of
 * the handle below shrinks with every packet. Under TLS that is the socket's own handle; of streams
 * without one whole writes count.
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

interface Handle {
  readonly writeQueueSize?: number
  /** Of a TLS handle: the one that it writes to. Its own queue counts what is encrypted, not what is sent. */
  readonly _parent?: Handle
}

function queueOf(stream: Duplex): number {
  const { _handle } = stream as { _handle?: Handle | null }
  const socket = _handle?._parent ?? _handle
  return stream.writableLength * 2 ** 20 + (socket?.writeQueueSize ?? 0)
}
